package open_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/tongban/tongban/bff/open"
)

func TestAnyCameraGetsAPageThatExplainsAndRevealsNothing(t *testing.T) {
	var first string
	for _, address := range []string{open.ScanPath, open.ScanPath + "?code=abcdefghijkmnpqrstuvwxyz23", open.ScanPath + "?x=<script>"} {
		w := httptest.NewRecorder()
		open.New().ServeHTTP(w, httptest.NewRequest("GET", address, nil))
		body := w.Body.String()
		if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		for _, want := range []string{"亮证码", "licence code", `lang="zh-CN"`, `lang="en"`, "width=device-width"} {
			if !strings.Contains(body, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
		if first == "" {
			first = body
		}
		if body != first {
			t.Error("the page depends on what was asked")
		}
	}
	// Nothing is loaded, run or sent anywhere.
	if found := regexp.MustCompile(`(?i)<(script|link|img|iframe|form|object|embed|a)\b|\bon[a-z]+=|https?:|url\(|@import`).FindString(first); found != "" {
		t.Errorf("the page holds %s", found)
	}
}

func TestTheScanPageIsLockedDown(t *testing.T) {
	w := httptest.NewRecorder()
	open.New().ServeHTTP(w, httptest.NewRequest("GET", open.ScanPath, nil))
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'sha256-", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY", "Cache-Control": "no-store", "Permissions-Policy": "camera=()",
	} {
		if !strings.HasPrefix(w.Header().Get(name), want) {
			t.Errorf("%s: %s", name, w.Header().Get(name))
		}
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
		t.Error(csp)
	}
	w = httptest.NewRecorder()
	open.New().ServeHTTP(w, httptest.NewRequest("POST", open.ScanPath, nil))
	if w.Code != 405 {
		t.Errorf("POST gives %d", w.Code)
	}
}
