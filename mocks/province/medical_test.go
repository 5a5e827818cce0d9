package province_test

import "testing"

func TestWhatThePlaceOfTheHouseholdKeeps(t *testing.T) {
	w := newWorld(t, nil, "410000", "420000")
	henan, hubei, zhao, yang, zhang := w.province("410000"), w.province("420000"), w.person("zhao"), w.person("yang"), w.person("zhang")
	shape, _, _ := w.ask(henan, "medical_insurance", zhao, nil, "")
	checkTile(t, "410000 medical_insurance", shape)
	shape, _, _ = w.ask(hubei, "medical_insurance", yang, nil, "")
	checkTile(t, "420000 medical_insurance", shape)
	for _, name := range []string{"medical_insurance", "qualification"} {
		if _, _, code := w.ask(hubei, name, zhang, nil, ""); code != "NONE" {
			t.Errorf("%s of somebody who is not insured here: %q", name, code)
		}
	}
	for who, want := range map[string]string{"zhao": "DUE", "zhang": "NONE"} {
		if shape, _, _ := w.ask(henan, "qualification", w.person(who), nil, ""); shape["state"] != want {
			t.Errorf("%s: %v", who, shape)
		}
	}
	in := w.submission(henan, "TB-Q")
	in["item"] = "pension-eligibility"
	if _, _, code := w.ask(henan, "case.submit", zhao, in, "TB-Q"); code != "" {
		t.Fatal(code)
	}
	shape, owner, _ := w.ask(henan, "qualification", zhao, nil, "")
	if shape["state"] != "DONE" || !dayForm.MatchString(shape["until"].(string)) || owner != zhao.IDNumber {
		t.Errorf("after the proof: %v", shape)
	}
	if shape, _, _ := w.ask(hubei, "qualification", yang, nil, ""); shape["state"] != "DUE" {
		t.Errorf("yang: %v", shape)
	}
}
