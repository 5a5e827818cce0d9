package app

import (
	"context"
	"errors"
	"time"

	"github.com/tongban/tongban/bff/hooks"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/dialout"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/push"
	"github.com/tongban/tongban/push/fcm"
	"github.com/tongban/tongban/push/pushdb"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/access/accessdb"
	"github.com/tongban/tongban/services/access/eventhttp"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/casework"
	"github.com/tongban/tongban/services/casework/caseworkdb"
	"github.com/tongban/tongban/services/catalogue"
	"github.com/tongban/tongban/services/consent"
	"github.com/tongban/tongban/services/consent/consentdb"
	"github.com/tongban/tongban/services/elderly"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/identitydb"
	"github.com/tongban/tongban/services/ledger"
	"github.com/tongban/tongban/services/ledger/ledgerdb"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/licence/licencedb"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/mandate/mandatedb"
	"github.com/tongban/tongban/services/material"
	"github.com/tongban/tongban/services/material/materialdb"
	"github.com/tongban/tongban/services/miniapp"
	"github.com/tongban/tongban/services/miniapp/miniappdb"
	"github.com/tongban/tongban/services/mydata"
	"github.com/tongban/tongban/services/onecard"
	"github.com/tongban/tongban/services/province"
	"github.com/tongban/tongban/services/province/mapping"
	"github.com/tongban/tongban/services/province/provincehttp"
	"github.com/tongban/tongban/services/sharing"
	"github.com/tongban/tongban/services/space"
	"github.com/tongban/tongban/services/visit"
)

// services are the rooms, from the right of their order to the left.
type services struct {
	ledger    *ledger.Service
	identity  *identity.Service
	catalogue *catalogue.Catalogue
	mandates  *mandate.Service
	consent   *consent.Service
	apps      *miniapp.Service
	access    *access.Service
	provinces *province.Service
	sharing   *sharing.Service
	licences  *licence.Service
	materials *material.Service
	cases     *casework.Service
	space     *space.Service
	onecard   *onecard.Service
	elderly   *elderly.Service
	visits    *visit.Service
	push      *push.Service
	mydata    *mydata.Service
	payments  casework.Platform // nil where nobody collects fees
	platform  hooks.Platform    // by what its notices are known
}

func (b *builder) wire(ctx context.Context, st *stores) (*services, error) {
	ring, err := signingRing(config.KeyPlace(b.config.Signing))
	if err != nil {
		return nil, err
	}
	keys := signing.NewKeeper(ring)
	sources, err := b.sources(assertions{keys: keys, issuer: b.config.Issuer, clock: b.options.Clock, ids: b.options.IDs})
	if err != nil {
		return nil, err
	}
	reg, err := readRegistry(b.config.Registry)
	if err != nil {
		return nil, err
	}
	sv := &services{}
	if sv.catalogue, err = catalogue.New(); err != nil {
		return nil, err
	}
	if err := b.payments(sv, keys); err != nil {
		return nil, err
	}
	o := b.options
	sv.ledger = ledger.New(ledger.Deps{
		Issuer: b.config.Issuer, Units: st.db, Store: ledgerdb.New(st.db, st.ring), Clock: o.Clock, IDs: o.IDs, Keys: st.ring,
		ChangeLog: st.log, Signer: heads{keys}, Log: o.Log,
	})
	sv.identity = identity.New(identity.Deps{
		Units: st.db, Store: identitydb.New(st.db, st.ring), Clock: o.Clock, IDs: o.IDs,
		Outbox: st.outbox, ChangeLog: st.log, Changes: st.tail, Sources: sources, Log: o.Log,
	})
	sv.mandates = mandate.New(mandate.Deps{
		Units: st.db, Store: mandatedb.New(st.db, st.ring), Clock: o.Clock, IDs: o.IDs, Hash: st.ring, Accounts: sv.identity, Ledger: sv.ledger,
		Outbox: st.outbox, ChangeLog: st.log, Changes: st.tail, Log: o.Log,
	})
	sv.consent = consent.New(consent.Deps{
		Units: st.db, Store: consentdb.New(st.db, st.ring), Clock: o.Clock, IDs: o.IDs, Outbox: st.outbox, ChangeLog: st.log, Changes: st.tail,
	})
	if err := b.plugIns(ctx, st, sv, reg, keys); err != nil {
		return nil, err
	}
	events := eventhttp.New(eventhttp.Config{Reach: b.reach()})
	b.atEnd(func(context.Context) error { events.Close(); return nil })
	sv.access, err = access.New(access.Deps{
		Config: access.Config{Issuer: b.config.Issuer, MobileRedirects: b.config.Redirects(), Bearer: b.config.Bearer()},
		Units:  st.db, Store: accessdb.New(st.db, st.ring), Clock: o.Clock, IDs: o.IDs, Keys: st.ring, Signing: keys,
		Identity: sv.identity, Consents: sv.consent, Apps: sv.apps, Ledger: sv.ledger, Changes: st.tail, Log: o.Log,
		Officers: reg.verifiers, Mandates: sv.mandates, Window: st.window, ChangeLog: st.log, Outbox: st.outbox, Receivers: events,
		Pushed: func(app ids.AppID, how string) { b.tel.Pushed(string(app), how) },
	})
	if err != nil {
		return nil, err
	}
	if err := b.matters(ctx, st, sv, reg); err != nil {
		return nil, err
	}
	return sv, b.rekey(ctx, st, keys)
}

