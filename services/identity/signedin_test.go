package identity_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/changes"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
	"github.com/tongban/tongban/services/identity/realname"
)

// demand: D01
func TestTwoSourcesOfOnePersonGiveOneAccount(t *testing.T) {
	w := identitytest.Open(t)
	first := w.SignIn(t, identitytest.Evidence())
	e := identitytest.Evidence()
	e.Source, e.ExternalSub, e.IDNumber = "provincial", "p-9", "11010519491231002x"
	second := w.SignIn(t, e)
	if first.Account.Subject != second.Account.Subject {
		t.Fatal("one person has two accounts")
	}
	if first.Session.ID == second.Session.ID {
		t.Fatal("two sign-ins share a session")
	}
	if other := w.SignIn(t, identitytest.Other()); other.Account.Subject == first.Account.Subject {
		t.Fatal("two persons share an account")
	}
}

// demand: D01
func TestWhoAProvinceKnewIsLiftedByTheNation(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.Evidence()
	e.Source, e.ExternalSub, e.Level, e.Name, e.CertKey, e.Places = "provincial", "p-9", identity.LevelChecked, "张某", "", []ids.AreaCode{"440000"}
	province := w.SignIn(t, e)
	nation := w.SignIn(t, identitytest.Evidence())
	if nation.Account.Subject != province.Account.Subject {
		t.Fatal("one person has two accounts")
	}
	a := nation.Account
	if a.Level != identity.LevelPresent || a.Profile.Name != "张示例" || a.CertKey != "hash-of-zhang" || !slices.Equal(a.Places, []ids.AreaCode{"410000", "310000", "440000"}) {
		t.Errorf("the nation's word was not followed: %+v", a)
	}
	if again := w.SignIn(t, e); again.Account.Profile.Name != "张示例" || again.Account.CertKey != "hash-of-zhang" || again.Account.Level != identity.LevelPresent ||
		again.Session.Level != identity.LevelChecked {
		t.Errorf("the province's word overwrote the nation's: %+v", again)
	}
}

func TestASubjectSaysNothingOfThePerson(t *testing.T) {
	w := identitytest.Open(t)
	in := w.SignIn(t, identitytest.Evidence())
	if s := string(in.Account.Subject); !strings.HasPrefix(s, "sub_") || strings.Contains(s, "1949") {
		t.Fatal("the subject is not a random id")
	}
}

