package province_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/tongban/tongban/mocks/province"
)

func (w *world) standing(p *province.Province, kind string) string {
	w.t.Helper()
	shape, _, _ := w.ask(p, "licence.list", w.person("zhang"), nil, "")
	list, _ := shape["licences"].([]any)
	for _, one := range list {
		if l, _ := one.(map[string]any); l["type_name"] == kind {
			status, _ := l["status"].(string)
			return status
		}
	}
	w.t.Fatalf("no %s", kind)
	return ""
}

func setStanding(t *testing.T, p *province.Province, s province.Standing) int {
	t.Helper()
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(p.ControlURL()+"/licences/status", "application/json", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func TestALicenceIsTakenBackAndGivenAgainByControl(t *testing.T) {
	w := newWorld(t, nil, "310000", "410000")
	p := w.province("310000")
	for _, status := range []string{"REVOKED", "SUSPENDED", "VALID"} {
		if code := setStanding(t, p, province.Standing{Person: "zhang", Kind: "居住证", Status: status}); code != http.StatusNoContent {
			t.Fatalf("%s: %d", status, code)
		}
		if got := w.standing(p, "居住证"); got != status {
			t.Errorf("set %s, told %s", status, got)
		}
		if got := w.standing(p, "机动车行驶证"); got != "VALID" {
			t.Errorf("the other licence became %s", got)
		}
	}
	for want, bad := range map[int]province.Standing{
		http.StatusNotFound:   {Person: "zhang", Kind: "护照", Status: "REVOKED"},
		http.StatusBadRequest: {Person: "zhang", Kind: "居住证", Status: "LOST"},
	} {
		if code := setStanding(t, p, bad); code != want {
			t.Errorf("%+v: %d", bad, code)
		}
	}
}
