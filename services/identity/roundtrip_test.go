package identity_test

import (
	"testing"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitytest"
)

func begin(t *testing.T, w *identitytest.World) (identity.Begun, identity.Callback) {
	t.Helper()
	begun, err := w.BeginSignIn(t.Context(), identity.Start{Source: "national", Device: identitytest.Phone, AppRequest: []byte("authorize?x")})
	if err != nil {
		t.Fatal(err)
	}
	return begun, identity.Callback{Source: "national", State: w.Source.State(), Code: "good", Cookie: begun.Cookie}
}

// demand: D01
func TestAPersonGoesToASourceAndComesBackSignedIn(t *testing.T) {
	w := identitytest.Open(t)
	_, back := begin(t, w)
	in, err := w.FinishSignIn(t.Context(), back)
	if err != nil {
		t.Fatal(err)
	}
	if string(in.AppRequest) != "authorize?x" || in.Session.Client != identitytest.Phone.Client || in.Session.Device != identitytest.Phone.Label {
		t.Errorf("came back with %q on %q", in.AppRequest, in.Session.Client)
	}
	if a, err := w.Account(t.Context(), in.Account.Subject); err != nil || a.Level != identity.LevelPresent {
		t.Errorf("account of level %d, %v", a.Level, err)
	}
}

func TestAReturnIsGoodOnce(t *testing.T) {
	w := identitytest.Open(t)
	_, back := begin(t, w)
	if _, err := w.FinishSignIn(t.Context(), back); err != nil {
		t.Fatal(err)
	}
	if _, err := w.FinishSignIn(t.Context(), back); fault.CodeOf(err) != "SIGN_IN_LAPSED" || !fault.Is(err, fault.Expired) {
		t.Fatalf("again: %v", err)
	}
}

func TestAReturnLapses(t *testing.T) {
	w := identitytest.Open(t)
	_, back := begin(t, w)
	w.Clock.Advance(identity.PendingTTL)
	if _, err := w.FinishSignIn(t.Context(), back); fault.CodeOf(err) != "SIGN_IN_LAPSED" {
		t.Fatalf("late: %v", err)
	}
}

func TestAReturnByAnotherBrowserIsRefused(t *testing.T) {
	for name, cookie := range map[string]string{"none": "", "another's": "x"} {
		t.Run(name, func(t *testing.T) {
			w := identitytest.Open(t)
			_, back := begin(t, w)
			back.Cookie = cookie
			in, err := w.FinishSignIn(t.Context(), back)
			if fault.CodeOf(err) != "SIGN_IN_NOT_YOURS" || !fault.Is(err, fault.Unauthenticated) {
				t.Fatalf("got %v", err)
			}
			if in.AppRequest != nil || len(w.Outbox.Events()) != 0 {
				t.Fatal("the other browser learnt something, or was signed in")
			}
		})
	}
}

func TestAReturnFromAnotherSourceIsRefused(t *testing.T) {
	w := identitytest.Open(t)
	_, back := begin(t, w)
	back.Source = "provincial"
	if _, err := w.FinishSignIn(t.Context(), back); fault.CodeOf(err) != "SIGN_IN_LAPSED" {
		t.Fatalf("got %v", err)
	}
}

func TestTheAppLearnsOfARefusalAtTheSource(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*identitytest.World, *identity.Callback)
		code   string
	}{
		"the person said no":   {func(_ *identitytest.World, b *identity.Callback) { b.Code, b.Error = "", "access_denied" }, "SIGN_IN_REFUSED"},
		"a false code":         {func(_ *identitytest.World, b *identity.Callback) { b.Code = "bad" }, "SIGN_IN_REFUSED"},
		"the source went down": {func(w *identitytest.World, _ *identity.Callback) { w.Source.Down = true }, "SOURCE_UNAVAILABLE"},
		"nobody real":          {func(w *identitytest.World, _ *identity.Callback) { w.Source.Says.Name = "" }, "EVIDENCE_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			w := identitytest.Open(t)
			_, back := begin(t, w)
			c.change(w, &back)
			in, err := w.FinishSignIn(t.Context(), back)
			if fault.CodeOf(err) != c.code || string(in.AppRequest) != "authorize?x" {
				t.Fatalf("%q, %v", in.AppRequest, err)
			}
		})
	}
}

func TestASignInThatCannotBeginIsRefused(t *testing.T) {
	w := identitytest.Open(t)
	if _, err := w.BeginSignIn(t.Context(), identity.Start{Source: "unknown"}); fault.CodeOf(err) != "SOURCE_UNKNOWN" {
		t.Errorf("unknown source: %v", err)
	}
	if _, err := w.BeginSignIn(t.Context(), identity.Start{Source: "national", AppRequest: make([]byte, 9<<10)}); fault.CodeOf(err) != "SIGN_IN_REQUEST_TOO_LARGE" {
		t.Errorf("large request: %v", err)
	}
	w.Source.Down = true
	if _, err := w.BeginSignIn(t.Context(), identity.Start{Source: "national"}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("source down: %v", err)
	}
	if list := w.Sources(); len(list) != 1 || list[0].Name != "national" {
		t.Errorf("sources %v", list)
	}
}
