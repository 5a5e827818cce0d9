package identitytest

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/realname"
)

// RunStore checks that a store keeps the promises of identity.Store. open gives
// a fresh one each time, and what opens units for it.
func RunStore(t *testing.T, open func(t *testing.T) (identity.Store, unit.Runner)) {
	for name, f := range map[string]func(*testing.T, identity.Store, unit.Runner){
		"AnAccountComesBackAsItWasStored":     accountComesBack,
		"ACheckedNumberHasOneAccount":         oneAccount,
		"AStatedNumberIsNotFoundByIt":         statedIsNotFound,
		"AClosedAccountIsFoundByNothing":      closedIsGone,
		"AProofTakesTheFormersPlace":          proofsKept,
		"APhoneIsKnownForItsHolders":          phoneHeld,
		"ARecycledPhoneLeavesItsFormerHolder": parallelRecycled,
		"SwappedPhonesWaitNowhereCrosswise":   parallelSwap,
		"ALinkMovesOnlyFromWhomItMeant":       linkMoves,
		"ASessionComesBackAndEndsOnce":        sessionEnds,
		"SessionsAreThePersonsLivingNewest":   sessionsListed,
		"AKeysSessionsEndForOneActor":         keysSessionsEnd,
		"ABegunSessionIsNoSignIn":             begunSessions,
		"ADevicesNameIsItsPersons":            devicesNamed,
		"ANameBesideAClosingAccountIsGone":    nameBesideClose,
		"AnEnterpriseIsKnownByItsCode":        enterpriseComesBack,
		"AnAgentsSessionsAreItsOwn":           actingSessions,
		"APendingSignInIsTakenOnce":           pendingTakenOnce,
		"LapsedPendingSignInsAreForgotten":    pendingForgotten,
		"ParallelFirstSignInsGiveOneAccount":  parallelFirst,
		"ParallelSignInsLoseNoPlace":          parallelPlaces,
		"AUseOfASessionSeesItsEnd":            refreshSeesEnd,
		"AKeysParallelSignInsLeaveOne":        parallelKey,
		"AnEndOfAllWaitsForNoOpening":         endBesideOpening,
	} {
		t.Run(name, func(t *testing.T) {
			store, units := open(t)
			f(t, store, units)
		})
	}
}

func devicesNamed(t *testing.T, store identity.Store, units unit.Runner) {
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		return store.CreateAccount(ctx, u, account("sub_1", 3), Start)
	})
	name := func(person ids.SubjectID, key, name string) {
		t.Helper()
		do(t, units, func(ctx context.Context, u unit.Unit) error { return store.NameDevice(ctx, u, person, key, name) })
	}
	called := func(person ids.SubjectID, want map[string]string) {
		t.Helper()
		if got, err := store.DeviceNames(t.Context(), person); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s calls them %v, %v", person, got, err)
		}
	}
	name("sub_1", "k1", "客厅的平板")
	name("sub_1", "k2", "旧手机")
	name("sub_2", "k1", "公用的")
	name("sub_1", "k1", "妈妈的平板")
	called("sub_1", map[string]string{"k1": "妈妈的平板", "k2": "旧手机"})
	name("sub_1", "k2", "")
	name("sub_1", "k3", "")
	called("sub_1", map[string]string{"k1": "妈妈的平板"})
	do(t, units, func(ctx context.Context, u unit.Unit) error { return store.CloseAccount(ctx, u, "sub_1", Start) })
	called("sub_1", nil)
	called("sub_2", map[string]string{"k1": "公用的"})
}

func account(subject ids.SubjectID, level int) identity.Account {
	e := Evidence()
	return identity.Account{
		Subject: subject, Kind: identity.Person, Level: level, Places: e.Places, CertKey: e.CertKey,
		Profile: identity.Profile{Name: e.Name, IDNumber: e.IDNumber, Phone: e.Phone, BankAccount: "9900000000000000001"},
	}
}

