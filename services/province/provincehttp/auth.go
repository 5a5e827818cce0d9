package provincehttp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
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
	value string
	until time.Time
}

// prove adds what shows the source that the platform asks.
func (c *Caller) prove(cl *client, app miniapp.App, header http.Header) error {
	auth := app.Manifest.Connector.Auth
	switch auth.Kind {
	case miniapp.AuthEnvelope:
		return c.envelope(app, auth.SID, header)
	case miniapp.AuthAssertion:
		token, err := cl.proof.get(c, string(app.ID))
		if err != nil {
			return err
		}
		header["Authorization"] = []string{"Bearer " + token}
		return nil
	}
	return errors.New("provincehttp: the manifest names no way to prove who asks")
}

// envelope signs in the national style: HMAC-SHA256 over sid, rid and rtime.
func (c *Caller) envelope(app miniapp.App, sid string, header http.Header) error {
	secret, ok := c.d.Secrets[app.ID]
	if !ok {
		return errors.New("provincehttp: no secret is held for the app")
	}
	rid := c.d.Config.RID
	rtime := strconv.FormatInt(c.d.Clock.Now().UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(sid + rid + rtime))
	// Set would write them Gjzwfwpt_rid; names of headers are alike in any case.
	header.Set("gjzwfwpt_rid", rid)
	header.Set("gjzwfwpt_sid", sid)
	header.Set("gjzwfwpt_rtime", rtime)
	header.Set("gjzwfwpt_sign", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return nil
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
	p.value, p.until = token, lapses(token).Add(-spare)
	return token, nil
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
