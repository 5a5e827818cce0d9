package verifier_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
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
		said = r.PostFormValue("grant_type") == "client_credentials" && strings.Count(r.PostFormValue("client_assertion"), ".") == 2 && strings.Count(r.Header.Get("DPoP"), ".") == 2 && r.URL.Path == "/oauth2/token"
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

func TestTheVendoredReaderIsAsItCame(t *testing.T) {
	note, err := os.ReadFile("static/vendored/README.md")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("static/vendored/jsqr.js")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	if !strings.Contains(string(note), hex.EncodeToString(sum[:])+"  jsqr.js") {
		t.Error("jsqr.js is not what the note says")
	}
}

// desk is the page before a product that answers with what it was asked.
func desk(t *testing.T) (http.Handler, *[]string) {
	t.Helper()
	list, err := verifier.Load("a")
	if err != nil {
		t.Fatal(err)
	}
	said := &[]string{}
	product := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth2/token" {
			*said = append(*said, "token")
			_, _ = w.Write([]byte(`{"access_token":"secret-token"}`))
			return
		}
		raw, _ := io.ReadAll(r.Body)
		if strings.Count(r.Header.Get("DPoP"), ".") != 2 {
			t.Error("asked without a proof")
		}
		*said = append(*said, r.Header.Get("Authorization")+" "+string(raw))
		_, _ = w.Write([]byte(`{"data":{}}`))
	}))
	t.Cleanup(product.Close)
	h, err := verifier.NewPage(verifier.PageConfig{Issuer: product.URL, Front: product.URL + "/front", Organisations: list,
		Operations: map[string]string{"Verifier": "id-v", "Check": "id-c", "CheckResult": "id-r"}})
	if err != nil {
		t.Fatal(err)
	}
	return h, said
}

func TestThePageAsksInTheOfficersNameAndHoldsNoKey(t *testing.T) {
	h, said := desk(t)
	do := func(method, path, body, site string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Host = "127.0.0.1:8080"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, path := range []string{"", "desk.js", "desk.css", "scan.js", "words.js", "jsqr.js", "organisations", "organisations/demo-hotel"} {
		w := do(http.MethodGet, verifier.Path+path, "", "same-origin")
		if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "secret-token") || strings.Contains(w.Body.String(), `"d"`) {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := do(http.MethodPost, verifier.Path+"organisations/demo-hotel/checks", `{"code":"c","purpose":"p","fields":["TYPE"]}`, "same-origin"); w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
	last := (*said)[len(*said)-1]
	if !strings.HasPrefix(last, "DPoP secret-token ") || !strings.Contains(last, `"sha256Hash":"id-c"`) || !strings.Contains(last, `"code":"c"`) {
		t.Error(last)
	}
	if strings.Count(strings.Join(*said, "\n"), "token\n") != 1 {
		t.Error("a token for each question")
	}
	before := len(*said)
	if w := do(http.MethodPost, verifier.Path+"organisations/demo-hotel/checks", `{"code":"c"}`, "cross-site"); w.Code != http.StatusBadRequest || len(*said) != before {
		t.Error("another site asks with the officer's key")
	}
	if w := do(http.MethodGet, verifier.Path+"organisations/nobody", "", "same-origin"); w.Code != http.StatusBadGateway {
		t.Errorf("an organisation that is none: %d", w.Code)
	}
	if w := do(http.MethodGet, verifier.Path+"vendored/README.md", "", "same-origin"); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}

// Who reaches the page is the officer, so no foreign page may be of its origin.
func TestTheDeskAnswersToNoForeignName(t *testing.T) {
	list, err := verifier.Load("a")
	if err != nil {
		t.Fatal(err)
	}
	page, err := verifier.NewPage(verifier.PageConfig{Issuer: "http://127.0.0.1:1", Front: "http://127.0.0.1:1/verifier/graphql", Organisations: list})
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{"127.0.0.1:8080": http.StatusOK, "evil.example:8080": http.StatusMisdirectedRequest} {
		r := httptest.NewRequest(http.MethodGet, "/desk/organisations", nil)
		r.Host = host
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d", host, w.Code)
		}
	}
}
