package journey

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Tokens is what a sign-in gives, as the token endpoint answered.
type Tokens struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
}

// redirectURI is the phone's page at the issuer, which the app claims: whoever
// follows the redirects stops before it.
func redirectURI(issuer string) string { return issuer + "/phone/" }

// maxPage bounds what is read of any page or answer, in bytes.
const maxPage = 1 << 20

// mobileClient is our app's client_id.
const mobileClient = "tongban-mobile"

// Begun is a sign-in whose person is back with a code, not redeemed yet.
type Begun struct{ code, verifier string }

// Begin runs the authorization code flow with PKCE (RFC 7636) as the app does
// in its browser, by way of the named identity source, and chooses person on
// the source's login page. A phone with a device pushes its request (RFC 9126),
// so that code and tokens are for its key alone.
func (p *Phone) Begin(ctx context.Context, source, person string) (Begun, error) {
	return p.begin(ctx, source, person, "")
}

// StepUp signs person in anew at a source that reaches what acrValues ask for,
// passing its face check.
func (p *Phone) StepUp(ctx context.Context, person, acrValues string) error {
	begun, err := p.begin(ctx, "", person, acrValues)
	if err != nil {
		return err
	}
	return p.Redeem(ctx, begun)
}

func (p *Phone) begin(ctx context.Context, source, person, acrValues string) (Begun, error) {
	browser, err := newBrowser()
	if err != nil {
		return Begun{}, err
	}
	browser.before = redirectURI(p.Issuer)
	verifier, state := random(), random()
	challenge := sha256.Sum256([]byte(verifier))
	ask := url.Values{
		"response_type": {"code"}, "client_id": {mobileClient}, "redirect_uri": {redirectURI(p.Issuer)}, "scope": {"mobile"}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	if acrValues != "" {
		ask.Set("acr_values", acrValues)
	}
	if p.Device != nil {
		if ask, err = p.push(ctx, ask); err != nil {
			return Begun{}, fmt.Errorf("par: %w", err)
		}
	}
	if source != "" {
		ask.Set("source", source)
	}
	page, err := browser.get(ctx, p.Issuer+"/oauth2/authorize?"+ask.Encode())
	if err != nil {
		return Begun{}, fmt.Errorf("authorize: %w", err)
	}
	code, err := p.choose(ctx, browser, page, person, state)
	return Begun{code: code, verifier: verifier}, err
}

// Redeem takes the tokens of a sign-in that has begun.
func (p *Phone) Redeem(ctx context.Context, b Begun) error {
	var t Tokens
	err := p.form(ctx, "/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "code": {b.code},
		"client_id": {mobileClient}, "redirect_uri": {redirectURI(p.Issuer)}, "code_verifier": {b.verifier}}, &t)
	if err == nil {
		p.Tokens = t
	}
	return err
}

// push gives the parameters that stand for the pushed request.
func (p *Phone) push(ctx context.Context, ask url.Values) (url.Values, error) {
	var pushed struct {
		RequestURI string `json:"request_uri"`
	}
	if err := p.form(ctx, "/oauth2/par", ask, &pushed); err != nil {
		return nil, err
	}
	return url.Values{"client_id": {mobileClient}, "request_uri": {pushed.RequestURI}}, nil
}

// choose chooses person on the source's login page and gives the code that
// comes back to the app.
func (p *Phone) choose(ctx context.Context, browser *browser, page page, person, state string) (string, error) {
	if page.status != http.StatusOK {
		return "", fmt.Errorf("authorize: no login page, but %s", page.says())
	}
	back, err := browser.submit(ctx, page, "person", person)
	if errors.Is(err, errNoChoice) {
		return "", errors.New("login page: the source knows nobody of that name")
	}
	if err == nil && strings.Contains(back.body, `name="face"`) {
		back, err = browser.submit(ctx, back, "face", "done")
	}
	if err != nil {
		return "", fmt.Errorf("login page: %w", err)
	}
	if !strings.HasPrefix(back.location, redirectURI(p.Issuer)) {
		return "", fmt.Errorf("login: the source did not send us back to the app: %s", back.says())
	}
	got, err := url.Parse(back.location)
	if err != nil {
		return "", fmt.Errorf("redirect: %w", err)
	}
	q := got.Query()
	if q.Get("error") != "" {
		return "", fmt.Errorf("sign-in refused: %s", q.Get("error"))
	}
	if q.Get("state") != state || q.Get("iss") != p.Issuer {
		return "", errors.New("redirect carries another state or issuer")
	}
	return q.Get("code"), nil
}

