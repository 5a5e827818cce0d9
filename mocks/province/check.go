package province

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// accessClaims are what our own API reads of an access token.
type accessClaims struct {
	jwt.RegisteredClaims
	Session string `json:"sid"`
	Client  string `json:"client_id"`
	Status  struct {
		List struct {
			Index int    `json:"idx"`
			URI   string `json:"uri"`
		} `json:"status_list"`
	} `json:"status"`
}

// sidOf reads the launch's name of a token that we were just given.
func sidOf(token string) string {
	var c accessClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &c); err != nil {
		return ""
	}
	return c.Session
}

var errEnded = errors.New("province: the token has ended")

// serveMe is our own API: it tells the page who is here, as long as the token
// of the launch stands, by the check that the manifest declares.
func (p *Province) serveMe(w http.ResponseWriter, r *http.Request) {
	v, ok := p.here(r)
	if !ok || v.access == "" {
		p.outcome(r, "no_session")
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "no_session"})
		return
	}
	switch err := p.stands(r.Context(), v.access); {
	case errors.Is(err, errEnded):
		p.outcome(r, "ended")
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "ended"})
	case err != nil: // nobody can tell: no is the safe answer
		p.outcome(r, "platform_failed")
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "platform_failed"})
	default:
		writeJSON(w, http.StatusOK, map[string]string{"sub": v.subject, "check": p.face.Token.Check})
	}
}

// stands tells whether a token for our own API is good now. It fails with
// errEnded when it is not, and otherwise when nobody can tell.
func (p *Province) stands(ctx context.Context, token string) error {
	var c accessClaims
	err := p.ours(ctx, token, "at+jwt", &c)
	var no *eventRefusal
	if errors.As(err, &no) {
		return errEnded
	}
	if err != nil {
		return err
	}
	audience := cmp.Or(p.resource(p.issuerURL()), p.face.AppID)
	if c.Issuer != p.issuerURL() || len(c.Audience) != 1 || c.Audience[0] != audience || c.Client != p.face.AppID ||
		c.ExpiresAt == nil || !p.now().Before(c.ExpiresAt.Time) {
		return errEnded
	}
	switch {
	case c.Status.List.URI != "":
		return p.listed(ctx, c.Status.List.URI, c.Status.List.Index)
	case p.face.Token.Check == "introspect":
		return p.introspect(ctx, token)
	}
	return nil // it is short
}

func (p *Province) introspect(ctx context.Context, token string) error {
	issuer := p.issuerURL()
	provider, err := p.provider(ctx, issuer)
	if err != nil {
		return err
	}
	var at struct {
		Introspection string `json:"introspection_endpoint"`
	}
	if err := provider.Claims(&at); err != nil {
		return err
	}
	var told struct {
		Active bool `json:"active"`
	}
	if err := p.postForm(ctx, issuer, at.Introspection, url.Values{"token": {token}}, http.StatusOK, &told); err != nil {
		return err
	}
	if !told.Active {
		return errEnded
	}
	return nil
}

// statusLists keeps status lists as long as they say they may be kept.
type statusLists struct {
	mu   sync.Mutex
	kept map[string]statusList
}

type statusList struct {
	bits  []byte
	until time.Time
}

// listed looks a token up in its status list.
func (p *Province) listed(ctx context.Context, uri string, index int) error {
	if !strings.HasPrefix(uri, p.issuerURL()+"/") {
		return errEnded // a list of somebody else's
	}
	p.lists.mu.Lock()
	defer p.lists.mu.Unlock()
	list, known := p.lists.kept[uri]
	if !known || !p.now().Before(list.until) {
		var err error
		if list, err = p.fetchList(ctx, uri); err != nil {
			return err
		}
		if p.lists.kept == nil {
			p.lists.kept = map[string]statusList{}
		}
		p.lists.kept[uri] = list
	}
	if index < 0 || index/8 >= len(list.bits) || list.bits[index/8]>>(index%8)&1 != 0 {
		return errEnded
	}
	return nil
}

// listClaims are what a status list's token holds.
type listClaims struct {
	jwt.RegisteredClaims
	TTL  int64 `json:"ttl"`
	List struct {
		Bits int    `json:"bits"`
		List string `json:"lst"`
	} `json:"status_list"`
}

// fetchList reads and checks a status list (Token Status List §8.3).
func (p *Province) fetchList(ctx context.Context, uri string) (statusList, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return statusList{}, err
	}
	req.Header.Set("Accept", "application/statuslist+jwt")
	res, err := p.client.Do(req)
	if err != nil {
		return statusList{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/statuslist+jwt" {
		return statusList{}, errors.New("province: no status list came")
	}
	var c listClaims
	if err := p.ours(ctx, string(raw), "statuslist+jwt", &c); err != nil {
		return statusList{}, err
	}
	now := p.now()
	if c.Subject != uri || c.ExpiresAt == nil || !now.Before(c.ExpiresAt.Time) || c.List.Bits != 1 || c.TTL <= 0 {
		return statusList{}, errors.New("province: not the status list that was asked for")
	}
	bits, err := unpack(c.List.List)
	return statusList{bits: bits, until: now.Add(time.Duration(c.TTL) * time.Second)}, err
}

// unpack reads the bits of a list, as many as the largest may have.
func unpack(packed string) ([]byte, error) {
	const largest = 1 << 17
	raw, err := base64.RawURLEncoding.DecodeString(packed)
	if err != nil {
		return nil, err
	}
	r, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, largest))
}
