package verifier_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/mocks/verifier"
)

func TestTheSameSeedGivesTheSameOfficers(t *testing.T) {
	files := make([]string, 3)
	for i, seed := range []string{"a", "a", "b"} {
		list, err := verifier.Load(seed)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := verifier.Registered(list)
		if err != nil {
			t.Fatal(err)
		}
		files[i] = string(raw)
	}
	if files[0] != files[1] || files[0] == files[2] {
		t.Fatal("keys do not follow the seed")
	}
	var file struct {
		Verifiers []struct {
			Name     string
			Officers []struct{ JWK map[string]string }
		}
	}
	if err := json.Unmarshal([]byte(files[0]), &file); err != nil || len(file.Verifiers) != 2 {
		t.Fatalf("%v %+v", err, file)
	}
	for _, v := range file.Verifiers {
		if !strings.Contains(v.Name, "演示") || len(v.Officers) == 0 || v.Officers[0].JWK["x"] == "" || v.Officers[0].JWK["d"] != "" {
			t.Errorf("%+v", v)
		}
	}
}

func TestAnOfficerAsksForATokenAsOAuthWants(t *testing.T) {
	list, err := verifier.Load("a")
	if err != nil {
		t.Fatal(err)
	}
	said := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said = r.PostFormValue("grant_type") == "client_credentials" && strings.Count(r.PostFormValue("client_assertion"), ".") == 2 && r.URL.Path == "/oauth2/token"
		if !said {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"access_token":"t"}`))
	}))
	defer server.Close()
	key, err := list[0].Officers[0].Key()
	if err != nil {
		t.Fatal(err)
	}
	again, err := verifier.NewOfficer(list[0].Officers[0].ID, key)
	if err != nil {
		t.Fatal(err)
	}
	if token, err := again.Token(t.Context(), server.URL, time.Now()); err != nil || token != "t" || !said {
		t.Fatal(token, err)
	}
	if _, err := verifier.NewOfficer("x", "no key"); err == nil {
		t.Error("a device without a key")
	}
}
