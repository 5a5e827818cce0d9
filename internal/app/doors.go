package app

import (
	"net/http"

	"github.com/tongban/tongban/bff/files"
	"github.com/tongban/tongban/bff/hooks"
	"github.com/tongban/tongban/bff/oauth"
	"github.com/tongban/tongban/bff/open"
)

// doors hangs what answers without GraphQL: signing in, what provinces and
// platforms tell, files, and what anybody may read.
func (b *builder) doors(mux *http.ServeMux, st *stores, sv *services) error {
	o := b.options
	signIn := oauth.New(oauth.Deps{Access: sv.access, Log: o.Log, Limiter: st.limiter, Burst: b.config.RateBurst})
	mux.Handle("/oauth2/", signIn)
	mux.Handle("/.well-known/openid-configuration", signIn)
	mux.Handle("/.well-known/oauth-authorization-server", signIn)
	mux.Handle("/hooks/", hooks.New(hooks.Deps{
		Issuer: b.config.Issuer, Apps: sv.apps, Cases: sv.cases, Clock: o.Clock, Log: o.Log, Limiter: st.limiter, Burst: b.config.RateBurst,
		Payments: sv.cases, Platform: sv.platform,
	}))
	contents, err := files.New(files.Deps{
		Tokens: sv.access, Issuer: b.config.Issuer, Audiences: []string{sv.access.MobileAudience()}, Materials: sv.materials,
		Limiter: st.limiter, Burst: b.config.RateBurst, Log: o.Log,
	})
	if err != nil {
		return err
	}
	mux.Handle("/files/", contents)
	seals := open.NewSeals(open.SealDeps{Seals: sv.materials, Limiter: st.limiter, Burst: b.config.RateBurst, Log: o.Log})
	mux.Handle("GET "+open.SealKeysPath, seals)
	mux.Handle("GET "+open.SealsPath, seals)
	mux.Handle("POST "+open.SealCheckPath, seals)
	mux.Handle("GET "+open.LedgerKeysPath, open.NewLedgerKeys(sv.ledger, o.Log))
	mux.Handle("GET "+open.StatusPath, open.NewStatus(open.StatusDeps{Lists: sv.access, Limiter: st.limiter, Burst: b.config.RateBurst, Log: o.Log}))
	anybody := open.New()
	mux.Handle("GET "+open.SchemaPath, anybody)
	mux.Handle("GET "+open.ScanPath, anybody)
	mux.Handle("GET "+open.AppsPath, open.NewApps(sv.apps))
	return nil
}
