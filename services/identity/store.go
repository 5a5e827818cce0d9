package identity

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity/realname"
)

// Store keeps accounts, sessions and pending sign-ins. What is personal in
// them it seals, and what they are found by it keeps as a keyed hash.
type Store interface {
	AccountStore
	ProofStore
	SessionStore
	PendingStore
}

// AccountStore keeps accounts and the sources' ids of their persons. Its Lock
// methods keep others from changing the account until the unit ends.
type AccountStore interface {
	// LockBySource gives the account that the source's id is linked to. It
	// fails with NotFound ACCOUNT_NOT_FOUND.
	LockBySource(ctx context.Context, u unit.Unit, source, externalSub string) (Account, error)

	// LockByIDNumber gives the checked account with the ID number. It fails
	// with NotFound ACCOUNT_NOT_FOUND.
	LockByIDNumber(ctx context.Context, u unit.Unit, number realname.IDNumber) (Account, error)

	// LockByCreditCode gives the enterprise's account with the credit code. It
	// fails with NotFound ACCOUNT_NOT_FOUND.
	LockByCreditCode(ctx context.Context, u unit.Unit, code realname.CreditCode) (Account, error)

	// LockAccount gives the account of the subject. It fails with NotFound
	// ACCOUNT_NOT_FOUND.
	LockAccount(ctx context.Context, u unit.Unit, subject ids.SubjectID) (Account, error)

	// CreateAccount stores a new account. It fails with Conflict
	// ACCOUNT_EXISTS when a is checked and its ID number has an account, or a is
	// an enterprise's and its credit code has one; the unit is lost then.
	CreateAccount(ctx context.Context, u unit.Unit, a Account, at time.Time) error

	// SaveAccount stores what changed of an account that the unit has locked.
	// It fails as CreateAccount does.
	SaveAccount(ctx context.Context, u unit.Unit, a Account, at time.Time) error

	// Link has the source's id mean l.To from now on. It fails with Conflict
	// ACCOUNT_EXISTS when it no longer means l.From, since another unit came
	// first; the unit is lost then.
	Link(ctx context.Context, u unit.Unit, l Link) error

	// CloseAccount empties the account, which the unit has locked, and forgets
	// its links, proofs and sessions, and those in which the person acted for
	// another. No Lock method gives it any more; Account gives it empty.
	CloseAccount(ctx context.Context, u unit.Unit, subject ids.SubjectID, at time.Time) error

	// Account gives the account of the subject. It fails with NotFound
	// ACCOUNT_NOT_FOUND.
	Account(ctx context.Context, subject ids.SubjectID) (Account, error)
}

// Link says whom a source's id means.
type Link struct {
	Source, ExternalSub string
	From, To            ids.SubjectID // From is empty for the first link
	At                  time.Time
}

// ProofStore keeps what sources have checked of accounts. A proof's value is
// sealed, and a number that its operator verified is kept as a keyed hash too.
type ProofStore interface {
	// SaveProof stores a proof of the subject in place of the one of the same
	// kind and source.
	SaveProof(ctx context.Context, u unit.Unit, subject ids.SubjectID, p Proof) error

	// LockProofs gives the subject's proofs as u sees them; the unit has locked
	// the account.
	LockProofs(ctx context.Context, u unit.Unit, subject ids.SubjectID) ([]Proof, error)

	// Proofs gives the subject's proofs, the newest first.
	Proofs(ctx context.Context, subject ids.SubjectID) ([]Proof, error)

	// TakePhoneTurns keeps others who take the same turns waiting until the unit
	// ends. They are those of the number in e and of the numbers that the accounts
	// which e means have; a number shares its turn with others. It is the first
	// that a unit locks, and once.
	TakePhoneTurns(ctx context.Context, u unit.Unit, e Evidence) error

	// PhoneHolder gives whose the number is by its operator's last word; "" where
	// none has said anything.
	PhoneHolder(ctx context.Context, u unit.Unit, phone string) (ids.SubjectID, error)

	// LockByPhone gives the accounts whose profile has the number, and keeps
	// others from changing them until the unit ends. It finds nobody for a
	// sign-in: a number may have been another's yesterday.
	LockByPhone(ctx context.Context, u unit.Unit, phone string) ([]Account, error)

	// DropPhoneProofs forgets that the number was ever anybody's but except's.
	DropPhoneProofs(ctx context.Context, u unit.Unit, phone string, except ids.SubjectID) error
}

