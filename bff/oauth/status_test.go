package oauth_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto"
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/miniapp"
)

func (w *world) listed(id string) {
	w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.Check = id })
}

// reference gives where a token's status stands.
func reference(t *testing.T, token string) (uri string, index int) {
	t.Helper()
	status, _ := claimsOf(t, token)["status"].(map[string]any)
	list, _ := status["status_list"].(map[string]any)
	uri, _ = list["uri"].(string)
	at, _ := list["idx"].(float64)
	return uri, int(at)
}

// status reads a token's status as a back end does (Token Status List §8.3).
func (w *world) status(t *testing.T, token string) int {
	t.Helper()
	uri, index := reference(t, token)
	id, ok := strings.CutPrefix(uri, issuer+"/status/")
	if !ok {
		t.Fatalf("no list: %q", uri)
	}
	list, err := w.access.StatusList(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	keys := w.access.JWKS()
	parsed, err := jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(issuer), jwt.WithSubject(uri), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithTimeFunc(w.clock.Now), jwt.WithStrictDecoding()).Parse(list.Token, func(token *jwt.Token) (any, error) {
		kid, _ := token.Header["kid"].(string)
		var key crypto.PublicKey
		key, err := keys.Find(kid, "ES256")
		return key, err
	})
	if err != nil {
		t.Fatal(err)
	}
	claims := parsed.Claims.(jwt.MapClaims)
	packed := claims["status_list"].(map[string]any)
	if ttl := claims["ttl"].(float64); parsed.Header["typ"] != "statuslist+jwt" || packed["bits"] != 1.0 || ttl > 30 || list.Left > time.Duration(ttl)*time.Second {
		t.Errorf("%v %v", parsed.Header, claims)
	}
	raw, err := base64.RawURLEncoding.DecodeString(packed["lst"].(string))
	if err != nil {
		t.Fatal(err)
	}
	r, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	bits, err := io.ReadAll(r)
	if err != nil || len(bits) != 1<<13 {
		t.Fatalf("%d bytes: %v", len(bits), err)
	}
	return int(bits[index/8]>>(index%8)) & 1
}

func TestAStatusListTellsWhatEnded(t *testing.T) {
	for name, c := range endings {
		if name == "level raised" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.signIn(t)
			w.listed("status_list")
			w.agree(t, p, henan, "name")
			a := w.openApp(t, p, henan)
			if a.body["expires_in"] != 600.0 {
				t.Errorf("lives %v s", a.body["expires_in"])
			}
			token := a.text("access_token")
			if w.status(t, token) != 0 {
				t.Fatal("a good token's place says that it ended")
			}
			w.clock.Advance(time.Second)
			c.do(t, w, p)
			if name == "app suspended" {
				w.say(t, miniapp.Stopped{App: henan, At: w.clock.Now()})
			}
			w.deliver(t, 1)
			if w.status(t, token) != 1 {
				t.Error("the list does not know") // though it was kept a second ago
			}
		})
	}
}

func TestWhatAnAppGivesBackStandsInTheList(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.listed("status_list")
	w.agree(t, p, henan, "name")
	token, other := w.openApp(t, p, henan).text("access_token"), w.openApp(t, p, henan).text("access_token")
	if w.status(t, token) != 0 {
		t.Fatal("before")
	}
	if a := w.post("/oauth2/revoke", w.as(t, henan, map[string][]string{"token": {token}})); a.status != 200 {
		t.Fatal(a.raw)
	}
	w.poll(t)
	if w.status(t, token) != 1 || w.status(t, other) != 0 {
		t.Error("not the one, or also the other")
	}
}

func TestASuspendedAppsListSaysNoBeforeItsGrantsAreEnded(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.listed("status_list")
	w.agree(t, p, henan, "name")
	token := w.openApp(t, p, henan).text("access_token")
	w.apps.change(henan, func(a *miniapp.App) { a.State = miniapp.Suspended })
	if w.status(t, token) != 1 {
		t.Error("a token of a suspended app is good")
	}
}

func TestTwoAppsShareNoListAndTwoGrantsNoPlace(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.apps.change(zhejiang, func(a *miniapp.App) { a.Manifest.Token.Check = "status_list" })
	w.listed("status_list")
	w.agree(t, p, henan, "name")
	w.agree(t, p, zhejiang, "name")
	first, at := reference(t, w.openApp(t, p, henan).text("access_token"))
	second, next := reference(t, w.openApp(t, p, henan).text("access_token"))
	other, _ := reference(t, w.openApp(t, p, zhejiang).text("access_token"))
	if first != second || at == next || first == other {
		t.Errorf("%s %d, %s %d, %s", first, at, second, next, other)
	}
}

func TestAGrantWithoutAPlaceIsShort(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.apps.change(henan, func(a *miniapp.App) { a.Manifest.Token.Scopes = append(a.Manifest.Token.Scopes, "offline_access") })
	w.agree(t, p, henan, "name")
	push := w.post("/oauth2/par", w.as(t, henan, with(pushRequest(henan, w.launch(t, p, henan)), "scope", "openid offline_access")))
	code := w.browse(henan, push.text("request_uri")).to(t).Get("code")
	refresh := w.post("/oauth2/token", w.as(t, henan, appRedeem(henan, code))).text("refresh_token")
	w.listed("status_list")
	a := w.post("/oauth2/token", w.as(t, henan, map[string][]string{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}))
	if uri, _ := reference(t, a.text("access_token")); a.body["expires_in"] != 60.0 || uri != "" {
		t.Errorf("lives %v s, %q", a.body["expires_in"], uri)
	}
}

func TestAnUnknownListIsNotFound(t *testing.T) {
	w := open(t)
	for _, id := range []string{"", "x", strings.Repeat("a", 43)} {
		if _, err := w.access.StatusList(t.Context(), id); fault.CodeOf(err) != "STATUS_LIST_NOT_FOUND" {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// shrink leaves a list the one place that is taken.
func (w *world) shrink(t *testing.T, list string) {
	t.Helper()
	err := w.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		for _, statement := range []string{`update access_status_list set size = 1 where id = $1`, `update access_grant set status_idx = 0 where status_list = $1`} {
			if _, err := database.Tx(u).ExecContext(ctx, statement, list); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Second) // a new list is opened later than this one
}

func TestAFullListIsFollowedByALargerOne(t *testing.T) {
	w := open(t)
	p := w.signIn(t)
	w.listed("status_list")
	w.agree(t, p, henan, "name")
	first, _ := reference(t, w.openApp(t, p, henan).text("access_token"))
	w.shrink(t, strings.TrimPrefix(first, issuer+"/status/"))
	second, _ := reference(t, w.openApp(t, p, henan).text("access_token"))
	third, _ := reference(t, w.openApp(t, p, henan).text("access_token"))
	if second == first || third != second {
		t.Errorf("%s %s %s", first, second, third)
	}
}

var _ access.Receivers = (*pushes)(nil)
