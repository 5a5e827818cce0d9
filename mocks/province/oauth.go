package province

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"

	"github.com/tongban/tongban/mocks/internal/dpop"
)

// assertionType is the one of private_key_jwt (RFC 7523).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

func (p *Province) redirectURI() string { return p.URL() + "/app/callback" }

// clientAssertion proves the mini-app's back end to the product.
func (p *Province) clientAssertion(issuer string) (string, error) {
	now := p.now()
	return p.app.token("JWT", jwt.MapClaims{
		"iss": p.face.AppID, "sub": p.face.AppID, "aud": issuer, "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	})
}

// provider reads the product's discovery document once per issuer.
func (p *Province) provider(ctx context.Context, issuer string) (*oidc.Provider, error) {
	p.sessions.mu.Lock()
	known := p.sessions.providers[issuer]
	p.sessions.mu.Unlock()
	if known != nil {
		return known, nil
	}
	// The provider keeps its context's client for later fetches of keys, so it
	// may not be the request's.
	fresh, err := oidc.NewProvider(oidc.ClientContext(p.ctx, p.client), issuer)
	if err != nil {
		return nil, errors.Join(err, ctx.Err())
	}
	p.sessions.mu.Lock()
	defer p.sessions.mu.Unlock()
	if p.sessions.providers == nil {
		p.sessions.providers = map[string]*oidc.Provider{}
	}
	p.sessions.providers[issuer] = fresh
	return fresh, nil
}

// push sends the authorization request (PAR, RFC 9126) and gives the address
// to which the browser goes.
func (p *Province) push(ctx context.Context, l login, state, hint string) (string, error) {
	provider, err := p.provider(ctx, l.issuer)
	if err != nil {
		return "", err
	}
	var discovered struct {
		Pushed string `json:"pushed_authorization_request_endpoint"`
	}
	if err := provider.Claims(&discovered); err != nil || discovered.Pushed == "" {
		discovered.Pushed = l.issuer + "/oauth2/par"
	}
	form := url.Values{
		"response_type": {"code"}, "redirect_uri": {p.redirectURI()}, "scope": {strings.Join(p.face.Token.Scopes, " ")},
		"state": {state}, "nonce": {l.nonce}, "prompt": {"none"}, "login_hint": {hint},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(l.verifier)}, "code_challenge_method": {"S256"},
	}
	if resource := p.resource(l.issuer); resource != "" {
		form.Set("resource", resource)
	}
	var pushed struct {
		RequestURI string `json:"request_uri"`
	}
	if err := p.postForm(ctx, l.issuer, discovered.Pushed, form, http.StatusCreated, &pushed); err != nil {
		return "", err
	}
	if pushed.RequestURI == "" {
		return "", errors.New("province: no request_uri came")
	}
	query := url.Values{"client_id": {p.face.AppID}, "request_uri": {pushed.RequestURI}}
	return provider.Endpoint().AuthURL + "?" + query.Encode(), nil
}

// postForm sends a form as the client that we are.
func (p *Province) postForm(ctx context.Context, issuer, to string, form url.Values, status int, into any) error {
	assertion, err := p.clientAssertion(issuer)
	if err != nil {
		return err
	}
	form.Set("client_id", p.face.AppID)
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", assertion)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := p.proving().Do(req, "")
	return answerJSON(res, err, status, into)
}

// proving is how our back end asks the platform: with proofs of the key that
// its tokens are bound to (RFC 9449), which is the one it signs its assertions by.
func (p *Province) proving() dpop.Caller {
	return dpop.Caller{Client: p.client, Key: p.app.key, Now: p.now}
}

// Prove signs a proof of the mini-app's back end for one request: for tests
// that try its tokens where they do not belong.
func (p *Province) Prove(method, address, token, nonce string, now time.Time) (string, error) {
	return dpop.Proof(p.app.key, method, address, token, nonce, now)
}

// redeem turns a code into the person, as far as consent lets us know.
func (p *Province) redeem(ctx context.Context, l login, code string) (visitor, error) {
	provider, err := p.provider(ctx, l.issuer)
	if err != nil {
		return visitor{}, err
	}
	var tokens struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
		Type   string `json:"token_type"`
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {p.redirectURI()}, "code_verifier": {l.verifier}}
	if err := p.postForm(ctx, l.issuer, provider.Endpoint().TokenURL, form, http.StatusOK, &tokens); err != nil {
		return visitor{}, err
	}
	*l.got = tokens.Access
	verifier := provider.Verifier(&oidc.Config{ClientID: p.face.AppID, Now: p.now, SupportedSigningAlgs: []string{oidc.ES256}})
	idToken, err := verifier.Verify(ctx, tokens.ID)
	if err != nil {
		return visitor{}, err
	}
	if idToken.Nonce != l.nonce {
		return visitor{}, errors.New("province: the id token is of another login")
	}
	p.sessions.mu.Lock()
	p.sessions.idTokens = append(p.sessions.idTokens, tokens.ID)
	p.sessions.mu.Unlock()
	if p.resource(l.issuer) != "" {
		return p.meet(ctx, l.issuer, tokens.Access, idToken.Subject)
	}
	return p.userinfo(ctx, provider.UserInfoEndpoint(), tokens.Access, idToken.Subject)
}

// userinfo asks what consent lets us know of the subject.
func (p *Province) userinfo(ctx context.Context, endpoint, token, subject string) (visitor, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return visitor{}, err
	}
	var info struct {
		Subject string `json:"sub"`
		Name    string `json:"name"`
		Phone   string `json:"phone_number"`
	}
	res, err := p.proving().Do(req, token)
	if err := answerJSON(res, err, http.StatusOK, &info); err != nil {
		return visitor{}, err
	}
	if info.Subject != subject {
		return visitor{}, errors.New("province: userinfo is about somebody else")
	}
	return visitor{subject: subject, name: maskName(info.Name), phone: maskPhone(info.Phone)}, nil
}

// maskPhone keeps three and four digits.
func maskPhone(phone string) string {
	if len(phone) != 11 {
		return ""
	}
	return phone[:3] + "****" + phone[7:]
}
