package oidcsource_test

import (
	"slices"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/identity"
	"github.com/tongban/tongban/services/identity/oidcsource"
)

// own are a source's claims in words of its own.
func own(c jwt.MapClaims) {
	c["xm"], c["zjhm"], c["sjhm"], c["rzdj"], c["xzqh"] = "李样例", "440524188001010014", "19900000003", "实人核验", "440000"
	for _, name := range []string{"name", "id_number", "phone_number", "gov_level", "places"} {
		delete(c, name)
	}
}

func inOwnWords(c *oidcsource.Config) {
	c.Claims = map[string]string{"name": "xm", "id_number": "zjhm", "phone_number": "sjhm", "gov_level": "rzdj", "places": "xzqh"}
	c.Levels = map[string]int{"自行填报": 2, "实名核验": 3, "实人核验": 4}
}

func TestASourceIsReadInItsOwnWords(t *testing.T) {
	s, f, _ := open(t, inOwnWords)
	f.set(func() { f.claims = own })
	e, err := roundTrip(t, s, f)
	if err != nil {
		t.Fatal(err)
	}
	if e.Name != "李样例" || e.IDNumber != "440524188001010014" || e.Phone != "19900000003" || e.Level != identity.LevelPresent ||
		!slices.Equal(e.Places, []ids.AreaCode{"440000"}) || e.For.CreditCode != "" {
		t.Errorf("read as %+v", e)
	}
	f.set(func() { f.claims = func(c jwt.MapClaims) { own(c); c["rzdj"] = "钻石会员" } })
	if _, err := roundTrip(t, s, f); fault.CodeOf(err) != "SIGN_IN_UNPROVEN" {
		t.Errorf("a level that nobody wrote down: %v", err)
	}
}

func legal(c *oidcsource.Config) {
	c.Kind = oidcsource.KindEnterprise
	c.Claims = map[string]string{"credit_code": "fr.code", "enterprise_name": "fr.mc", "enterprise_places": "fr.xzqh", "role": "jbr.sf", "role_until": "jbr.sqjz"}
	c.Roles = map[string]ids.Role{"法定代表人": ids.LegalRepresentative, "经办人": ids.Agent}
}

func firm(c jwt.MapClaims) {
	c["fr"] = map[string]any{"code": "91310000MA00000012", "mc": "示例贸易有限公司", "xzqh": []string{"310000"}}
	c["jbr"] = map[string]any{"sf": "经办人", "sqjz": "2026-12-31T16:00:00Z"}
}

func TestALegalPersonsSourceSaysForWhomAndAsWhat(t *testing.T) {
	s, f, _ := open(t, legal)
	f.set(func() { f.claims = firm })
	e, err := roundTrip(t, s, f)
	if err != nil {
		t.Fatal(err)
	}
	if e.For.CreditCode != "91310000MA00000012" || e.For.Name != "示例贸易有限公司" || e.For.Role != ids.Agent ||
		!e.For.Until.Equal(time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)) || !slices.Equal(e.For.Places, []ids.AreaCode{"310000"}) {
		t.Errorf("read as %+v", e.For)
	}
	if s.Info().Kind != identity.Enterprise {
		t.Errorf("offered as %+v", s.Info())
	}
	for name, change := range map[string]func(jwt.MapClaims){
		"no enterprise":   func(c jwt.MapClaims) { delete(c, "fr") },
		"no role":         func(c jwt.MapClaims) { delete(c, "jbr") },
		"an unknown role": func(c jwt.MapClaims) { c["jbr"] = map[string]any{"sf": "股东"} },
		"no moment":       func(c jwt.MapClaims) { c["jbr"] = map[string]any{"sf": "经办人", "sqjz": "年底"} },
		"a code of parts": func(c jwt.MapClaims) { c["fr"] = map[string]any{"code": []string{"91"}, "mc": "示例"} },
	} {
		f.set(func() { f.claims = func(c jwt.MapClaims) { firm(c); change(c) } })
		if _, err := roundTrip(t, s, f); fault.CodeOf(err) != "SIGN_IN_UNPROVEN" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAPersonsSourceMakesNobodyAnAgent(t *testing.T) {
	s, f, _ := open(t, func(c *oidcsource.Config) { legal(c); c.Kind = oidcsource.KindPerson })
	f.set(func() { f.claims = firm })
	if e, err := roundTrip(t, s, f); err != nil || e.For.CreditCode != "" || e.For.Role != "" {
		t.Errorf("%+v, %v", e.For, err)
	}
}

func TestAMappingThatMeansNothingIsRefused(t *testing.T) {
	for part, change := range map[string]func(*oidcsource.Config){
		"claims": func(c *oidcsource.Config) { c.Claims = map[string]string{"surname": "xm"} },
		"levels": func(c *oidcsource.Config) { c.Levels = map[string]int{"实名核验": 6} },
		"roles":  func(c *oidcsource.Config) { c.Roles = map[string]ids.Role{"股东": "owner"} },
		"kind":   func(c *oidcsource.Config) { c.Kind = "robot" },
	} {
		c := config("https://source.example")
		change(&c)
		if _, err := oidcsource.New(c, nil, nil, nil); fault.CodeOf(err) != "SOURCE_CONFIG_INVALID" {
			t.Errorf("%s: %v", part, err)
		}
	}
}

// demand: D28
func TestEvidenceOfOtherKindsIsReadInTheSourcesWords(t *testing.T) {
	s, f, _ := open(t, func(c *oidcsource.Config) {
		c.Claims = map[string]string{"social_security_number": "sb.hm", "phone_number_verified": "yys"}
	})
	for said, verified := range map[any]bool{true: true, "是": true, "Y": true, 1: true, false: false, "否": false, "unknown": false, 0: false} {
		f.set(func() {
			f.claims = func(c jwt.MapClaims) { c["sb"], c["yys"] = map[string]any{"hm": "440524188001010014"}, said }
		})
		e, err := roundTrip(t, s, f)
		if err != nil || e.SocialSecurity != "440524188001010014" || e.PhoneVerified != verified {
			t.Errorf("%v is read as %v, %q, %v", said, e.PhoneVerified, e.SocialSecurity, err)
		}
	}
}
