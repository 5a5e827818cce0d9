package files_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/bff/files"
	"github.com/tongban/tongban/bff/internal/sendertest"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/database"
	"github.com/tongban/tongban/internal/database/databasetest"
	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/ids"
	"github.com/tongban/tongban/internal/limit"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/services/access"
	"github.com/tongban/tongban/services/material"
	"github.com/tongban/tongban/services/material/materialdb"
	"github.com/tongban/tongban/services/material/materialtest"
)

var zhang = ids.Actor{Subject: "sub_zhang"}

// tokens knows tokens by the person's name, and assertions by the app's.
type tokens struct{ sendertest.Proofs }

func (*tokens) VerifyAccess(_ context.Context, p access.Presented, audience string) (access.Verified, error) {
	if audience != "front-two" || !strings.HasPrefix(p.Token, "sub_") {
		return access.Verified{}, fault.New("test", fault.Unauthenticated, "TOKEN_INVALID")
	}
	v := access.Verified{Actor: ids.Actor{Subject: ids.SubjectID(p.Token)}}
	if p.Proof != "" { // it says what it is for
		if !strings.HasPrefix(p.Proof, p.Method+" "+p.URL+" ") {
			return access.Verified{}, fault.New("test", fault.Unauthenticated, "DPOP_PROOF_INVALID")
		}
		v.Shown.Key = p.Proof
	}
	return v, nil
}

func (*tokens) AuthenticateApp(_ context.Context, assertion string) (ids.AppID, error) {
	if !strings.HasPrefix(assertion, "cn.gov.") {
		return "", fault.New("test", fault.Unauthenticated, "OAUTH_INVALID_CLIENT")
	}
	return ids.AppID(assertion), nil
}

// world is the door on a real store, behind a real listener.
type world struct {
	*material.Service
	t     *testing.T
	db    *database.DB
	clock *clock.Fixed
	url   string
	logs  *bytes.Buffer

	proofs *sendertest.Proofs
}