func accountComesBack(t *testing.T, store identity.Store, units unit.Runner) {
	want := account("sub_1", 4)
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		if err := store.CreateAccount(ctx, u, want, Start); err != nil {
			return err
		}
		return store.Link(ctx, u, identity.Link{Source: "national", ExternalSub: "n-1", To: "sub_1", At: Start})
	})
	got, err := store.Account(t.Context(), "sub_1")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("account differs, %v", err)
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for name, find := range map[string]func() (identity.Account, error){
			"source":  func() (identity.Account, error) { return store.LockBySource(ctx, u, "national", "n-1") },
			"number":  func() (identity.Account, error) { return store.LockByIDNumber(ctx, u, "11010519491231002X") },
			"subject": func() (identity.Account, error) { return store.LockAccount(ctx, u, "sub_1") },
		} {
			if a, err := find(); err != nil || !reflect.DeepEqual(a, want) {
				t.Errorf("by %s: differs, %v", name, err)
			}
		}
		for name, find := range map[string]func() (identity.Account, error){
			"other source":  func() (identity.Account, error) { return store.LockBySource(ctx, u, "provincial", "n-1") },
			"other sub":     func() (identity.Account, error) { return store.LockBySource(ctx, u, "national", "n-2") },
			"other number":  func() (identity.Account, error) { return store.LockByIDNumber(ctx, u, "440524188001010014") },
			"other subject": func() (identity.Account, error) { return store.LockAccount(ctx, u, "sub_2") },
		} {
			if _, err := find(); !fault.Is(err, fault.NotFound) || fault.CodeOf(err) != "ACCOUNT_NOT_FOUND" {
				t.Errorf("by %s: %v", name, err)
			}
		}
		return nil
	})
	if _, err := store.Account(t.Context(), "sub_2"); fault.CodeOf(err) != "ACCOUNT_NOT_FOUND" {
		t.Fatalf("unknown: %v", err)
	}
}

func oneAccount(t *testing.T, store identity.Store, units unit.Runner) {
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		return store.CreateAccount(ctx, u, account("sub_1", 3), Start)
	})
	err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		return store.CreateAccount(ctx, u, account("sub_2", 5), Start)
	})
	if !fault.Is(err, fault.Conflict) || fault.CodeOf(err) != "ACCOUNT_EXISTS" {
		t.Fatalf("second account: %v", err)
	}
}

func statedIsNotFound(t *testing.T, store identity.Store, units unit.Runner) {
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		return store.CreateAccount(ctx, u, account("sub_1", 2), Start)
	})
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		return store.CreateAccount(ctx, u, account("sub_2", 2), Start)
	})
	find := func(ctx context.Context, u unit.Unit) (identity.Account, error) {
		return store.LockByIDNumber(ctx, u, realname.IDNumber(Evidence().IDNumber))
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		if _, err := find(ctx, u); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stated number was found: %v", err)
		}
		return store.SaveAccount(ctx, u, account("sub_1", 3), Start)
	})
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		a, err := find(ctx, u)
		if a.Subject != "sub_1" {
			t.Errorf("once checked: %q", a.Subject)
		}
		return err
	})
}

func closedIsGone(t *testing.T, store identity.Store, units unit.Runner) {
	acting := session("ses_acting", "sub_firm", Start)
	acting.By = "sub_1"
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		return errors.Join(
			store.CreateAccount(ctx, u, account("sub_1", 4), Start),
			store.Link(ctx, u, identity.Link{Source: "national", ExternalSub: "n-1", To: "sub_1", At: Start}),
			store.SaveProof(ctx, u, "sub_1", identity.Proof{Kind: identity.ProofOperatorPhone, Source: "national", Level: 4, Value: Evidence().Phone, ProvedAt: Start}),
			store.CreateSession(ctx, u, session("ses_own", "sub_1", Start)), store.CreateSession(ctx, u, acting),
			store.CreateSession(ctx, u, session("ses_other", "sub_2", Start)))
	})
	do(t, units, func(ctx context.Context, u unit.Unit) error { return store.CloseAccount(ctx, u, "sub_1", Start) })
	left, err := store.Account(t.Context(), "sub_1")
	if err != nil || !reflect.DeepEqual(left, identity.Account{Subject: "sub_1", Kind: identity.Person}) {
		t.Errorf("left of it: %+v, %v", left, err)
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for name, find := range map[string]func() (identity.Account, error){
			"source":  func() (identity.Account, error) { return store.LockBySource(ctx, u, "national", "n-1") },
			"number":  func() (identity.Account, error) { return store.LockByIDNumber(ctx, u, "11010519491231002X") },
			"subject": func() (identity.Account, error) { return store.LockAccount(ctx, u, "sub_1") },
		} {
			if _, err := find(); fault.CodeOf(err) != "ACCOUNT_NOT_FOUND" {
				t.Errorf("by %s: %v", name, err)
			}
		}
		if holder, err := store.PhoneHolder(ctx, u, Evidence().Phone); holder != "" || err != nil {
			t.Errorf("by phone: %q, %v", holder, err)
		}
		with, err := store.LockByPhone(ctx, u, Evidence().Phone)
		if len(with) != 0 {
			t.Errorf("with the phone: %+v", with)
		}
		return err
	})
	for id, there := range map[ids.SessionID]bool{"ses_own": false, "ses_acting": false, "ses_other": true} {
		if _, err := store.Session(t.Context(), id); (err == nil) != there {
			t.Errorf("%s: %v", id, err)
		}
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error { // the person comes again, as somebody new
		return errors.Join(store.CreateAccount(ctx, u, account("sub_3", 4), Start),
			store.Link(ctx, u, identity.Link{Source: "national", ExternalSub: "n-1", To: "sub_3", At: Start}))
	})
}

