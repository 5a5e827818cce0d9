package visit

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/licence"
	"github.com/tongban/tongban/services/province"
)

// kinds are the kinds of licence a manifest may ask about: the claim of
// gov_data_use, which is also the scope, and the type's name. Our choice of
// names; the kinds are those of the catalogue's list.
var kinds = []struct{ claim, name string }{
	{"licence_identity_card", "居民身份证"}, {"licence_household", "户口簿"}, {"licence_marriage", "结婚证"}, {"licence_birth", "出生医学证明"},
	{"licence_social_security_card", "社会保障卡"}, {"licence_driving", "机动车驾驶证"}, {"licence_vehicle", "机动车行驶证"},
	{"licence_residence", "居住证"}, {"licence_property", "不动产权证书"}, {"licence_no_criminal_record", "无犯罪记录证明"},
	{"licence_senior", "老年人优待证"}, {"licence_business", "营业执照"}, {"licence_food_trade", "食品经营许可证"},
}

// Facts are what the person's licences of one kind say of themselves.
type Facts struct {
	Claim, Kind string
	Facts       []Fact
	// Complete tells that every source answered: where one did not, an empty
	// list does not say that the person has none.
	Complete bool
}

// Fact is what one licence says: no number, no holder.
type Fact struct {
	TypeName, Issuer    string
	IssuedOn, ExpiresOn licence.Date
	Status              licence.Status
	AsOf                time.Time
	Freshness           province.Freshness
}

// factFields are those facts, as the ledger calls them.
func factFields() []string {
	return []string{"licence_status", "licence_type", "licence_issuer", "licence_issued_on", "licence_expires_on"}
}

// Facts gives the facts of the licences that the claim is about. It fails with
// NotFound LICENCE_CLAIM_UNKNOWN for what is no such claim, Forbidden
// CLAIM_NOT_GRANTED (detail claim), and as Permit does.
func (s *Service) Facts(ctx context.Context, v ids.Visit, claim string) (Facts, error) {
	const op = "visit.Facts"
	at := slices.IndexFunc(kinds, func(k struct{ claim, name string }) bool { return k.claim == claim })
	if at < 0 {
		return Facts{}, fault.New(op, fault.NotFound, "LICENCE_CLAIM_UNKNOWN")
	}
	if _, err := s.allowed(ctx, v, claim); err != nil {
		return Facts{}, fault.Wrap(op, err)
	}
	shelf, err := s.d.Licences.List(ctx, v.Actor)
	if err != nil {
		return Facts{}, fault.Wrap(op, err)
	}
	// Authorities take seconds, in which the person may have thought better of it.
	permit, err := s.allowed(ctx, v, claim)
	if err != nil {
		return Facts{}, fault.Wrap(op, err)
	}
	f := Facts{Claim: claim, Kind: kinds[at].name, Facts: []Fact{}, Complete: true}
	for _, l := range shelf.Licences {
		if l.TypeName == f.Kind {
			f.Facts = append(f.Facts, Fact{TypeName: l.TypeName, Issuer: l.Issuer, IssuedOn: l.IssuedOn, ExpiresOn: l.ExpiresOn,
				Status: l.Status, AsOf: l.AsOf, Freshness: l.Freshness})
		}
	}
	for _, source := range shelf.Sources {
		f.Complete = f.Complete && (source.Freshness == province.Live || source.Freshness == province.Cached)
	}
	return f, fault.Wrap(op, s.tell(ctx, permit.HandOver([]string{claim}, factFields())))
}

// allowed gives the permit where it holds the claim now.
func (s *Service) allowed(ctx context.Context, v ids.Visit, claim string) (access.Permit, error) {
	permit, err := s.d.Permits.Permit(ctx, v)
	if err == nil && !permit.Allows(claim) {
		err = refused("visit.allowed", claim)
	}
	return permit, err
}
