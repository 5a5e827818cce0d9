package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
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

// signIn gives the access token of p at the product, by the code flow with PKCE.
func (o *outside) signIn(ctx context.Context, issuer string, p person) (string, error) {
	o.mu.Lock()
	o.next = p
	o.mu.Unlock()
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
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
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer+"/oauth2/authorize?"+q.Encode(), nil)
	if err != nil {
		return "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	_ = res.Body.Close()
	if back == nil || back.Query().Get("code") == "" {
		return "", fmt.Errorf("sign-in ended with status %d", res.StatusCode)
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "client_id": {"tongban-mobile"}, "redirect_uri": {redirect}, "code_verifier": {verifier}}
	if req, err = http.NewRequestWithContext(ctx, http.MethodPost, issuer+"/oauth2/token", strings.NewReader(form.Encode())); err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if res, err = client.Do(req); err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	var got struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil || got.AccessToken == "" {
		return "", fmt.Errorf("no token: status %d", res.StatusCode)
	}
	return got.AccessToken, nil
}
