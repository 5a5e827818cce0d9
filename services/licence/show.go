package licence

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/mandate"
	"github.com/tongban/tongban/services/province"
)

const (
	// ShowCodeTTL is how long after issue a verifier accepts a code. Our choice:
	// two 30 s refreshes of the phone, so a slow scan still passes.
	ShowCodeTTL = 60 * time.Second
	// RefreshAfter is when the phone asks for the next code.
	RefreshAfter = 30 * time.Second
	// codeLength is how many characters a code has: 128 random bits in base 32.
	codeLength = 26
	// ScanPath is where a code's link leads; the code stands in its fragment,
	// which no browser sends anywhere.
	ScanPath = "/scan"
)

// ShowCode is a code for a verifier to redeem once.
type ShowCode struct {
	Code string
	// URL is what the phone draws as QR code.
	URL          string
	ExpiresAt    time.Time
	RefreshAfter time.Duration
}

// RefreshAfterSeconds gives RefreshAfter in whole seconds.
func (c ShowCode) RefreshAfterSeconds() int { return int(c.RefreshAfter.Seconds()) }

// Detail gives one of the holder's own licences and what of it may be shown. It
// fails as ShowCode does.
func (s *Service) Detail(ctx context.Context, actor ids.Actor, id ids.LicenceID) (Detail, error) {
	const op = "licence.Detail"
	h, l, err := s.own(ctx, actor, id)
	if err != nil {
		return Detail{}, fault.Wrap(op, err)
	}
	values := l.values(h.account)
	careful := sensitive(values, h.account)
	d := Detail{Licence: l.Licence}
	for _, w := range fieldWords {
		if values[w.field] != "" {
			d.Choices = append(d.Choices, Choice{Field: w.field, Label: w.label, Sensitive: slices.Contains(careful, w.field)})
		}
	}
	return d, nil
}

// ShowCode issues a code for the holder's own licence and the fields chosen of
// it. A licence that is not in force can be shown, too: the verifier is told.
// It fails with Private LICENCE_NOT_FOUND when actor is not the holder, so that
// the answer does not tell whether the licence exists, Unavailable
// LICENCE_SOURCES_DOWN when a source does not answer that may hold it, Invalid
// LICENCE_FIELD_INVALID for no field or one that the licence does not have, and
// Forbidden ACTING_NOT_ALLOWED for one who acts for another without the scope to
// show. What a delegate shows stands in the ledger.
func (s *Service) ShowCode(ctx context.Context, actor ids.Actor, id ids.LicenceID, fields []Field) (ShowCode, error) {
	const op = "licence.ShowCode"
	h, l, err := s.own(ctx, actor, id)
	if err != nil {
		return ShowCode{}, fault.Wrap(op, err)
	}
	values := l.values(h.account)
	known := Known{Status: l.Status, Values: map[Field]string{}, AsOf: l.AsOf}
	for _, f := range fields {
		if known.Values[f] = values[f]; values[f] == "" {
			return ShowCode{}, fault.New(op, fault.Invalid, "LICENCE_FIELD_INVALID")
		}
	}
	if len(fields) == 0 || len(known.Values) != len(fields) {
		return ShowCode{}, fault.New(op, fault.Invalid, "LICENCE_FIELD_INVALID")
	}
	chosen := inOrder(fields)
	code, now := strings.TrimPrefix(s.d.IDs.New("c"), "c_"), s.d.Clock.Now()
	kept := Code{
		Subject: actor.Subject, Group: s.group(id, chosen), Hash: s.hash(code), IssuedAt: now,
		Shown: Shown{Licence: id, App: l.App, By: actor.By, Area: l.place, TypeName: l.TypeName, TypeCode: l.TypeCode,
			Fields: chosen, Sensitive: both(sensitive(values, h.account), chosen), Known: known},
	}
	err = s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		if err := s.d.Store.Issue(ctx, u, kept); err != nil || actor.Mandate == "" {
			return err
		}
		use := mandate.Use(actor, "代为出示"+l.TypeName, ledgerNames(chosen))
		use.Item = l.TypeName
		return s.d.Ledger.Record(ctx, u, use)
	})
	if err != nil {
		return ShowCode{}, fault.Wrap(op, err)
	}
	return ShowCode{Code: code, URL: s.d.Issuer + ScanPath + "#" + code, ExpiresAt: now.Add(ShowCodeTTL), RefreshAfter: RefreshAfter}, nil
}

// own finds one of the actor's licences.
func (s *Service) own(ctx context.Context, actor ids.Actor, id ids.LicenceID) (holding, bound, error) {
	const op = "licence.own"
	h, err := s.held(ctx, actor, ids.ScopeLicence)
	if err != nil {
		return holding{}, bound{}, err
	}
	if i := slices.IndexFunc(h.licences, func(l bound) bool { return l.ID == id }); i >= 0 {
		return h, h.licences[i], nil
	}
	// An id is a hash of its holder: another's is in none of our sources,
	// whether they answer or not, so neither refusal tells that it exists.
	if slices.ContainsFunc(h.sources, func(src SourceState) bool { return src.Freshness == province.Unavailable }) {
		return holding{}, bound{}, fault.New(op, fault.Unavailable, "LICENCE_SOURCES_DOWN")
	}
	return holding{}, bound{}, fault.New(op, fault.Private, "LICENCE_NOT_FOUND")
}

func (s *Service) hash(code string) string { return s.d.Index("licence_code.hash", code) }

func (s *Service) group(id ids.LicenceID, fields []Field) string {
	parts := []string{string(id)}
	for _, f := range fields {
		parts = append(parts, string(f))
	}
	return s.d.Index("licence_code.group", strings.Join(parts, "\x00"))
}

// presented reads a code as a verifier hands it in: bare, or as the link that
// a QR code holds. It gives "" for what can't be one.
func presented(code string) string {
	code = strings.TrimSpace(code)
	if i := strings.LastIndexByte(code, '#'); i >= 0 {
		code = code[i+1:]
	}
	if len(code) != codeLength {
		return ""
	}
	return code
}

// Sweep removes what lapsed long ago; a job calls it now and then.
func (s *Service) Sweep(ctx context.Context) error {
	return fault.Wrap("licence.Sweep", s.d.Units.Do(ctx, func(ctx context.Context, u unit.Unit) error {
		return s.d.Store.Sweep(ctx, u, s.d.Clock.Now().Add(-keepFor))
	}))
}
