package idp

import (
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// IDTokenTTL is how long an id_token may be taken. Our choice: the client
// reads it at once.
const IDTokenTTL = 5 * time.Minute

// claims are what the source says of a person to this client. They go by the
// client's registration, not by scopes, as national sources do it.
func (s *Server) claims(p Person) jwt.MapClaims {
	places := p.Places
	if places == nil {
		places = []string{}
	}
	c := jwt.MapClaims{
		"sub": s.subject(p), "name": p.Name, "id_number": p.IDNumber, "phone_number": p.Phone,
		"gov_level": p.Level, "places": places,
	}
	if p.CertKey != "" {
		c["cert_key"] = p.CertKey
	}
	return c
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
	return b64(m.Sum(nil)[:18])
}

func (s *Server) idToken(g grant, bearer string) (string, error) {
	p, _ := s.person(g.person) // people never leave
	now, fault := s.now(), s.faultAt(Token)
	half := sha256.Sum256([]byte(bearer))
	c := s.claims(p)
	c["iss"], c["aud"] = s.issuer, s.config.ClientID
	c["auth_time"], c["at_hash"] = g.at.Unix(), b64(half[:16])
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
	t := jwt.NewWithClaims(jwt.SigningMethodES256, c)
	t.Header["kid"] = s.keys.id
	return t.SignedString(key)
}
