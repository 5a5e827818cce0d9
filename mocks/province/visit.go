package province

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// documents are the questions of our mini-apps to the platform, as they are
// registered there: production runs no others.
//
//go:embed documents/*.graphql
var documents embed.FS

// zone is what a province's own mini-app has beyond a greeting, asked of the
// platform's front for mini-apps: its matters, one kind of licence, one form
// and one message.
type zone struct {
	Motto           string
	Claim           string // the licence it may know of
	Item, ItemTitle string // whose form it fills
	Message         string // kind of its message
}

// zone gives it; false for provinces that only greet.
func (p *Province) zone() (zone, bool) {
	z, has := map[string]zone{
		"410000": {"豫见美好，事事好办", "licence_driving", "medical-filing-elsewhere", "异地就医备案", "hotline.called"},
		"440000": {"指尖办事，粤来粤好", "licence_residence", "no-criminal-record-certificate", "无犯罪记录证明", "window.booked"},
		"500000": {"渝快办事，一路畅行", "licence_social_security_card", "social-security-card", "社会保障卡申领", "window.booked"},
	}[p.code]
	return z, has
}

// resource is what our token is asked for: the platform's front, where we use it.
func (p *Province) resource(issuer string) string {
	if _, uses := p.zone(); uses {
		return issuer + "/miniprogram"
	}
	return ""
}

// Tokens gives the tokens that the mini-app's back end was given, in their
// order: for tests that try them where they do not belong.
func (p *Province) Tokens() []string {
	p.sessions.mu.Lock()
	defer p.sessions.mu.Unlock()
	return append([]string(nil), p.sessions.tokens...)
}

// IDTokens gives the ID tokens that the mini-app's back end was given and found
// good, in their order: for tests that look at them later.
func (p *Province) IDTokens() []string {
	p.sessions.mu.Lock()
	defer p.sessions.mu.Unlock()
	return append([]string(nil), p.sessions.idTokens...)
}

// ask runs a registered document with a visitor's token, which stays here: the
// page never sees it. The answer may hold data and errors beside each other.
func (p *Province) ask(ctx context.Context, issuer, token, document string, variables map[string]any, into any) error {
	text, err := documents.ReadFile("documents/" + document + ".graphql")
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"query": string(text), "variables": variables})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, issuer+"/miniprogram/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := p.proving().Do(req, token)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer := struct {
		Data   any
		Errors []struct {
			Extensions struct{ Code string }
		}
	}{Data: into}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxBody)).Decode(&answer); err != nil {
		return fmt.Errorf("province: %s: %d", document, res.StatusCode)
	}
	if len(answer.Errors) > 0 {
		return &askError{answer.Errors[0].Extensions.Code}
	}
	return nil
}

// askError is a stable code of the platform's.
type askError struct{ code string }

func (e *askError) Error() string { return "province: the platform says " + e.code }

// over tells whether the platform says that the visit has ended.
func over(err error) bool {
	var no *askError
	return errors.As(err, &no) && (no.code == "LAUNCH_ENDED" || no.code == "TOKEN_EXPIRED" || no.code == "TOKEN_INVALID" || no.code == "CONSENT_REQUIRED")
}

// meet asks who the visitor of a fresh token is.
func (p *Province) meet(ctx context.Context, issuer, token, subject string) (visitor, error) {
	var told struct {
		Visitor struct {
			ID                string
			Name, PhoneNumber *string
		}
	}
	if err := p.ask(ctx, issuer, token, "VisitorContact", nil, &told); err != nil {
		return visitor{}, err
	}
	if told.Visitor.ID != subject {
		return visitor{}, errors.New("province: the platform speaks of somebody else")
	}
	v := visitor{subject: subject, token: token}
	if told.Visitor.Name != nil {
		v.name = maskName(*told.Visitor.Name)
	}
	if told.Visitor.PhoneNumber != nil {
		v.phone = maskPhone(*told.Visitor.PhoneNumber)
	}
	return v, nil
}

// atHome is what the zone's first screen shows.
type atHome struct {
	Cases []struct{ Item, State, Note, At string }
	// Licence is the kind; empty where we may not know. Complete tells whether
	// everybody answered.
	Licence  string
	Complete bool
	Facts    []struct{ Issuer, Until, State string }
}

var china = time.FixedZone("CST", 8*60*60)

func (p *Province) home(ctx context.Context, issuer, token string, z zone) (atHome, error) {
	var told struct {
		VisitCases struct {
			Edges []struct {
				Node struct {
					ItemName, State, Note string
					UpdatedAt             time.Time
				}
			}
		}
		LicenceFacts *struct {
			Kind     string
			Complete bool
			Facts    []struct {
				Issuer, Status string
				ExpiresOn      *string
			}
		}
	}
	err := p.ask(ctx, issuer, token, "VisitHome", map[string]any{"claim": z.Claim}, &told)
	var no *askError
	if errors.As(err, &no) && no.code == "CLAIM_NOT_GRANTED" {
		err = nil // the person prefers that; the rest stands
	}
	if err != nil {
		return atHome{}, err
	}
	var h atHome
	for _, e := range told.VisitCases.Edges {
		h.Cases = append(h.Cases, struct{ Item, State, Note, At string }{
			e.Node.ItemName, stateWords(e.Node.State), e.Node.Note, e.Node.UpdatedAt.In(china).Format("1月2日 15:04")})
	}
	if told.LicenceFacts == nil {
		return h, nil
	}
	h.Licence, h.Complete = told.LicenceFacts.Kind, told.LicenceFacts.Complete
	for _, f := range told.LicenceFacts.Facts {
		until := "长期有效"
		if f.ExpiresOn != nil {
			until = "有效期至 " + *f.ExpiresOn
		}
		h.Facts = append(h.Facts, struct{ Issuer, Until, State string }{f.Issuer, until, stateWords(f.Status)})
	}
	return h, nil
}

// stateWords are the platform's states as people read them.
func stateWords(state string) string {
	words, known := map[string]string{
		"SUBMITTED": "已提交", "RECEIVED": "已收件", "ACCEPTED": "已受理", "CORRECTION": "待补正", "DONE": "已办结", "REFUSED": "未予办理",
		"VALID": "有效", "REVOKED": "已吊销", "SUSPENDED": "暂停使用", "EXPIRED": "已过期",
	}[state]
	if !known {
		return "状态待核"
	}
	return words
}

// form is one item's form with what the platform let us know of it.
type form struct {
	Title  string
	Fields []struct{ Label, Value string }
}

func (p *Province) form(ctx context.Context, issuer, token string, z zone) (form, error) {
	var told struct {
		PrefilledForm struct {
			Fields []struct {
				Label, Claim string
				Value        *string
			}
		}
	}
	if err := p.ask(ctx, issuer, token, "PrefilledForm", map[string]any{"item": z.Item, "region": p.code}, &told); err != nil {
		return form{}, err
	}
	f := form{Title: z.ItemTitle}
	for _, one := range told.PrefilledForm.Fields {
		row := struct{ Label, Value string }{Label: one.Label}
		switch {
		case one.Value == nil:
		case one.Claim == "name":
			row.Value = maskName(*one.Value)
		case one.Claim == "phone_number":
			row.Value = maskPhone(*one.Value)
		default:
			row.Value = strings.Repeat("*", len([]rune(*one.Value)))
		}
		f.Fields = append(f.Fields, row)
	}
	return f, nil
}
