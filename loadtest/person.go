package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// person is somebody fictional.
type person struct{ name, idNumber string }

// someone gives the i-th person: born in 1900 under an area code never given out.
func someone(i int) person {
	body := fmt.Sprintf("99000019000101%03d", i)
	sum := 0
	for at, weight := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[at]-'0') * weight
	}
	return person{name: "示例", idNumber: body + string("10X98765432"[sum%11])}
}

// redirect is a native app's address, by a scheme that it claims; nobody
// listens there. Both profiles take it.
const redirect = "cn.gov.load.app:/callback"

// signIn gives p signed in at the product, by the code flow with PKCE. With a
// device the request is pushed, and the tokens are for its key alone.
func (o *outside) signIn(ctx context.Context, issuer string, p person, d *device) (asker, error) {
	o.mu.Lock()
	o.next = p
	o.mu.Unlock()
	jar, err := cookiejar.New(nil)
	if err != nil {
		return asker{}, err
	}
	var back *url.URL
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirect) {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	verifier := random()
	challenge := sha256.Sum256([]byte(verifier))
	q := url.Values{"response_type": {"code"}, "client_id": {"tongban-mobile"}, "redirect_uri": {redirect}, "scope": {"mobile"}, "state": {random()},
		"code_challenge": {b64(challenge[:])}, "code_challenge_method": {"S256"}}
	if d != nil {
		pushed, err := told(ctx, client, issuer+"/oauth2/par", q, d, "request_uri")
		if err != nil {
			return asker{}, fmt.Errorf("par: %w", err)
		}
		q = url.Values{"client_id": {"tongban-mobile"}, "request_uri": {pushed}}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer+"/oauth2/authorize?"+q.Encode(), nil)
	if err != nil {
		return asker{}, err
	}
	res, err := client.Do(req)
	if err != nil {
		return asker{}, err
	}
	_ = res.Body.Close()
	if back == nil || back.Query().Get("code") == "" {
		return asker{}, fmt.Errorf("sign-in ended with status %d", res.StatusCode)
	}
	token, err := told(ctx, client, issuer+"/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")},
		"client_id": {"tongban-mobile"}, "redirect_uri": {redirect}, "code_verifier": {verifier}}, d, "access_token")
	return asker{base: issuer, token: token, device: d}, err
}

// told posts a form, with a proof where there is a device and with the server's
// nonce where it wants one, and gives a member of the answer.
func told(ctx context.Context, client *http.Client, address string, form url.Values, d *device, name string) (string, error) {
	nonce := ""
	for range 2 {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
		if err != nil {
			return "", err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if d != nil {
			req.Header.Set("DPoP", d.prove(address, "", nonce))
		}
		res, err := client.Do(req)
		if err != nil {
			return "", err
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
		_ = res.Body.Close()
		if err != nil {
			return "", err
		}
		if no, _ := member(body, "error"); no != "use_dpop_nonce" {
			return member(body, name)
		}
		nonce = res.Header.Get("DPoP-Nonce")
	}
	return "", errors.New("the nonce was wanted twice")
}
