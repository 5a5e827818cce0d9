package province_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tongban/tongban/mocks/people"
	"github.com/tongban/tongban/mocks/province"
)

// raw asks a capability as the manifest says, and gives what came as it came.
func (w *world) raw(p *province.Province, name string, who people.Person) (body []byte, media string) {
	w.t.Helper()
	c := read(w.t, p).Connector.Capabilities[name]
	person := map[string]string{"id_number": who.IDNumber, "name": who.Name, "cert_key": who.CertKey()}
	question, err := p.Written(mapped(w.t, c.Request, map[string]any{"person": person}))
	if err != nil {
		w.t.Fatal(err)
	}
	m := read(w.t, p)
	req, err := http.NewRequestWithContext(context.Background(), c.Method, m.Connector.BaseURL+c.Path, bytes.NewReader(question))
	if err != nil {
		w.t.Fatal(err)
	}
	w.prove(m, req.Header)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes(), res.Header.Get("Content-Type")
}

func TestEachWireIsWrittenAsSuchSystemsDo(t *testing.T) {
	w := newWorld(t, nil, "350000", "430000", "410000")
	gbk, media := w.raw(w.province("350000"), "social_security", w.person("chen"))
	if utf8.Valid(gbk) || media != "application/json;charset=GBK" {
		t.Errorf("GBK: %q, valid UTF-8 %v", media, utf8.Valid(gbk))
	}
	xml, media := w.raw(w.province("430000"), "licence.list", w.person("yang"))
	if !strings.Contains(string(xml), "<PACKAGEHEAD><FHDM>0000</FHDM>") || strings.Count(string(xml), "<CWDM>0000</CWDM>") != 2 || media != "text/xml; charset=utf-8" {
		t.Errorf("XML: %s %s", media, xml)
	}
}

func TestHalfABatchFailsRecordByRecord(t *testing.T) {
	w := newWorld(t, nil, "430000", "410000")
	p := w.province("430000")
	if err := p.SetFault(province.Fault{Mode: province.ModeHalfBatch}); err != nil {
		t.Fatal(err)
	}
	body, _ := w.raw(p, "licence.list", w.person("yang"))
	text := string(body)
	if strings.Count(text, "<CWDM>0000</CWDM>") != 1 || strings.Count(text, "<CWDM>E012</CWDM>") != 1 || !strings.Contains(text, "<FHDM>0000</FHDM>") ||
		strings.Count(text, "<SFZH>") != 3 || strings.Count(text, "<ZZBH>") != 1 || strings.Count(text, "<ZZLX>") != 2 {
		t.Error(text)
	}
	if w.province("410000").SetFault(province.Fault{Mode: province.ModeHalfBatch}) == nil {
		t.Error("a dialect without codes for records takes the fault")
	}
}

func TestCharsetsGoWrongInTwoWays(t *testing.T) {
	w := newWorld(t, nil, "350000", "410000")
	for _, c := range []struct {
		code, mode, media string
		valid             bool
	}{
		{"350000", province.ModeWrongCharset, "application/json; charset=utf-8", false},
		{"410000", province.ModeWrongCharset, "application/json; charset=utf-8", false},
		{"410000", province.ModeBadBytes, "application/json; charset=utf-8", false},
		{"350000", province.ModeOK, "application/json;charset=GBK", false},
		{"410000", province.ModeOK, "application/json; charset=utf-8", true},
	} {
		p := w.province(c.code)
		if err := p.SetFault(province.Fault{Mode: c.mode}); err != nil {
			t.Fatal(err)
		}
		body, media := w.raw(p, "social_security", w.person("wu"))
		if media != c.media || utf8.Valid(body) != c.valid {
			t.Errorf("%s %s: %s, valid UTF-8 %v", c.code, c.mode, media, utf8.Valid(body))
		}
	}
}

func TestSystemsOfTheCountryKnowEverybodyEverywhere(t *testing.T) {
	w := newWorld(t, nil)
	systems := w.country.Systems()
	if len(systems) != 5 {
		t.Fatalf("%d systems", len(systems))
	}
	zhou := w.person("zhou")
	for _, p := range systems {
		m := read(t, p)
		if err := verifyManifest(p.Manifest(), p.JWKS()); err != nil || !validCreditCode(m.Operator.CreditCode) || bytes.Contains(p.Manifest(), []byte("${")) {
			t.Errorf("%s: %v", p.Code(), err)
		}
		for name := range m.Connector.Capabilities {
			_, owner, code := w.ask(p, name, zhou, nil, "")
			if code != "" || owner != zhou.IDNumber {
				t.Errorf("%s %s: %q of %q", p.Code(), name, code, owner)
			}
		}
	}
	notary, _ := w.country.Province("notary")
	shape, _, _ := w.ask(notary, "licence.list", w.person("zhang"), nil, "")
	checkLicences(t, "notary", shape)
}

func TestACityKnowsItsOwnPeopleAndIsKilledAlone(t *testing.T) {
	w := newWorld(t, nil, "320000")
	province, city := w.province("320000"), w.province("320500")
	if n := city.State().People; n != 2 || city.AppID() != province.AppID() {
		t.Errorf("%d people, app %s", n, city.AppID())
	}
	if !bytes.Contains(province.Manifest(), []byte(`"area":"320500","name":"苏州市","base_url":"`+city.URL()+`/api"`)) &&
		!bytes.Contains(province.Manifest(), []byte(city.URL()+"/api")) {
		t.Error("the province's manifest does not name its city")
	}
	if err := city.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, _, code := w.ask(province, "housing_fund", w.person("zhang"), nil, ""); code != "" {
		t.Errorf("the province fails with its city: %q", code)
	}
}