// SessionStore keeps sessions. An ended one stays ended.
type SessionStore interface {
	// CreateSession stores a new session.
	CreateSession(ctx context.Context, u unit.Unit, s Session) error

	// ForgetBegun forgets the sessions that were created before the time and
	// never opened.
	ForgetBegun(ctx context.Context, u unit.Unit, before time.Time) error

	// OpenSession sets when the session was opened.
	OpenSession(ctx context.Context, u unit.Unit, id ids.SessionID, at time.Time) error

	// LockPerson locks the account of the person who began the session, for
	// itself or for another, until the unit ends. A session that is unknown has
	// none, which is no failure.
	LockPerson(ctx context.Context, u unit.Unit, id ids.SessionID) error

	// LockSession gives the session, ended or not, and keeps others from
	// changing it until the unit ends. It fails with NotFound SESSION_NOT_FOUND.
	LockSession(ctx context.Context, u unit.Unit, id ids.SessionID) (Session, error)

	// TouchSession sets when the session was last used.
	TouchSession(ctx context.Context, u unit.Unit, id ids.SessionID, at time.Time) error

	// EndSession ends the session unless it is ended.
	EndSession(ctx context.Context, u unit.Unit, id ids.SessionID, at time.Time) error

	// EndSessions ends all sessions of the actor that are not ended and gives
	// their ID and Subject: of a person that acts for itself also those in which
	// it acts for another.
	EndSessions(ctx context.Context, u unit.Unit, actor ids.Actor, at time.Time) ([]Session, error)

	// CountSessions says how many sessions the person ever opened, for itself or
	// for another, and how many of them by the device key.
	CountSessions(ctx context.Context, u unit.Unit, person ids.SubjectID, key string) (SessionCount, error)

	// EndSessionsOfKey ends the open sessions of exactly this actor that the
	// device key began, and gives their ID and Subject.
	EndSessionsOfKey(ctx context.Context, u unit.Unit, actor ids.Actor, key string, at time.Time) ([]Session, error)

	// Session gives the session, ended or not. It fails with NotFound
	// SESSION_NOT_FOUND.
	Session(ctx context.Context, id ids.SessionID) (Session, error)

	// Sessions gives up to limit open sessions of the actor, by subject and who
	// acts, that were last used after the time, the newest sign-in
	// first.
	Sessions(ctx context.Context, actor ids.Actor, usedAfter time.Time, limit int) ([]Session, error)

	// NameDevice keeps what the person calls the device of the key; nothing for
	// an empty name.
	NameDevice(ctx context.Context, u unit.Unit, person ids.SubjectID, key, name string) error

	// DeviceNames gives what the person calls its devices, by their keys.
	DeviceNames(ctx context.Context, person ids.SubjectID) (map[string]string, error)
}

// SessionCount is how many sessions a person ever opened.
type SessionCount struct{ All, ByKey int }

// PendingStore keeps those who are on the way to a source.
type PendingStore interface {
	// SavePending stores p and forgets those that lapsed before now.
	SavePending(ctx context.Context, u unit.Unit, p Pending, now time.Time) error

	// TakePending gives the pending sign-in of the state and removes it: of
	// any number of units exactly one gets it. It fails with NotFound
	// PENDING_NOT_FOUND. It does not look at ExpiresAt.
	TakePending(ctx context.Context, u unit.Unit, state string) (Pending, error)
}
