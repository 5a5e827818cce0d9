package journey

import (
	"context"
	"time"

	"github.com/tongban/tongban/services/access/proof"
)

// ShowCode is the code of a licence on a phone's screen.
type ShowCode struct {
	Code, URL           string
	ExpiresAt           time.Time
	RefreshAfterSeconds int
}

// LicenceDetail is a licence and what of it can be shown.
type LicenceDetail struct {
	Licence struct{ ID, Number, TypeName, Status, Province string }
	Choices []LicenceChoice
}

// LicenceChoice is a field of a licence that can be shown.
type LicenceChoice struct {
	Field, Label string
	Sensitive    bool
}

// Approval is a check that waits for the holder's word.
type Approval struct {
	ID, Verifier, CreditCode, Place, Purpose, LicenceType, State string
	Fields                                                       []LicenceChoice
	AskedAt, AnswerBy                                            time.Time
}

// Checked is what a verifier sees of a check.
type Checked struct {
	ID, State string
	// Outcome and LastKnown are empty where there is none.
	Outcome, LastKnown string
	Since, AsOf        *time.Time
	Sources            []struct {
		SourceState
		AgeSeconds *int
	}
	Fields   []struct{ Field, Label, Value string }
	Withheld []string
}

// Value gives a field's value; empty where it was not told.
func (c Checked) Value(field string) string {
	for _, f := range c.Fields {
		if f.Field == field {
			return f.Value
		}
	}
	return ""
}

// Licence opens one of the person's licences.
func (p *Phone) Licence(ctx context.Context, id string) (LicenceDetail, error) {
	var out struct{ Licence LicenceDetail }
	err := p.Ask(ctx, "Licence", map[string]any{"id": id}, &out)
	return out.Licence, err
}

// Show puts a code on the screen that lets a verifier have the fields.
func (p *Phone) Show(ctx context.Context, licence string, fields ...string) (ShowCode, error) {
	var out struct{ ShowLicence struct{ Code ShowCode } }
	err := p.Ask(ctx, "ShowLicence", map[string]any{"input": map[string]any{"licence": licence, "fields": fields}}, &out)
	return out.ShowLicence.Code, err
}

// Approvals gives the checks that wait for the person's word.
func (p *Phone) Approvals(ctx context.Context) ([]Approval, error) {
	var out struct{ Approvals []Approval }
	err := p.Ask(ctx, "Approvals", nil, &out)
	return out.Approvals, err
}

// Answer says APPROVE or REFUSE to a check that waits.
func (p *Phone) Answer(ctx context.Context, approval, answer string) (Approval, error) {
	var out struct{ AnswerApproval struct{ Approval Approval } }
	err := p.Ask(ctx, "AnswerApproval", map[string]any{"input": map[string]any{"approval": approval, "answer": answer}}, &out)
	return out.AnswerApproval.Approval, err
}

// Officer proves a verifier's device to the product; mocks/verifier has some.
type Officer interface {
	// Token gives an access token that is bound to the device's key.
	Token(ctx context.Context, issuer string, now time.Time) (string, error)
	// Prove signs a proof for one request with the token.
	Prove(method, address, token, nonce string, now time.Time) (string, error)
}

// desk is an Officer as a Prover.
type desk struct{ Officer }

func (d desk) Prove(r proof.Request, nonce string) (string, error) {
	return d.Officer.Prove(r.Method, r.URL, r.Token, nonce, r.Now)
}

// Desk is a verifier's device with the verifier app on it.
type Desk struct{ phone *Phone }

// NewDesk signs an officer's device in; now is its clock.
func NewDesk(ctx context.Context, issuer, front string, operations map[string]string, officer Officer, now func() time.Time) (*Desk, error) {
	p := NewPhone(issuer, front, operations)
	p.Device, p.Now = desk{officer}, now
	token, err := officer.Token(ctx, issuer, now())
	p.Tokens.AccessToken = token
	return &Desk{p}, err
}

// Check redeems what was scanned; without fields it asks for all it may.
func (d *Desk) Check(ctx context.Context, scanned, purpose string, fields ...string) (Checked, error) {
	input := map[string]any{"code": scanned, "purpose": purpose}
	if len(fields) > 0 {
		input["fields"] = fields
	}
	var out struct{ Check struct{ Check Checked } }
	err := d.phone.Ask(ctx, "Check", map[string]any{"input": input}, &out)
	return out.Check.Check, err
}

// Result asks what a check came to.
func (d *Desk) Result(ctx context.Context, id string) (Checked, error) {
	var out struct{ CheckResult Checked }
	err := d.phone.Ask(ctx, "CheckResult", map[string]any{"id": id}, &out)
	return out.CheckResult, err
}

// Ask runs one of the verifier app's operations.
func (d *Desk) Ask(ctx context.Context, operation string, variables map[string]any, out any) error {
	return d.phone.Ask(ctx, operation, variables, out)
}