// reach is what may be called of the addresses that manifests name.
func (b *builder) reach() dialout.Reach {
	if b.config.Profile == config.Dev {
		return dialout.WithLoopback
	}
	return dialout.Public
}

// plugIns makes the registry of mini-apps and what calls them.
func (b *builder) plugIns(ctx context.Context, st *stores, sv *services, reg registry, keys signing.Keys) error {
	o, dev := b.options, b.config.Profile == config.Dev
	mapper, err := mapping.New()
	if err != nil {
		return err
	}
	sv.apps, err = miniapp.New(miniapp.Deps{
		Units: st.db, Store: miniappdb.New(st.db, st.ring), Clock: o.Clock, Changes: st.tail, ChangeLog: st.log, Outbox: st.outbox,
		Checker: mapper, Operators: reg.operators, Log: o.Log, Config: miniapp.Config{AllowLoopback: dev, AllowHost: b.config.AllowsHost},
	})
	if err != nil {
		return err
	}
	secrets := make(map[ids.AppID]string, len(reg.secrets))
	for app, secret := range reg.secrets {
		secrets[ids.AppID(app)] = secret.Reveal()
	}
	caller := provincehttp.New(provincehttp.Deps{
		Clock: o.Clock, Assertions: assertions{keys: keys, issuer: b.config.Issuer, clock: o.Clock, ids: o.IDs}, Secrets: secrets,
		Config: provincehttp.Config{AllowLoopback: dev, RID: "tongban"},
	})
	b.atEnd(func(context.Context) error { caller.Close(); return nil })
	sv.provinces, err = province.New(province.Deps{
		Apps: sv.apps, Mapper: mapper, Caller: caller, Changes: st.tail, Clock: o.Clock, Log: o.Log,
		Observe: func(app ids.AppID, capability string, how province.Freshness) {
			b.tel.Reading(string(app), capability, string(how))
		},
		Alarm: func(app ids.AppID, capability string) { b.tel.WrongPerson(string(app), capability) },
	})
	if err != nil {
		return err
	}
	b.atEnd(func(context.Context) error { sv.provinces.Close(); return nil })
	return reg.register(ctx, sv.apps, o.Log)
}