// Refusal is an answer that says no.
type Refusal struct {
	Status int
	Code   string // the stable code, or OAuth's error
	Text   string
	// Detail is the answer's extensions, where it was a GraphQL one.
	Detail map[string]any
}

// Error gives status, code and text.
func (r *Refusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("refused (%d): %s %s", r.Status, r.Code, r.Text))
}

// browser follows redirects as a web view does, keeps cookies, and stops at a
// page or before a native app's own address.
type browser struct {
	http   *http.Client
	before string // the app's own address; "" for none
}

type page struct {
	url      *url.URL
	status   int
	body     string
	location string   // set where it stopped before an app's own address
	hops     []string // every address gone through, without queries
}

func newBrowser() (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &browser{http: &http.Client{
		Jar: jar, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (b *browser) get(ctx context.Context, address string) (page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return page{}, err
	}
	return b.follow(req)
}

// maxHops is how many redirects a browser follows.
const maxHops = 20

func (b *browser) follow(req *http.Request) (page, error) {
	var hops []string
	for range maxHops {
		hops = append(hops, req.URL.Scheme+"://"+req.URL.Host+req.URL.Path)
		res, err := b.http.Do(req)
		if err != nil {
			return page{}, err
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, maxPage))
		_ = res.Body.Close()
		if err != nil {
			return page{}, err
		}
		to := res.Header.Get("Location")
		if res.StatusCode < 300 || res.StatusCode > 399 || to == "" {
			return page{url: req.URL, status: res.StatusCode, body: string(body), hops: hops}, nil
		}
		next, err := req.URL.Parse(to)
		if err != nil {
			return page{}, err
		}
		if b.before != "" && strings.HasPrefix(next.String(), b.before) {
			return page{url: req.URL, status: res.StatusCode, location: next.String(), hops: hops}, nil
		}
		if req, err = http.NewRequestWithContext(req.Context(), http.MethodGet, next.String(), nil); err != nil {
			return page{}, err
		}
	}
	return page{}, fmt.Errorf("more than %d redirects", maxHops)
}

var (
	formTag   = regexp.MustCompile(`(?is)<form[^>]*>.*?</form>`)
	actionOf  = regexp.MustCompile(`(?is)<form[^>]*\baction="([^"]*)"`)
	inputTag  = regexp.MustCompile(`(?is)<input[^>]*>`)
	attribute = func(name string) *regexp.Regexp { return regexp.MustCompile(`(?is)\b` + name + `="([^"]*)"`) }
	nameOf    = attribute("name")
	valueOf   = attribute("value")
	typeOf    = attribute("type")
)

var errNoChoice = errors.New("the page has no form that offers this choice")

// submit fills the page's form that knows field with value, hidden inputs as
// they stand, and sends it.
func (b *browser) submit(ctx context.Context, p page, field, value string) (page, error) {
	form := ""
	for _, f := range formTag.FindAllString(p.body, -1) {
		if strings.Contains(f, `name="`+field+`"`) && strings.Contains(html.UnescapeString(f), value) {
			form = f
			break
		}
	}
	if form == "" {
		return page{}, fmt.Errorf("%w of %q", errNoChoice, field)
	}
	action := p.url
	if m := actionOf.FindStringSubmatch(form); m != nil {
		to, err := p.url.Parse(html.UnescapeString(m[1]))
		if err != nil {
			return page{}, err
		}
		action = to
	}
	data := url.Values{field: {value}}
	for _, tag := range inputTag.FindAllString(form, -1) {
		n, v, t := nameOf.FindStringSubmatch(tag), valueOf.FindStringSubmatch(tag), typeOf.FindStringSubmatch(tag)
		if n != nil && v != nil && t != nil && t[1] == "hidden" {
			data.Set(n[1], html.UnescapeString(v[1]))
		}
	}
	data.Set(field, value)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, action.String(), strings.NewReader(data.Encode()))
	if err != nil {
		return page{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.follow(req)
}

func (p page) says() string {
	if to, err := url.Parse(p.location); err == nil && to.Query().Has("error") {
		return strings.TrimSuffix(to.Query().Get("error")+": "+to.Query().Get("error_description"), ": ")
	}
	if p.location != "" {
		return "a redirect"
	}
	return fmt.Sprintf("%d at %s", p.status, p.url.Path)
}

func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