func proofsKept(t *testing.T, store identity.Store, units unit.Runner) {
	proof := func(kind identity.ProofKind, source, value string, level int, at time.Time) identity.Proof {
		return identity.Proof{Kind: kind, Source: source, Level: level, Value: value, ProvedAt: at}
	}
	old := proof(identity.ProofSocialSecurity, "national", "11010519491231002X", 3, Start)
	other := proof(identity.ProofSocialSecurity, "provincial", "11010519491231002X", 4, Start.Add(time.Minute))
	fresh := proof(identity.ProofSocialSecurity, "national", "440524188001010014", 5, Start.Add(time.Hour))
	for _, p := range []identity.Proof{old, other, fresh} {
		do(t, units, func(ctx context.Context, u unit.Unit) error { return store.SaveProof(ctx, u, "sub_1", p) })
	}
	want := []identity.Proof{fresh, other}
	if got, err := store.Proofs(t.Context(), "sub_1"); err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		got, err := store.LockProofs(ctx, u, "sub_1")
		if !slices.Equal(got, want) {
			t.Errorf("in a unit: %+v", got)
		}
		return err
	})
	if got, err := store.Proofs(t.Context(), "sub_2"); err != nil || len(got) != 0 {
		t.Errorf("another's: %+v, %v", got, err)
	}
}

func phoneHeld(t *testing.T, store identity.Store, units unit.Runner) {
	phone := Evidence().Phone
	one, two, firm := account("sub_1", 2), account("sub_2", 2), account("sub_firm", 3)
	firm.Kind, firm.Profile.Company.CreditCode = identity.Enterprise, "91310000MA00000012"
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for _, a := range []identity.Account{one, two, firm} {
			if err := store.CreateAccount(ctx, u, a, Start); err != nil {
				return err
			}
		}
		if holder, err := store.PhoneHolder(ctx, u, phone); holder != "" || err != nil {
			t.Errorf("nobody proved it: %q, %v", holder, err)
		}
		for subject, at := range map[ids.SubjectID]time.Time{"sub_1": Start, "sub_2": Start.Add(time.Hour)} {
			if err := store.SaveProof(ctx, u, subject, identity.Proof{Kind: identity.ProofOperatorPhone, Source: "national", Level: 4, Value: phone, ProvedAt: at}); err != nil {
				return err
			}
		}
		return nil
	})
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		if holder, err := store.PhoneHolder(ctx, u, phone); holder != "sub_2" || err != nil {
			t.Errorf("the newest word: %q, %v", holder, err)
		}
		two.Profile.Phone = "19900000099"
		if err := store.SaveAccount(ctx, u, two, Start); err != nil {
			return err
		}
		with, err := store.LockByPhone(ctx, u, phone)
		if len(with) != 1 || !reflect.DeepEqual(with[0], one) {
			t.Errorf("with the number: %+v", with)
		}
		if err != nil {
			return err
		}
		return store.DropPhoneProofs(ctx, u, phone, "sub_1")
	})
	if left, err := store.Proofs(t.Context(), "sub_2"); err != nil || len(left) != 0 {
		t.Errorf("dropped: %+v, %v", left, err)
	}
	if left, err := store.Proofs(t.Context(), "sub_1"); err != nil || len(left) != 1 {
		t.Errorf("kept: %+v, %v", left, err)
	}
}

func linkMoves(t *testing.T, store identity.Store, units unit.Runner) {
	link := func(from, to ids.SubjectID) error {
		return units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
			return store.Link(ctx, u, identity.Link{Source: "national", ExternalSub: "n-1", From: from, To: to, At: Start})
		})
	}
	must(t, link("", "sub_1"))
	if err := link("", "sub_2"); fault.CodeOf(err) != "ACCOUNT_EXISTS" {
		t.Fatalf("linked twice: %v", err)
	}
	if err := link("sub_2", "sub_3"); fault.CodeOf(err) != "ACCOUNT_EXISTS" {
		t.Fatalf("moved from somebody else: %v", err)
	}
	must(t, link("sub_1", "sub_2"))
}

