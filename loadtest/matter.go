package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	issuing  = "410000" // the province that issues
	kind     = "居民身份证"
	item     = "no-criminal-record-certificate"
	callback = "/app/callback"
	officer  = "load-desk-1"
	purpose  = "load-check-in"
)

// verifiers is the operator's file of those who check licences.
func (o *outside) verifiers() map[string]any {
	jwk := jwksOf(o.desk, officer)["keys"].([]any)[0].(map[string]any)
	jwk["alg"], jwk["use"] = "ES256", "sig"
	return map[string]any{"verifiers": []any{map[string]any{
		"id": "load", "name": "示例酒店", "credit_code": creditCode("91310101MY9900021"), "place": "示例",
		"purposes": []any{map[string]any{"code": purpose, "text": "示例", "licences": []any{kind}, "fields": []any{"TYPE", "EXPIRES_ON"}}},
		"officers": []any{map[string]any{"id": officer, "jwk": jwk}},
	}}}
}

// assertion proves a client to the product (RFC 7523).
func assertion(key *ecdsa.PrivateKey, kid, client, issuer string) (string, error) {
	now := time.Now()
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": client, "sub": client, "aud": issuer, "jti": random(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()})
	t.Header["kid"] = kid
	return t.SignedString(key)
}

// form is a POST of a client that proves itself.
func form(key *ecdsa.PrivateKey, kid, client, base, path string, values url.Values) (request, error) {
	proof, err := assertion(key, kid, client, base)
	if err != nil {
		return nil, err
	}
	values.Set("client_id", client)
	values.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	values.Set("client_assertion", proof)
	d, err := deviceOf(key) // one key proves the client and its requests
	if err != nil {
		return nil, err
	}
	body := values.Encode()
	return request("POST " + path + " HTTP/1.1\r\nHost: " + base[len("http://"):] + "\r\nContent-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\nDPoP: " +
		d.prove(base+path, "", "") + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body), nil
}

// member gives a text of a JSON answer by its path.
func member(body []byte, path ...string) (string, error) {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return "", err
	}
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	s, ok := v.(string)
	if !ok || s == "" {
		return "", fmt.Errorf("no %s in %.300s", strings.Join(path, "."), body)
	}
	return s, nil
}

func operation(document string, variables map[string]any) string {
	raw, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		panic(err) // texts
	}
	return string(raw)
}

const (
	showDocument   = `mutation ShowLicence($input: ShowLicenceInput!) { showLicence(input: $input) { code { code url expiresAt refreshAfterSeconds } } }`
	checkDocument  = `mutation Check($input: CheckInput!) { check(input: $input) { check { id state outcome asOf sources { name freshness ageSeconds } fields { field label value } } } }`
	openDocument   = `mutation OpenMiniApp($input: OpenMiniAppInput!) { openMiniApp(input: $input) { launch { url expiresAt } } }`
	submitDocument = `mutation SubmitMatter($input: SubmitMatterInput!) { submitMatter(input: $input) { case { id item region state createdAt materials { name how from } } } }`
)

// showing has a person show a licence and an officer check it: two requests.
func showing(phone, desk asker, licence string) act {
	show := phone.asks("/mobile/graphql", operation(showDocument, map[string]any{"input": map[string]any{"licence": licence, "fields": []string{"TYPE", "EXPIRES_ON"}}}))
	return func(l *line) (int, error) {
		shown, err := l.ask(show())
		if err != nil {
			return 0, err
		}
		code, err := member(shown, "data", "showLicence", "code", "code")
		if err != nil {
			return 0, err
		}
		told, err := l.ask(desk.post("/verifier/graphql", operation(checkDocument, map[string]any{"input": map[string]any{"code": code, "purpose": purpose, "fields": []string{"TYPE", "EXPIRES_ON"}}})))
		if err != nil {
			return 0, err
		}
		outcome, err := member(told, "data", "check", "check", "outcome")
		if err == nil && outcome != "VALID" {
			err = fmt.Errorf("the check came to %s: %.300s", outcome, told)
		}
		return len(shown) + len(told), err
	}
}

