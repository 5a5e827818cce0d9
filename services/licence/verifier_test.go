package licence_test

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/services/licence"
)

// registered is one whole verifier; the key is RFC 7515's example.
const registered = `{"verifiers":[{"id":"hotel","name":"示例酒店","credit_code":"91110108551385082Q","place":"上海市",
 "purposes":[{"code":"check-in","text":"住宿登记","licences":["居住证"],"fields":["TYPE","HOLDER"]}],
 "officers":[{"id":"desk-1","jwk":{"kty":"EC","crv":"P-256","alg":"ES256","kid":"k1",
  "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}]}]}`

func TestARegistryKnowsItsOfficers(t *testing.T) {
	r, err := licence.ReadVerifiers([]byte(registered))
	if err != nil {
		t.Fatal(err)
	}
	if o, ok := r.Officer("desk-1"); !ok || o.Verifier != "hotel" || o.Key.KeyID != "k1" {
		t.Errorf("%+v", o)
	}
	if v, err := r.Verifier(ids.Officer{ID: "desk-1", Verifier: "hotel"}); err != nil || v.Name != "示例酒店" {
		t.Errorf("%+v %v", v, err)
	}
	for _, r := range []*licence.Registry{r, {}, nil} {
		if _, ok := r.Officer("desk-2"); ok {
			t.Error("somebody who is not registered")
		}
	}
}

func TestAFaultyRegistryIsRefused(t *testing.T) {
	for name, change := range map[string][2]string{
		"credit code":   {"91110108551385082Q", "911101085513850820"},
		"field":         {`"HOLDER"]`, `"BLOOD_GROUP"]`},
		"field twice":   {`"HOLDER"]`, `"TYPE"]`},
		"no purpose":    {`"code":"check-in"`, `"code":""`},
		"no kind":       {`["居住证"]`, `[]`},
		"unknown name":  {`"place"`, `"plaice"`},
		"no officer id": {`"desk-1"`, `""`},
		"another key":   {`"ES256"`, `"EdDSA"`},
		"off the curve": {`"f83O`, `"f83P`},
		"twice":         {`"verifiers":[`, `"verifiers":[` + registered[len(`{"verifiers":[`):len(registered)-2] + ","},
	} {
		changed := strings.Replace(registered, change[0], change[1], 1)
		if changed == registered {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := licence.ReadVerifiers([]byte(changed)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
