package fcm_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"

	"github.com/tongban/tongban/mocks/fcm"
)

func start(t *testing.T, c fcm.Config) *fcm.Server {
	t.Helper()
	s, err := fcm.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// bearer carries a word as an access token.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// stock is Google's own client.
func stock(t *testing.T, s *fcm.Server, opts ...option.ClientOption) *messaging.Client {
	t.Helper()
	if len(opts) == 0 {
		opts = []option.ClientOption{option.WithoutAuthentication()}
	}
	opts = append(opts, option.WithEndpoint(s.Endpoint()))
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: "demo"}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	c, err := app.Messaging(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func to(token string) *messaging.Message {
	return &messaging.Message{Token: token, Data: map[string]string{"notice": "n-1"}}
}

// control calls the control port and gives the answer's status and body.
func control(t *testing.T, s *fcm.Server, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, s.ControlURL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// post sends a body as it stands, and gives status, Retry-After and answer.
func post(t *testing.T, s *fcm.Server, body string) (int, string, string) {
	t.Helper()
	res, err := http.Post(s.Endpoint()+"/projects/demo/messages:send", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Retry-After"), string(b)
}

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
