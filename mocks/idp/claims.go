package idp

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// IDTokenTTL is how long an id_token may be taken. Our choice: the client
// reads it at once.
const IDTokenTTL = 5 * time.Minute

// told is what the source says of a person to this client, in its own words.
// It goes by the client's registration, not by scopes, as national sources do it.
func (s *Server) told(p Person) jwt.MapClaims {
	style, c := s.config.Style, jwt.MapClaims{"sub": s.subject(p)}
	for name, value := range s.claims(p) {
		own := name
		if style.Names != nil {
			if own = style.Names[name]; own == "" {
				continue
			}
		}
		put(c, own, value)
	}
	return c
}

// put sets a value at a name whose dots make objects.
func put(c map[string]any, path string, value any) {
	first, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		c[first] = value
		return
	}
	inner, ok := c[first].(map[string]any)
	if !ok {
		inner = map[string]any{}
		c[first] = inner
	}
	put(inner, rest, value)
}

// claims are what there is to say, under our names.
func (s *Server) claims(p Person) map[string]any {
	style := s.config.Style
	c := map[string]any{
		"name": p.Name, "id_number": p.IDNumber, "phone_number": p.Phone, "gov_level": p.Level, "places": orNone(p.Places),
	}
	if style.Levels != nil {
		c["gov_level"] = style.Levels[p.Level]
	}
	if p.PhoneVerified {
		c["phone_number_verified"] = true
	}
	if p.SocialSecurity != "" {
		c["social_security_number"] = p.SocialSecurity
	}
	if p.CertKey != "" {
		c["cert_key"] = p.CertKey
	}
	if p.For == nil {
		return c
	}
	e := p.For
	c["credit_code"], c["enterprise_name"], c["enterprise_type"] = e.CreditCode, e.Name, e.Type
	c["legal_representative"], c["enterprise_phone"], c["enterprise_cert_key"] = e.LegalRepresentative, e.Phone, e.CertKey
	c["enterprise_places"], c["role"] = orNone(e.Places), e.Role
	if style.Roles != nil {
		c["role"] = style.Roles[e.Role]
	}
	if !e.Until.IsZero() {
		c["role_until"] = e.Until.UTC().Format(time.RFC3339)
	}
	return c
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// SubjectOf is the sub under which the client knows the person of this name;
// "" for a name that the source does not know.
func (s *Server) SubjectOf(name string) string {
	p, known := s.person(name)
	if !known {
		return ""
	}
	return s.subject(p)
}

// subject is the same at each start of the source, another for another
// client, and no way back to the ID number for who does not hold the secret.
func (s *Server) subject(p Person) string {
	m := hmac.New(sha256.New, []byte("subject of "+s.config.ClientID+" under "+s.config.ClientSecret))
	m.Write([]byte(p.IDNumber))
	if p.For != nil { // somebody in two enterprises is two of its users
		m.Write([]byte(p.For.CreditCode))
	}
	return b64(m.Sum(nil)[:18])
}

func (s *Server) idToken(g grant, bearer string) (string, error) {
	p, _ := s.person(g.person) // people never leave
	p.Level = g.level
	now, fault := s.now(), s.faultAt(Token)
	c := jwt.MapClaims{"sub": s.subject(p)}
	if !s.config.Style.Quiet {
		c = s.told(p)
	}
	c["iss"], c["aud"] = s.issuer, s.config.ClientID
	c["auth_time"], c["at_hash"] = g.at.Unix(), s.keys.half(bearer)
	if g.acr != "" {
		c["acr"] = g.acr
	}
	if g.nonce != "" {
		c["nonce"] = g.nonce
	}
	key := s.keys.signing
	switch fault.Mode {
	case BadSignature:
		key = s.keys.foreign
	case WrongNonce:
		c["nonce"] = secret()
	case Expired:
		now = now.Add(-2 * time.Hour)
	}
	c["iat"], c["exp"] = now.Unix(), now.Add(IDTokenTTL).Unix()
	t := jwt.NewWithClaims(s.keys.method, c)
	t.Header["kid"] = s.keys.id
	return t.SignedString(key)
}
