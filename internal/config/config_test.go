package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/config"
)

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	c := config.Config{Profile: config.Production, Database: "mysql://u:canary@h/x", Issuer: "http://a.example/", RateBurst: 1,
		Push: config.Push{Endpoint: "http://x"}}
	err := c.Check()
	faults, ok := errors.AsType[config.Faults](err)
	if !ok || len(faults) < 6 {
		t.Fatalf("%v", err)
	}
	if strings.Contains(err.Error(), "canary") {
		t.Fatalf("a secret stands in %v", err)
	}
}

func TestAGoodConfigPasses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := config.Config{Profile: config.Dev, Database: "sqlite:" + dir + "/t.sqlite", Columns: file, Signing: file, Sources: file, Registry: dir, RateBurst: 100}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
}

func TestAPaymentPlatformIsHTTPSAndHasKeys(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := config.Payment{Address: "https://pay.example.gov.cn", Merchant: "m-1", Keys: file}
	with := func(change func(p *config.Payment)) config.Payment {
		p := good
		change(&p)
		return p
	}
	for name, x := range map[string]struct {
		payment config.Payment
		part    string // "" = none about payment
	}{
		"good":                 {good, ""},
		"none":                 {config.Payment{}, ""},
		"in clear":             {with(func(p *config.Payment) { p.Address = "http://pay.example.gov.cn" }), "must be https"},
		"no web address":       {with(func(p *config.Payment) { p.Address = "ftp://pay.example.gov.cn" }), "must be https"},
		"with a slash":         {with(func(p *config.Payment) { p.Address += "/" }), "base URL"},
		"without our number":   {with(func(p *config.Payment) { p.Merchant = "" }), "payment-merchant"},
		"without its keys":     {with(func(p *config.Payment) { p.Keys = "" }), "payment-keys"},
		"keys that are not":    {with(func(p *config.Payment) { p.Keys = filepath.Join(dir, "none") }), "payment-keys"},
		"keys without address": {with(func(p *config.Payment) { p.Address = "" }), "payment-address"},
	} {
		c := config.Config{Profile: config.Production, Payment: x.payment}
		told := ""
		for line := range strings.Lines(c.Check().Error()) {
			if strings.Contains(line, "payment-") {
				told += line
			}
		}
		if (x.part == "") != (told == "") || !strings.Contains(told, x.part) {
			t.Errorf("%s: %q", name, told)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	s := config.Secret("canary")
	if out := fmt.Sprintf("%s %v %+v %#v %q", s, s, struct{ S config.Secret }{s}, s, s); strings.Contains(out, "canary") {
		t.Fatal(out)
	}
}

func TestAMisspeltMemberIsNoticed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(file, []byte(`{"nmae":"canary"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var v struct{ Name string }
	if err := config.ReadJSON(file, &v); err == nil || strings.Contains(err.Error(), "canary") {
		t.Fatalf("%v", err)
	}
}

func TestAnIssuerOfProductionIsHTTPS(t *testing.T) {
	for issuer, refused := range map[string]bool{"http://app.example.gov.cn": true, "https://app.example.gov.cn": false} {
		c := config.Config{Profile: config.Production, Issuer: issuer}
		err := c.Check()
		if got := err != nil && strings.Contains(err.Error(), "issuer must be https in production"); got != refused {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}
