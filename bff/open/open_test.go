package open_test

import (
	"bytes"
	"net/http/httptest"
	"testing"

	"github.com/tongban/tongban/bff/open"
	"github.com/tongban/tongban/services/miniapp"
)

func TestTheManifestsSchemaIsPublishedAsItIsUsed(t *testing.T) {
	w := httptest.NewRecorder()
	open.New().ServeHTTP(w, httptest.NewRequest("GET", open.SchemaPath, nil))
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), miniapp.Schema()) || w.Header().Get("Content-Type") != "application/schema+json" {
		t.Fatalf("%d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
	again := httptest.NewRequest("GET", open.SchemaPath, nil)
	again.Header.Set("If-None-Match", w.Header().Get("ETag"))
	w = httptest.NewRecorder()
	open.New().ServeHTTP(w, again)
	if w.Code != 304 || w.Body.Len() != 0 {
		t.Fatalf("%d, %d bytes", w.Code, w.Body.Len())
	}
}
