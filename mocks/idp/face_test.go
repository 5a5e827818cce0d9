package idp_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/tongban/tongban/mocks/idp"
)

// level signs somebody in with the choices, and says at which level and by what.
func (c *stock) level(choice url.Values) (level float64, acr string) {
	c.t.Helper()
	status, q := c.choose(c.address(oauth2.SetAuthURLParam("acr_values", idp.FaceWord)), choice)
	if status != http.StatusSeeOther {
		c.t.Fatalf("%d %v", status, q)
	}
	tok, err := c.redeem(q.Get("code"))
	if err != nil {
		c.t.Fatal(err)
	}
	id, err := c.idToken(tok)
	if err != nil {
		c.t.Fatal(err)
	}
	var said struct {
		Level float64 `json:"gov_level"`
		ACR   string  `json:"acr"`
	}
	if err := id.Claims(&said); err != nil {
		c.t.Fatal(err)
	}
	info, err := c.provider.UserInfo(c.t.Context(), oauth2.StaticTokenSource(tok))
	if err != nil {
		c.t.Fatal(err)
	}
	var more struct {
		Level float64 `json:"gov_level"`
	}
	if err := info.Claims(&more); err != nil || more.Level != said.Level {
		c.t.Errorf("userinfo says level %v, the ID token %v, %v", more.Level, said.Level, err)
	}
	return said.Level, said.ACR
}

func TestAFaceCheckLiftsOneSignIn(t *testing.T) {
	c := connect(t)
	address := c.address(oauth2.SetAuthURLParam("acr_values", "urn:unknown "+idp.FaceWord))
	res, err := c.web.PostForm(address, url.Values{"person": {student}})
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(page), "示例人脸核验") || !strings.Contains(string(page), student) {
		t.Fatalf("%d %s, %v", res.StatusCode, page, err)
	}
	if level, acr := c.level(url.Values{"person": {student}, "face": {"done"}}); level != 4 || acr != idp.FaceWord {
		t.Errorf("checked: level %v, %q", level, acr)
	}
	if level, acr := c.level(url.Values{"person": {student}, "face": {"skip"}}); level != 3 || acr != "" {
		t.Errorf("skipped: level %v, %q", level, acr)
	}
	if status, q := c.choose(c.address(), url.Values{"person": {student}, "face": {"done"}}); status != http.StatusSeeOther || q.Get("code") == "" {
		t.Errorf("not asked for: %d %v", status, q)
	}
	if n := c.source.Counts().FacePages; n != 1 {
		t.Errorf("%d face pages", n)
	}
}

func TestWhoIsLevelFourAlreadySeesNoFaceCheck(t *testing.T) {
	c := connect(t)
	if level, acr := c.level(url.Values{"person": {teacher}}); level != 4 || acr != "" {
		t.Errorf("level %v, %q", level, acr)
	}
	if n := c.source.Counts().FacePages; n != 0 {
		t.Errorf("%d face pages", n)
	}
}