// launching opens a mini-app as its back end does it: the handle, the pushed
// request, the redirect with the code, the token. Four requests.
func (o *outside) launching(phone asker) act {
	base := phone.base
	app, key := "cn.gov.load.p"+issuing[:2], o.keys[issuing]
	open := phone.asks("/mobile/graphql", operation(openDocument, map[string]any{"input": map[string]any{"appId": app}}))
	return func(l *line) (int, error) {
		opened, err := l.ask(open())
		if err != nil {
			return 0, err
		}
		address, err := member(opened, "data", "openMiniApp", "launch", "url")
		if err != nil {
			return 0, err
		}
		u, err := url.Parse(address)
		if err != nil {
			return 0, err
		}
		verifier, back := random(), o.base(issuing)+callback
		challenge := sha256.Sum256([]byte(verifier))
		push, err := form(key, "app", app, base, "/oauth2/par", url.Values{"response_type": {"code"}, "redirect_uri": {back}, "scope": {"openid"}, "state": {random()}, "nonce": {random()},
			"prompt": {"none"}, "login_hint": {u.Query().Get("login_hint")}, "code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"}})
		if err != nil {
			return 0, err
		}
		res, pushed, err := l.send(push)
		if err != nil || res.StatusCode != http.StatusCreated {
			return 0, errors.Join(err, fmt.Errorf("the pushed request: %.300s", pushed))
		}
		pending, err := member(pushed, "request_uri")
		if err != nil {
			return 0, err
		}
		res, _, err = l.send(request("GET /oauth2/authorize?" + url.Values{"client_id": {app}, "request_uri": {pending}}.Encode() + " HTTP/1.1\r\nHost: " + base[len("http://"):] + "\r\n\r\n"))
		if err != nil {
			return 0, err
		}
		at, err := url.Parse(res.Header.Get("Location"))
		if err != nil || at.Query().Get("code") == "" {
			return 0, errors.Join(err, fmt.Errorf("authorize answers %d", res.StatusCode))
		}
		redeem, err := form(key, "app", app, base, "/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "code": {at.Query().Get("code")}, "redirect_uri": {back}, "code_verifier": {verifier}})
		if err != nil {
			return 0, err
		}
		body, err := l.ask(redeem)
		if err == nil {
			_, err = member(body, "id_token")
		}
		return len(opened) + len(pushed) + len(body), err
	}
}

// submitting hands a matter in, each time another; handed counts them.
func submitting(phone asker, handed *atomic.Int64) act {
	return func(l *line) (int, error) {
		body, err := l.ask(phone.post("/mobile/graphql", operation(submitDocument, map[string]any{"input": map[string]any{
			"item": item, "region": areas[0], "fields": []any{map[string]any{"name": "purpose", "value": "示例"}, map[string]any{"name": "phone", "value": "19900000001"}}, "idempotencyKey": random()}})))
		if err != nil {
			return 0, err
		}
		if _, err := member(body, "data", "submitMatter", "case", "id"); err != nil {
			return 0, err
		}
		handed.Add(1)
		return len(body), nil
	}
}

// base gives where a province's own server stands.
func (o *outside) base(area string) string {
	for i, a := range areas {
		if a == area {
			return o.provinces[i]
		}
	}
	return ""
}

// matters measures what people do beside looking at their home.
func (b *bench) matters(ctx context.Context, o options, long time.Duration, rows *[]row) error {
	b.outside.delay.Store(0)
	p, err := b.serve(ctx, "matters", 3600)
	if err != nil {
		return err
	}
	defer p.stop()
	grant, err := form(b.outside.desk, officer, officer, p.base, "/oauth2/token", url.Values{"grant_type": {"client_credentials"}})
	if err != nil {
		return err
	}
	granted, err := one(p.base, grant)
	if err != nil {
		return fmt.Errorf("the officer's token: %w", err)
	}
	held, err := member(granted, "access_token")
	if err != nil {
		return err
	}
	deskKey, err := deviceOf(b.outside.desk)
	if err != nil {
		return err
	}
	desk := asker{base: p.base, token: held, device: deskKey}
	var shows, launches, submits []act
	var submitted atomic.Int64
	for i := range o.persons {
		d, err := newDevice()
		if err != nil {
			return err
		}
		phone, err := b.outside.signIn(ctx, p.base, someone(i), d)
		if err != nil {
			return fmt.Errorf("person %d: %w", i, err)
		}
		licence, err := idCard(phone)
		if err != nil {
			return err
		}
		shows = append(shows, showing(phone, desk, licence))
		launches = append(launches, b.outside.launching(phone))
		submits = append(submits, submitting(phone, &submitted))
	}
	first := b.outside.handed.Load()
	delivered := func(ctx context.Context) error {
		for range 1200 {
			if b.outside.handed.Load()-first >= submitted.Load() {
				return nil
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(50 * time.Millisecond):
			}
		}
		return fmt.Errorf("of %d matters the province was handed %d", submitted.Load(), b.outside.handed.Load()-first)
	}
	for _, l := range []load{{what: "show + verify", acts: shows}, {what: "launch + redeem", acts: launches}, {what: "submit", acts: submits, settle: delivered}} {
		l.server, l.matter, l.process, l.long = "ours", true, p, long
		if err := b.each(ctx, l, []time.Duration{0}, rows); err != nil {
			return err
		}
	}
	return nil
}

// idCard gives the person's licence that can be checked.
func idCard(phone asker) (string, error) {
	body, err := one(phone.base, phone.post("/mobile/graphql", ask(`{ homeLicences { licences { id typeName } } }`)))
	if err != nil {
		return "", err
	}
	var got struct {
		Data struct {
			HomeLicences struct {
				Licences []struct{ ID, TypeName string }
			}
		}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		return "", err
	}
	for _, l := range got.Data.HomeLicences.Licences {
		if l.TypeName == kind {
			return l.ID, nil
		}
	}
	return "", fmt.Errorf("no licence of the kind wanted: %.300s", body)
}