func session(id ids.SessionID, subject ids.SubjectID, at time.Time) identity.Session {
	return identity.Session{ID: id, Subject: subject, Client: "tongban-mobile", Level: 4, CreatedAt: at, OpenedAt: at, LastUsedAt: at, Device: "测试手机", Key: "thumbprint-of-" + string(id)}
}

func sessionEnds(t *testing.T, store identity.Store, units unit.Runner) {
	want := session("ses_1", "sub_1", Start)
	do(t, units, func(ctx context.Context, u unit.Unit) error { return store.CreateSession(ctx, u, want) })
	if got, err := store.Session(t.Context(), "ses_1"); err != nil || got != want {
		t.Fatalf("differs, %v", err)
	}
	used, ended := Start.Add(time.Hour), Start.Add(2*time.Hour)
	do(t, units, func(ctx context.Context, u unit.Unit) error { return store.TouchSession(ctx, u, "ses_1", used) })
	do(t, units, func(ctx context.Context, u unit.Unit) error { return store.EndSession(ctx, u, "ses_1", ended) })
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		return store.EndSession(ctx, u, "ses_1", ended.Add(time.Hour))
	})
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		got, err := store.LockSession(ctx, u, "ses_1")
		if !got.LastUsedAt.Equal(used) || !got.EndedAt.Equal(ended) {
			t.Errorf("used %v, ended %v", got.LastUsedAt, got.EndedAt)
		}
		return err
	})
	if _, err := store.Session(t.Context(), "ses_2"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("unknown: %v", err)
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error { return store.LockPerson(ctx, u, "ses_2") })
}

func begunSessions(t *testing.T, store identity.Store, units unit.Runner) {
	begun := func(id ids.SessionID, at time.Time) identity.Session {
		s := session(id, "sub_1", at)
		s.OpenedAt, s.Key = time.Time{}, "k"
		return s
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for _, s := range []identity.Session{begun("ses_old", Start), begun("ses_new", Start.Add(time.Minute)), begun("ses_opened", Start)} {
			if err := store.CreateSession(ctx, u, s); err != nil {
				return err
			}
		}
		return nil
	})
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		if ended, err := store.EndSessionsOfKey(ctx, u, ids.Actor{Subject: "sub_1"}, "k", Start); err != nil || len(ended) != 0 {
			t.Errorf("its key ended %v, %v", ended, err)
		}
		if n, err := store.CountSessions(ctx, u, "sub_1", "k"); err != nil || n.All != 0 || n.ByKey != 0 {
			t.Errorf("counted %+v, %v", n, err)
		}
		return store.OpenSession(ctx, u, "ses_opened", Start.Add(time.Second))
	})
	if list, err := store.Sessions(t.Context(), ids.Actor{Subject: "sub_1"}, Start.Add(-time.Hour), 10); err != nil || len(list) != 1 ||
		list[0].ID != "ses_opened" || !list[0].OpenedAt.Equal(Start.Add(time.Second)) {
		t.Fatalf("listed %v, %v", list, err)
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error { return store.ForgetBegun(ctx, u, Start.Add(time.Minute)) })
	for id, there := range map[ids.SessionID]bool{"ses_old": false, "ses_new": true, "ses_opened": true} {
		if _, err := store.Session(t.Context(), id); (err == nil) != there {
			t.Errorf("%s: %v", id, err)
		}
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		if ended, err := store.EndSessions(ctx, u, ids.Actor{Subject: "sub_1"}, Start); err != nil || len(ended) != 2 {
			t.Errorf("all that there is: %v, %v", ended, err)
		}
		return nil
	})
}

