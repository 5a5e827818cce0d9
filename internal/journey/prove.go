package journey

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tongban/tongban/services/access/proof"
)

// Prover signs proofs (RFC 9449) by the key of a device; *proof.Device does.
type Prover interface {
	Prove(r proof.Request, nonce string) (string, error)
}

func (p *Phone) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

// sign adds to the request what shows that it is the phone's: its access token
// and a proof for this request. A phone without a device shows the token alone.
func (p *Phone) sign(req *http.Request, token, nonce string) error {
	if p.Device == nil {
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		return nil
	}
	if token != "" {
		req.Header.Set("Authorization", "DPoP "+token)
	}
	// The product is known by its issuer, whichever process is asked.
	made, err := p.Device.Prove(proof.Request{Method: req.Method, URL: p.Issuer + req.URL.EscapedPath(), Token: token, Now: p.now()}, nonce)
	if err != nil {
		return err
	}
	req.Header.Set("DPoP", made)
	return nil
}

// Prove adds to a request what shows that it is the phone's.
func (p *Phone) Prove(req *http.Request) error { return p.sign(req, p.Tokens.AccessToken, "") }

// send asks with the phone's token, and once more where the answer wants its
// nonce in the proof.
func (p *Phone) send(req *http.Request) (*http.Response, error) {
	if p.Tokens.AccessToken == "" {
		return p.http.Do(req)
	}
	return p.proved(req, p.Tokens.AccessToken)
}

func (p *Phone) proved(req *http.Request, token string) (*http.Response, error) {
	if err := p.sign(req, token, ""); err != nil {
		return nil, err
	}
	res, err := p.http.Do(req)
	if err != nil || p.Device == nil || !wantsNonce(res) || req.Body != nil && req.GetBody == nil {
		return res, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxPage)) // so that the line is kept
	_ = res.Body.Close()
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		if again.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	if err := p.sign(again, token, res.Header.Get("DPoP-Nonce")); err != nil {
		return nil, err
	}
	return p.http.Do(again)
}

// wantsNonce tells whether a proof was refused for its nonce alone: the token
// endpoint says so with 400 (RFC 9449 §8), others with 401 (§9). The answer can
// still be read.
func wantsNonce(res *http.Response) bool {
	if res.Header.Get("DPoP-Nonce") == "" {
		return false
	}
	if res.StatusCode != http.StatusBadRequest {
		return strings.Contains(res.Header.Get("WWW-Authenticate"), "use_dpop_nonce")
	}
	raw, _ := io.ReadAll(io.LimitReader(res.Body, maxPage)) // what can't be read says nothing
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(raw))
	var told struct {
		Error string `json:"error"`
	}
	return json.Unmarshal(raw, &told) == nil && told.Error == "use_dpop_nonce"
}

// form posts a form to an OAuth endpoint and reads the answer into out. It
// fails with a Refusal that has OAuth's error.
func (p *Phone) form(ctx context.Context, path string, values url.Values, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Issuer+path, strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := p.proved(req, "")
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPage))
	if err != nil {
		return err
	}
	if res.StatusCode > 299 {
		var refused struct {
			Error string `json:"error"`
		}
		_ = json.Unmarshal(body, &refused)
		return &Refusal{Status: res.StatusCode, Code: refused.Error}
	}
	return json.Unmarshal(body, out)
}
