package phone_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/mocks/phone"
)

const miniApp = "http://127.0.0.1:40001"

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	return through(t, path, `{"apps": [{"id": "cn.gov.demo", "origins": ["`+miniApp+`"]}]}`)
}

// through gets a file of the page beside a product with the list of mini-apps.
func through(t *testing.T, path, apps string) *httptest.ResponseRecorder {
	t.Helper()
	list := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(apps)) }))
	defer list.Close()
	h, err := phone.New(phone.Config{Operations: map[string]map[string]string{"mobile": {"Home": "id-of-home"}}, Apps: list.URL})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestThePageRunsNothingButItsOwnFiles(t *testing.T) {
	policy := get(t, "/phone/").Header().Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-src 'self' " + miniApp,
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'", "require-trusted-types-for 'script'",
	} {
		if !slices.Contains(strings.Split(policy, "; "), want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("the policy is loose: %s", policy)
	}
}

// What the list says widens the policy by exact origins and nothing else.
func TestAnOriginThatIsNoneWidensNothing(t *testing.T) {
	w := through(t, "/phone/", `{"apps": [{"origins": ["https://*", "https://a.example/path", "javascript:", "https://b.example; script-src *", "https://u@c.example", "https://good.example:8443"]}]}`)
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "frame-src 'self' https://good.example:8443; ") {
		t.Errorf("%s", policy)
	}
	if !strings.Contains(w.Body.String(), `<meta name="frames" content="https://good.example:8443">`) {
		t.Error("the page is not told what its policy allows")
	}
}

func TestAPageWithoutAListOpensNothingInside(t *testing.T) {
	if policy := through(t, "/phone/", "no list").Header().Get("Content-Security-Policy"); !strings.Contains(policy, "frame-src 'self'; ") {
		t.Errorf("%s", policy)
	}
}

func TestSigningInComesBackToThePage(t *testing.T) {
	w := get(t, "/phone/?code=c&state=s&iss=i")
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || !strings.Contains(w.Body.String(), `lang="zh-CN"`) {
		t.Fatalf("%d %s", w.Code, w.Header())
	}
}

func TestThePageLearnsTheDocumentsByFrontAndName(t *testing.T) {
	var operations map[string]map[string]string
	w := get(t, "/phone/operations.json")
	if err := json.Unmarshal(w.Body.Bytes(), &operations); err != nil || operations["mobile"]["Home"] != "id-of-home" {
		t.Fatalf("%v %s", err, w.Body)
	}
}

func TestWhatIsNotThePageIsNotThere(t *testing.T) {
	for _, path := range []string{"/phone/phone.go", "/phone/static/app.js", "/phone/../phone.go", "/phone/none"} {
		if w := get(t, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// What comes from outside is text: nothing in the page can make markup of it.
var dangerous = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|javascript:|localStorage\.setItem\([^)]*token|https?://(?:cdn|unpkg|fonts)`)

func TestNoFileMakesMarkupOfTextOrLoadsFromElsewhere(t *testing.T) {
	pages := os.DirFS("static")
	files, err := fs.Glob(pages, "*")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	inline := regexp.MustCompile(`(?i)<[^>]+\s(on[a-z]+|style)=|<script>|<style`)
	for _, name := range files {
		raw, err := fs.ReadFile(pages, name)
		if err != nil {
			t.Fatal(err)
		}
		if found := dangerous.FindString(string(raw)); found != "" {
			t.Errorf("%s: %s", name, found)
		}
		if strings.HasSuffix(name, ".html") {
			if found := inline.FindString(string(raw)); found != "" {
				t.Errorf("%s: %s", name, found)
			}
		}
	}
}

// Each module that another names is served, as a browser wants it.
func TestEveryModuleThatIsNamedIsServed(t *testing.T) {
	named := regexp.MustCompile(`from '\./([a-z]+\.js)'`)
	todo, seen := []string{"app.js"}, map[string]bool{}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		w := get(t, "/phone/"+name)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
			t.Errorf("%s: %d %s", name, w.Code, w.Header().Get("Content-Type"))
		}
		for _, m := range named.FindAllStringSubmatch(w.Body.String(), -1) {
			todo = append(todo, m[1])
		}
	}
	if len(seen) < 8 {
		t.Errorf("%d modules only", len(seen))
	}
}