func sessionsListed(t *testing.T, store identity.Store, units unit.Runner) {
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for i, id := range []ids.SessionID{"ses_1", "ses_2", "ses_3"} {
			if err := store.CreateSession(ctx, u, session(id, "sub_1", Start.Add(time.Duration(i)*time.Minute))); err != nil {
				return err
			}
		}
		return store.CreateSession(ctx, u, session("ses_li", "sub_2", Start))
	})
	list := func(after time.Time, limit int) []ids.SessionID {
		all, err := store.Sessions(t.Context(), ids.Actor{Subject: "sub_1"}, after, limit)
		must(t, err)
		got := []ids.SessionID{}
		for _, s := range all {
			got = append(got, s.ID)
		}
		return got
	}
	if got := list(Start.Add(-time.Hour), 10); !slices.Equal(got, []ids.SessionID{"ses_3", "ses_2", "ses_1"}) {
		t.Fatalf("all: %v", got)
	}
	if got := list(Start, 1); !slices.Equal(got, []ids.SessionID{"ses_3"}) {
		t.Fatalf("newest: %v", got)
	}
	if got := list(Start, 10); !slices.Equal(got, []ids.SessionID{"ses_3", "ses_2"}) {
		t.Fatalf("used after: %v", got)
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		ended, err := store.EndSessions(ctx, u, ids.Actor{Subject: "sub_1"}, Start)
		if len(ended) != 3 {
			t.Errorf("ended %v", ended)
		}
		return err
	})
	if got := list(Start.Add(-time.Hour), 10); len(got) != 0 {
		t.Fatalf("after the end: %v", got)
	}
	if all, err := store.Sessions(t.Context(), ids.Actor{Subject: "sub_2"}, Start.Add(-time.Hour), 10); err != nil || len(all) != 1 {
		t.Fatalf("another person's sessions: %d, %v", len(all), err)
	}
}

func keysSessionsEnd(t *testing.T, store identity.Store, units unit.Runner) {
	of := func(id ids.SessionID, subject, by ids.SubjectID, key string) identity.Session {
		s := session(id, subject, Start)
		s.By, s.Key = by, key
		return s
	}
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for _, s := range []identity.Session{
			of("ses_1", "sub_1", "", "k"), of("ses_other_key", "sub_1", "", "l"), of("ses_other_person", "sub_2", "", "k"),
			of("ses_for_firm", "sub_firm", "sub_1", "k"), of("ses_no_key", "sub_1", "", ""),
		} {
			if err := store.CreateSession(ctx, u, s); err != nil {
				return err
			}
		}
		return nil
	})
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		for key, want := range map[string]identity.SessionCount{"k": {All: 4, ByKey: 2}, "": {All: 4, ByKey: 1}, "none": {All: 4}} {
			if n, err := store.CountSessions(ctx, u, "sub_1", key); err != nil || n != want {
				t.Errorf("by %q: %+v, %v", key, n, err)
			}
		}
		return nil
	})
	end := func() (ended []identity.Session) {
		do(t, units, func(ctx context.Context, u unit.Unit) (err error) {
			ended, err = store.EndSessionsOfKey(ctx, u, ids.Actor{Subject: "sub_1"}, "k", Start)
			return err
		})
		return ended
	}
	if ended := end(); len(ended) != 1 || ended[0].ID != "ses_1" || ended[0].Subject != "sub_1" {
		t.Errorf("ended %+v", ended)
	}
	if ended := end(); len(ended) != 0 {
		t.Errorf("ended twice: %+v", ended)
	}
}

func pending(state string, expires time.Time) identity.Pending {
	return identity.Pending{
		State: state, Cookie: "cookie", Source: "national", Nonce: "nonce", Verifier: "verifier",
		Device: Phone, AppRequest: []byte("app request"), ExpiresAt: expires,
	}
}

func pendingTakenOnce(t *testing.T, store identity.Store, units unit.Runner) {
	want := pending("state", Start.Add(identity.PendingTTL))
	do(t, units, func(ctx context.Context, u unit.Unit) error { return store.SavePending(ctx, u, want, Start) })
	var taken, missed atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			var got identity.Pending
			err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
				var err error
				got, err = store.TakePending(ctx, u, "state")
				return err
			})
			switch {
			case err == nil && reflect.DeepEqual(got, want):
				taken.Add(1)
			case fault.CodeOf(err) == "PENDING_NOT_FOUND":
				missed.Add(1)
			default:
				t.Errorf("take: differs, %v", err)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 || missed.Load() != 7 {
		t.Fatalf("taken %d times", taken.Load())
	}
}

func pendingForgotten(t *testing.T, store identity.Store, units unit.Runner) {
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		return store.SavePending(ctx, u, pending("old", Start.Add(time.Minute)), Start)
	})
	do(t, units, func(ctx context.Context, u unit.Unit) error {
		return store.SavePending(ctx, u, pending("new", Start.Add(time.Hour)), Start.Add(2*time.Minute))
	})
	err := units.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		_, err := store.TakePending(ctx, u, "old")
		return err
	})
	if fault.CodeOf(err) != "PENDING_NOT_FOUND" {
		t.Fatalf("old: %v", err)
	}
}

func do(t *testing.T, units unit.Runner, f func(ctx context.Context, u unit.Unit) error) {
	t.Helper()
	must(t, units.Do(t.Context(), f))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
