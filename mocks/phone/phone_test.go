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
	h, err := phone.New(phone.Config{Operations: map[string]map[string]string{"mobile": {"Home": "id-of-home"}}, Frames: []string{miniApp}})
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