func TestALowerLevelDoesNotOverwriteAHigherOne(t *testing.T) {
	w := identitytest.Open(t)
	high := identitytest.Evidence()
	high.Level = identity.LevelCertified
	subject := w.SignIn(t, high).Account.Subject
	low := identitytest.Evidence()
	low.Source, low.ExternalSub, low.Level, low.Name, low.Phone = "provincial", "p-1", identity.LevelChecked, "张某", "19911111111"
	low.Places = []ids.AreaCode{"330000", "310000"}
	in := w.SignIn(t, low)
	if in.Session.Level != identity.LevelChecked {
		t.Errorf("the session has level %d", in.Session.Level)
	}
	a, err := w.Account(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	if a.Level != identity.LevelCertified || a.Profile.Name != high.Name || a.Profile.Phone != high.Phone {
		t.Error("the lower level overwrote the higher one")
	}
	if !slices.Equal(a.Places, []ids.AreaCode{"410000", "310000", "330000"}) {
		t.Errorf("places %v", a.Places)
	}
}

func TestNewerEvidenceOfTheSameLevelIsFollowed(t *testing.T) {
	w := identitytest.Open(t)
	subject := w.SignIn(t, identitytest.Evidence()).Account.Subject
	e := identitytest.Evidence()
	e.Phone, e.Places = "199 2222-2222", []ids.AreaCode{"330000", "410000", "330000"}
	a := w.SignIn(t, e).Account
	if a.Profile.Phone != "19922222222" || !slices.Equal(a.Places, []ids.AreaCode{"330000", "410000", "310000"}) {
		t.Errorf("places %v, or the phone is not the new one", a.Places)
	}
	if !w.Changes.Has(changes.Changed, changes.Subject(subject)) {
		t.Error("nobody is told that the account changed")
	}
	e.Phone = ""
	if a = w.SignIn(t, e).Account; a.Profile.Phone != "19922222222" {
		t.Error("evidence that is silent forgot the phone")
	}
}

func TestStatingANumberDoesNotOpenItsAccount(t *testing.T) {
	w := identitytest.Open(t)
	victim := w.SignIn(t, identitytest.Evidence()).Account.Subject
	e := identitytest.Evidence()
	e.Source, e.ExternalSub, e.Level = "provincial", "p-thief", identity.LevelStated
	if thief := w.SignIn(t, e).Account; thief.Subject == victim || thief.Level != identity.LevelStated {
		t.Fatal("stating somebody's number opened the account")
	}
}

func TestAStatedAccountDoesNotCatchThePersonWhoProves(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.Evidence()
	e.Source, e.ExternalSub, e.Level = "provincial", "p-thief", identity.LevelStated
	thief := w.SignIn(t, e).Account.Subject
	owner := w.SignIn(t, identitytest.Evidence()).Account.Subject
	if owner == thief {
		t.Fatal("who proved a number got the account of who stated it")
	}
	if again := w.SignIn(t, e).Account.Subject; again != thief {
		t.Fatal("who stated a number got the account of who proved it")
	}
}

func TestProvingWhatOneStatedKeepsTheAccount(t *testing.T) {
	w := identitytest.Open(t)
	e := identitytest.Evidence()
	e.Level = identity.LevelStated
	stated := w.SignIn(t, e).Account.Subject
	e.Level = identity.LevelChecked
	if proved := w.SignIn(t, e).Account; proved.Subject != stated || proved.Level != identity.LevelChecked {
		t.Fatal("proving made another account")
	}
	other := identitytest.Evidence()
	other.Source = "provincial"
	if found := w.SignIn(t, other).Account.Subject; found != stated {
		t.Fatal("the proved account is not found by its number")
	}
}

func TestProvingToBeAKnownPersonLeavesTheStatedAccount(t *testing.T) {
	w := identitytest.Open(t)
	owner := w.SignIn(t, identitytest.Evidence()).Account.Subject
	e := identitytest.Evidence()
	e.Source, e.ExternalSub, e.Level = "provincial", "p-1", identity.LevelStated
	stated := w.SignIn(t, e)
	e.Level, e.Places = identity.LevelPresent, []ids.AreaCode{"500000"}
	if proved := w.SignIn(t, e).Account.Subject; proved != owner {
		t.Fatal("the proved person is not its account")
	}
	if _, err := w.Session(t.Context(), stated.Session.ID); fault.CodeOf(err) != "SESSION_ENDED" {
		t.Errorf("the left account's session: %v", err)
	}
	if !w.Changes.Has(changes.Revoked, changes.Session(stated.Session.ID)) || !w.Changes.Has(changes.Changed, changes.Subject(owner)) {
		t.Error("the change log does not say what happened")
	}
}

func TestASourceCannotTurnItsIDIntoSomebodyElse(t *testing.T) {
	w := identitytest.Open(t)
	w.SignIn(t, identitytest.Evidence())
	e := identitytest.Other()
	e.ExternalSub = identitytest.Evidence().ExternalSub
	if _, err := w.SignedIn(t.Context(), e, identitytest.Phone); fault.CodeOf(err) != "IDENTITY_CONTRADICTED" || !fault.Is(err, fault.Forbidden) {
		t.Fatalf("got %v", err)
	}
}

// demand: D28
func TestEvidenceThatDoesNotHoldIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*identity.Evidence)
		part   string
	}{
		"no source":         {func(e *identity.Evidence) { e.Source = "" }, "source"},
		"nobody":            {func(e *identity.Evidence) { e.ExternalSub = "" }, "source"},
		"no name":           {func(e *identity.Evidence) { e.Name = " " }, "name"},
		"wrong check digit": {func(e *identity.Evidence) { e.IDNumber = "110105194912310021" }, "id_number"},
		"no ID number":      {func(e *identity.Evidence) { e.IDNumber = "" }, "id_number"},
		"level 1":           {func(e *identity.Evidence) { e.Level = 1 }, "level"},
		"level 6":           {func(e *identity.Evidence) { e.Level = 6 }, "level"},
		"a phone of words":  {func(e *identity.Evidence) { e.Phone = "none" }, "phone"},
		"a place of words":  {func(e *identity.Evidence) { e.Places = []ids.AreaCode{"Henan"} }, "places"},
	} {
		t.Run(name, func(t *testing.T) {
			w := identitytest.Open(t)
			e := identitytest.Evidence()
			c.change(&e)
			_, err := w.SignedIn(t.Context(), e, identitytest.Phone)
			if fault.CodeOf(err) != "EVIDENCE_INVALID" || !strings.Contains(detail(err), c.part) {
				t.Fatalf("got %v", err)
			}
			if e.IDNumber != "" && strings.Contains(err.Error(), e.IDNumber) {
				t.Fatal("the error has the ID number")
			}
			if len(w.Outbox.Events()) != 0 {
				t.Fatal("a refused sign-in was told")
			}
		})
	}
}

func TestASignInIsTold(t *testing.T) {
	w := identitytest.Open(t)
	in := w.SignIn(t, identitytest.Evidence())
	want := identity.SessionStarted{Subject: in.Account.Subject, Session: in.Session.ID}
	if events := w.Outbox.Events(); len(events) != 1 || events[0] != want {
		t.Fatalf("events %v", events)
	}
}

// late is a store in which another sign-in of the person commits between this
// one's look and its write, a number of times.
type late struct {
	identity.Store
	times int
}

func (l *late) LockByIDNumber(ctx context.Context, u unit.Unit, number realname.IDNumber) (identity.Account, error) {
	if l.times > 0 {
		l.times--
		return identity.Account{}, fault.New("late", fault.NotFound, "ACCOUNT_NOT_FOUND")
	}
	return l.Store.LockByIDNumber(ctx, u, number)
}

func TestASignInThatAnotherOneOvertookFindsItsAccount(t *testing.T) {
	for times, code := range map[int]string{1: "", 2: "", 3: "ACCOUNT_EXISTS"} {
		w := identitytest.Open(t)
		first := w.SignIn(t, identitytest.Evidence()).Account.Subject
		e := identitytest.Evidence()
		e.Source = "provincial"
		second := w.With(t, func(s identity.Store) identity.Store { return &late{s, times} })
		in, err := second.SignedIn(t.Context(), e, identitytest.Phone)
		if code != "" {
			if fault.CodeOf(err) != code || !fault.Is(err, fault.Conflict) {
				t.Errorf("overtaken %d times: %v", times, err)
			}
			continue
		}
		if err != nil || in.Account.Subject != first {
			t.Errorf("overtaken %d times: another account, or %v", times, err)
		}
	}
}