func newWorld(t *testing.T, burst int) *world {
	t.Helper()
	w := &world{t: t, db: databasetest.Open(t, materialdb.Migrations()), clock: clock.At(materialtest.Start), logs: &bytes.Buffer{}}
	server := httptest.NewUnstartedServer(nil)
	w.url = "http://" + server.Listener.Addr().String()
	w.Service = material.New(material.Deps{
		Issuer: w.url, Units: w.db, Store: materialdb.New(w.db, materialtest.Ring(t)), Clock: w.clock, IDs: ids.Random(),
		Ledger: &materialtest.Ledger{}, Names: materialtest.Names{}, Sealer: materialtest.Sealer(t),
	})
	known := &tokens{}
	w.proofs = &known.Proofs
	h, err := files.New(files.Deps{
		Tokens: known, Issuer: w.url, Audiences: []string{"front-one", "front-two"}, Materials: w.Service, Limiter: limit.NewLocal(w.clock), Burst: burst,
		Log: slog.New(slog.NewTextHandler(&locked{to: w.logs}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = h
	server.Start()
	t.Cleanup(server.Close)
	return w
}

type locked struct {
	mu sync.Mutex
	to io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

func scan(size int) []byte { return []byte("%PDF-" + strings.Repeat("x", size-5)) }

func (w *world) ask(content []byte) material.Upload {
	w.t.Helper()
	x, err := w.Ask(w.t.Context(), zhang, material.Asking{
		Item: "partnership-registration", Region: "310000", Material: "经营场所证明", MediaType: material.PDF,
		Bytes: int64(len(content)), SHA256: material.Hash(string(content)),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

func (w *world) call(method, address, token, mediaType string, body []byte) (int, http.Header, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", mediaType)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(raw)
}

func TestAFileIsSentOnceAndSeenAgainByItsOwner(t *testing.T) {
	w, content := newWorld(t, 100_000), scan(700<<10)
	x := w.ask(content)
	if status, _, body := w.call("GET", x.Address, "sub_zhang", "", nil); status != 404 {
		t.Errorf("before it came: %d %s", status, body)
	}
	if status, _, body := w.call("PUT", x.Address, "sub_zhang", material.PDF, content); status != 204 || body != "" {
		t.Fatalf("%d %s", status, body)
	}
	status, h, body := w.call("GET", x.Address, "sub_zhang", "", nil)
	if status != 200 || body != string(content) {
		t.Errorf("%d, %d bytes", status, len(body))
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Content-Type": material.PDF, "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if h.Get(name) != want {
			t.Errorf("%s: %q", name, h.Get(name))
		}
	}
	if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || !strings.HasPrefix(h.Get("Repr-Digest"), "sha-256=:") {
		t.Errorf("%q, %q", csp, h.Get("Repr-Digest"))
	}
}

func TestTheDoorRefuses(t *testing.T) {
	w, content := newWorld(t, 100_000), scan(64<<10)
	x, lapsed := w.ask(content), w.ask(content)
	done := w.ask(content)
	if status, _, body := w.call("PUT", done.Address, "sub_zhang", material.PDF, content); status != 204 {
		t.Fatal(body)
	}
	damaged := bytes.Clone(content)
	damaged[99] = 'y'
	for _, c := range []struct {
		name, method, address, token, kind string
		body                               []byte
		status                             int
		code                               string
	}{
		{"nobody", "PUT", x.Address, "", material.PDF, content, 401, "SIGN_IN_REQUIRED"},
		{"a bad token", "PUT", x.Address, "thief", material.PDF, content, 401, "TOKEN_INVALID"},
		{"another person", "PUT", x.Address, "sub_li", material.PDF, content, 404, "NOT_FOUND"},
		{"no such upload", "PUT", w.url + "/files/uploads/upl_none", "sub_zhang", material.PDF, content, 404, "NOT_FOUND"},
		{"another hash", "PUT", x.Address, "sub_zhang", material.PDF, damaged, 400, "UPLOAD_HASH_WRONG"},
		{"too short", "PUT", x.Address, "sub_zhang", material.PDF, content[:100], 400, "UPLOAD_CUT"},
		{"too long", "PUT", x.Address, "sub_zhang", material.PDF, append(bytes.Clone(content), 'x'), 413, "UPLOAD_TOO_LARGE"},
		{"longer than any", "PUT", x.Address, "sub_zhang", material.PDF, make([]byte, material.MaxBytes+1), 413, "UPLOAD_TOO_LARGE"},
		{"another type", "PUT", x.Address, "sub_zhang", "text/html", content, 415, "UPLOAD_TYPE_WRONG"},
		{"a query", "PUT", x.Address + "?token=sub_zhang", "sub_zhang", material.PDF, content, 400, "ADDRESS_MALFORMED"},
		{"a second time", "PUT", done.Address, "sub_zhang", material.PDF, content, 409, "UPLOAD_DONE"},
		{"another looks", "GET", done.Address, "sub_li", "", nil, 404, "NOT_FOUND"},
		{"nobody looks", "GET", done.Address, "", "", nil, 401, "SIGN_IN_REQUIRED"},
		{"a person at the place's door", "GET", w.url + "/files/handed/" + string(done.ID), "sub_zhang", "", nil, 401, "OAUTH_INVALID_CLIENT"},
		{"a place without the case", "GET", w.url + "/files/handed/" + string(done.ID), "cn.gov.demo.p31", "", nil, 404, "NOT_FOUND"},
	} {
		status, h, body := w.call(c.method, c.address, c.token, c.kind, c.body)
		if status != c.status || !strings.Contains(body, `"`+c.code+`"`) || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
	w.clock.Advance(material.AddressTTL)
	if status, _, body := w.call("PUT", lapsed.Address, "sub_zhang", material.PDF, content); status != 410 || !strings.Contains(body, "UPLOAD_EXPIRED") {
		t.Errorf("lapsed: %d %s", status, body)
	}
	for _, secret := range []string{"sub_zhang", "sub_li", "thief", "经营场所", string(x.ID)} {
		if strings.Contains(w.logs.String(), secret) {
			t.Errorf("%q stands in the log", secret)
		}
	}
}

// The line breaks in the middle; the same address takes the whole file then.
func TestACutConnectionLosesNothing(t *testing.T) {
	w, content := newWorld(t, 100_000), scan(600<<10)
	x := w.ask(content)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(x.Address, w.url)
	if _, err = fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sub_zhang\r\nContent-Type: application/pdf\r\nContent-Length: %d\r\n\r\n%s", path, len(content), content[:400<<10]); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if status, _, body := w.call("PUT", x.Address, "sub_zhang", material.PDF, content); status != 204 {
		t.Fatalf("%d %s", status, body)
	}
	if _, _, body := w.call("GET", x.Address, "sub_zhang", "", nil); body != string(content) {
		t.Errorf("%d bytes", len(body))
	}
}

func TestOfTwentyPutsOneIsTaken(t *testing.T) {
	w, content := newWorld(t, 100_000), scan(300<<10)
	x := w.ask(content)
	statuses := make(chan int, 20)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			status, _, _ := w.call("PUT", x.Address, "sub_zhang", material.PDF, content)
			statuses <- status
		})
	}
	wg.Wait()
	close(statuses)
	count := map[int]int{}
	for s := range statuses {
		count[s]++
	}
	if count[204] != 1 || count[409] != 19 {
		t.Errorf("%v", count)
	}
}

func TestAPersonMaySendSoMuchAMinute(t *testing.T) {
	w, content := newWorld(t, 300), scan(10)
	x := w.ask(content)
	last := 0
	for range 4 {
		last, _, _ = w.call("PUT", x.Address, "sub_zhang", material.PDF, scan(11))
	}
	if last != 429 {
		t.Errorf("the fourth: %d", last)
	}
	w.clock.Advance(time.Minute)
	if status, _, body := w.call("PUT", x.Address, "sub_zhang", material.PDF, content); status != 204 {
		t.Errorf("a minute later: %d %s", status, body)
	}
}

func TestThePlaceOfTheCaseFetches(t *testing.T) {
	w, content := newWorld(t, 100_000), scan(10)
	x := w.ask(content)
	if status, _, body := w.call("PUT", x.Address, "sub_zhang", material.PDF, content); status != 204 {
		t.Fatal(body)
	}
	err := w.db.Do(t.Context(), func(ctx context.Context, u unit.Unit) error {
		return w.Take(ctx, u, zhang.Subject, material.Given{Upload: x.ID}, "TB1", "cn.gov.demo.p31")
	})
	if err != nil {
		t.Fatal(err)
	}
	fetched := func() bool {
		now, err := w.Upload(t.Context(), zhang, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		return !now.FetchedAt.IsZero()
	}
	if status, _, _ := w.call("HEAD", w.url+"/files/handed/"+string(x.ID), "cn.gov.demo.p31", "", nil); status != 405 || fetched() {
		t.Errorf("a look at the header: %d, noted as a fetch: %v", status, fetched())
	}
	for app, want := range map[string]int{"cn.gov.demo.p31": 200, "cn.gov.demo.p32": 404} {
		if status, _, body := w.call("GET", w.url+"/files/handed/"+string(x.ID), app, "", nil); status != want || status == 200 && body != string(content) {
			t.Errorf("%s: %d", app, status)
		}
	}
	if !fetched() {
		t.Error("the fetch is not noted")
	}
}

// proved calls with a proof that says what it is for.
func (w *world) proved(method, address, proof string, body []byte) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", material.PDF)
	req.Header.Set("Authorization", "DPoP sub_zhang")
	req.Header.Set("DPoP", proof)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == 401 && !strings.Contains(res.Header.Get("WWW-Authenticate"), "invalid_dpop_proof") {
		w.t.Errorf("%v", res.Header)
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

func TestAFilesProofIsGoodOnce(t *testing.T) {
	w, content := newWorld(t, 100_000), scan(64<<10)
	x, other := w.ask(content), w.ask(content)
	if status, body := w.proved("PUT", x.Address, "PUT "+x.Address+" a", content); status != 204 {
		t.Fatal(status, body)
	}
	for name, proof := range map[string]string{
		"used before": "PUT " + x.Address + " a", "of another address": "PUT " + other.Address + " b", "of a look": "GET " + x.Address + " c",
	} {
		if status, body := w.proved("PUT", x.Address, proof, content); status != 401 || !strings.Contains(body, "DPOP_PROOF_INVALID") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, body := w.proved("GET", x.Address, "GET "+x.Address+" d", nil); status != 200 {
		t.Fatal(status, body)
	}
	if status, _ := w.proved("GET", x.Address, "GET "+x.Address+" d", nil); status != 401 {
		t.Error("a look's proof was taken twice")
	}
	if !w.proofs.Once["PUT "+x.Address+" a"] || w.proofs.Once["GET "+x.Address+" d"] {
		t.Errorf("written down: %v", w.proofs.Once)
	}
}
