package provincehttp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tongban/tongban/services/miniapp"
)

// spare is how long before its end an assertion is made anew: the way to the
// source and the difference of two clocks.
const spare = 10 * time.Second

// proof is one app's client assertion, used until shortly before its end:
// signing costs more than the rest of a call.
type proof struct {
	mu    sync.Mutex
	value string // of the Authorization header
	until time.Time
}

// prove appends the header's lines that show the source that the platform asks.
func (c *Caller) prove(b []byte, cl *client, app miniapp.App) ([]byte, error) {
	auth := app.Manifest.Connector.Auth
	switch auth.Kind {
	case miniapp.AuthEnvelope:
		return c.envelope(b, app, auth.SID)
	case miniapp.AuthAssertion:
		token, err := cl.proof.get(c, string(app.ID))
		if err != nil {
			return nil, err
		}
		return field(b, "Authorization", token)
	}
	return nil, errors.New("provincehttp: the manifest names no way to prove who asks")
}

// envelope signs in the national style: HMAC-SHA256 over sid, rid and rtime.
func (c *Caller) envelope(b []byte, app miniapp.App, sid string) ([]byte, error) {
	secret, ok := c.d.Secrets[app.ID]
	if !ok {
		return nil, errors.New("provincehttp: no secret is held for the app")
	}
	rid := c.d.Config.RID
	rtime := strconv.FormatInt(c.d.Clock.Now().UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(sid + rid + rtime))
	var err error
	for _, line := range [][2]string{{"gjzwfwpt_rid", rid}, {"gjzwfwpt_sid", sid}, {"gjzwfwpt_rtime", rtime},
		{"gjzwfwpt_sign", base64.StdEncoding.EncodeToString(mac.Sum(nil))}} {
		if b, err = field(b, line[0], line[1]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (p *proof) get(c *Caller, audience string) (string, error) {
	now := c.d.Clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.value != "" && now.Before(p.until) {
		return p.value, nil
	}
	token, err := c.d.Assertions.Assertion(audience)
	if err != nil {
		return "", err
	}
	p.value, p.until = "Bearer "+token, lapses(token).Add(-spare)
	return p.value, nil
}

// lapses reads the end of our own token; the zero time where it says none, so
// that it is used once.
func lapses(token string) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}
	}
	var claims struct {
		Exp int64 `json:"exp"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Exp == 0 {
		return time.Time{}
	}
	return time.Unix(claims.Exp, 0)
}