// matters makes the rooms that do things for people.
func (b *builder) matters(ctx context.Context, st *stores, sv *services, reg registry) error {
	o := b.options
	sv.sharing = sharing.New(sharing.Deps{Accounts: sv.identity, Provinces: sv.provinces})
	sv.licences = licence.New(licence.Deps{
		Accounts: sv.identity, Apps: sv.apps, Provinces: sv.provinces, Uses: sv.consent, Clock: o.Clock, Index: st.ring.Index,
		Units: st.db, Store: licencedb.New(st.db, st.ring), IDs: o.IDs, Ledger: sv.ledger, ChangeLog: st.log, Verifiers: reg.verifiers, Issuer: b.config.Issuer,
	})
	seal, err := sealer(config.KeyPlace(b.config.Signing))
	if err != nil {
		return err
	}
	sv.materials = material.New(material.Deps{
		Issuer: b.config.Issuer, Units: st.db, Store: materialdb.New(st.db, st.ring), Clock: o.Clock, IDs: o.IDs,
		Ledger: sv.ledger, Names: sv.access, Sealer: seal,
	})
	sv.cases = casework.New(casework.Deps{
		Units: st.db, Store: caseworkdb.New(st.db, st.ring), Clock: o.Clock, IDs: o.IDs, Outbox: st.outbox, ChangeLog: st.log, Changes: st.tail,
		Ledger: sv.ledger, Items: sv.catalogue, Apps: sv.apps, Accounts: sv.identity, Provinces: sv.provinces, Uses: sv.consent, Hash: st.ring, Log: o.Log,
		Payments: sv.payments, Papers: sv.materials,
	})
	sv.space = space.New(space.Deps{
		Accounts: sv.identity, Apps: sv.apps, Provinces: sv.provinces, Licences: sv.licences, Clock: o.Clock, Uses: sv.consent,
	})
	sv.onecard = onecard.New(onecard.Deps{
		Catalogue: sv.catalogue, Cases: sv.cases, Licences: sv.licences, Checks: sv.sharing,
		Accounts: sv.identity, Apps: sv.apps, Papers: sv.materials, Clock: o.Clock,
	})
	sv.visits = visit.New(visit.Deps{
		Units: st.db, Clock: o.Clock, Permits: sv.access, Accounts: sv.identity, Cases: sv.cases, Licences: sv.licences,
		Guides: sv.catalogue, Ledger: sv.ledger,
	})
	sv.elderly = elderly.New(elderly.Deps{
		Accounts: sv.identity, Apps: sv.apps, Provinces: sv.provinces, Catalogue: sv.catalogue, Matters: sv.onecard,
		Cases: sv.cases, Licences: sv.licences, Mandates: sv.mandates, Uses: sv.consent, Clock: o.Clock,
	})
	channel, err := b.channel(ctx)
	if err != nil {
		return err
	}
	sv.push = push.New(push.Deps{
		Units: st.db, Store: pushdb.New(st.db, st.ring), Clock: o.Clock, IDs: o.IDs, Outbox: st.outbox, ChangeLog: st.log, Changes: st.tail,
		Items: sv.catalogue, Messages: sv.visits, Sessions: sv.identity, Index: st.ring.Index, Channel: channel, Log: o.Log,
	})
	sv.mydata = mydata.New(mydata.Deps{
		Accounts: sv.identity, Consents: sv.consent, Mandates: sv.mandates, Cases: sv.cases, Ledger: sv.ledger, More: told(sv.push),
		Issuer: b.config.Issuer, Clock: o.Clock,
	})
	return nil
}

// channel is nil, not a channel that does nothing, where no project is named.
func (b *builder) channel(ctx context.Context) (push.Channel, error) {
	if b.config.Push.Project == "" {
		return nil, nil //nolint:nilnil // push.Deps says what nil means
	}
	return fcm.New(ctx, fcm.Config{
		Project: b.config.Push.Project, Credentials: b.config.Push.Credentials, Endpoint: b.config.Push.Endpoint,
	})
}

// assertions sign what shows a province that the platform asks.
type assertions struct {
	keys   signing.Keys
	issuer string
	clock  clock.Clock
	ids    *ids.Source
}

// assertionLife is how long a province may take one. The province's own bound
// of the contract is the same.
const assertionLife = 60 * time.Second

// assertionType sets an assertion apart from an app's ID token, which has the
// same issuer, audience and key (RFC 8725 §3.11; draft-ietf-oauth-rfc7523bis).
const assertionType = "client-authentication+jwt"

// Assertion implements provincehttp.AssertionSigner.
func (a assertions) Assertion(audience string) (string, error) {
	return a.ClientAssertion(a.issuer, audience)
}

// ClientAssertion implements oidcsource.Signer.
func (a assertions) ClientAssertion(client, audience string) (string, error) {
	if audience == "" {
		return "", errors.New("app: an assertion needs an audience")
	}
	now := a.clock.Now()
	return a.keys.JWT(context.Background(), signing.ES256, assertionType, map[string]any{
		"iss": client, "sub": client, "aud": audience, "jti": a.ids.New("jti"),
		"iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
}
