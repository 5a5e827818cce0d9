package fcm

import (
	"context"
	"net/http"
	"strconv"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/errorutils"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"

	"github.com/tongban/tongban/internal/fault"
	"github.com/tongban/tongban/internal/unit"
	"github.com/tongban/tongban/push"
)

// Waits of the channel, as FCM's guide on scaling asks: at least 10 s before a
// first retry, at least 60 s where a 429 names no time.
const (
	deadline  = 10 * time.Second
	retryWait = 10 * time.Second
	quotaWait = 60 * time.Second
)

// Config says which project, and where.
type Config struct {
	Project string
	// Credentials is the path of a service account file.
	Credentials string
	// Endpoint, where set (http://…/v1), stands for Google's and is spoken to without
	// authentication: for the dev profile.
	Endpoint string
}

// Channel announces through one Firebase project.
type Channel struct{ client *messaging.Client }

var _ push.Channel = (*Channel)(nil)

// New opens the channel; nothing is sent yet.
func New(ctx context.Context, c Config) (*Channel, error) {
	options := []option.ClientOption{option.WithAuthCredentialsFile(option.ServiceAccount, c.Credentials)}
	if c.Endpoint != "" {
		options = []option.ClientOption{
			option.WithEndpoint(c.Endpoint),
			option.WithHTTPClient(&http.Client{Timeout: deadline}),
		}
	}
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: c.Project}, options...)
	if err != nil {
		return nil, fault.New("fcm.New", fault.Invalid, "PUSH_CONFIG_INVALID").Because(err)
	}
	client, err := app.Messaging(ctx)
	if err != nil {
		return nil, fault.New("fcm.New", fault.Invalid, "PUSH_CONFIG_INVALID").Because(err)
	}
	return &Channel{client: client}, nil
}

// Announce implements push.Channel.
func (c *Channel) Announce(ctx context.Context, a push.Announcement) error {
	const op = "fcm.Announce"
	if unit.In(ctx) {
		return fault.New(op, fault.Internal, "OUTSIDE_CALL_IN_UNIT")
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	_, err := c.client.Send(ctx, &messaging.Message{
		Token:        a.Token,
		Notification: &messaging.Notification{Title: a.Title, Body: a.Body},
		Data:         map[string]string{"notice": a.Notice, "kind": string(a.Kind)},
		// The same notice announced twice shows once: both systems replace by this key.
		Android: &messaging.AndroidConfig{CollapseKey: a.Notice, Notification: &messaging.AndroidNotification{Tag: a.Notice}},
		APNS:    &messaging.APNSConfig{Headers: map[string]string{"apns-collapse-id": a.Notice}},
	})
	return translate(op, err)
}

// answer is one row of FCM's table of errors; reasons from the reference of
// the FCM v1 error codes.
type answer struct {
	is   func(error) bool
	kind fault.Kind
	code string
	wait time.Duration
}

var answers = []answer{
	{messaging.IsUnregistered, fault.NotFound, "DEVICE_GONE", 0},                         // UNREGISTERED: forget the token
	{messaging.IsSenderIDMismatch, fault.NotFound, "DEVICE_GONE", 0},                     // the token belongs to another project: useless to us
	{messaging.IsQuotaExceeded, fault.RateLimited, "PUSH_QUOTA", quotaWait},              // 429
	{messaging.IsInvalidArgument, fault.Invalid, "PUSH_REFUSED", 0},                      // 400: will never be taken
	{messaging.IsThirdPartyAuthError, fault.Forbidden, "PUSH_NOT_AUTHORISED", 0},         // the project's APNs or web push key
	{errorutils.IsUnauthenticated, fault.Forbidden, "PUSH_NOT_AUTHORISED", 0},            // our credentials
	{errorutils.IsPermissionDenied, fault.Forbidden, "PUSH_NOT_AUTHORISED", 0},           // our credentials
	{messaging.IsUnavailable, fault.Unavailable, "PUSH_UNAVAILABLE", retryWait},          // 503
	{messaging.IsInternal, fault.Unavailable, "PUSH_UNAVAILABLE", retryWait},             // 500
	{errorutils.IsDeadlineExceeded, fault.Unavailable, "PUSH_UNAVAILABLE", retryWait},    // ours or theirs
	{func(error) bool { return true }, fault.Unavailable, "PUSH_UNAVAILABLE", retryWait}, // the line is down
}

// translate hides the library's own text, which can quote the token.
func translate(op string, err error) error {
	if err == nil {
		return nil
	}
	for _, a := range answers {
		if !a.is(err) {
			continue
		}
		f := fault.New(op, a.kind, a.code)
		if a.wait > 0 {
			f = f.After(max(a.wait, retryAfter(err)))
		}
		return f
	}
	return fault.New(op, fault.Internal, "")
}

func retryAfter(err error) time.Duration {
	res := errorutils.HTTPResponse(err)
	if res == nil {
		return 0
	}
	seconds, parseErr := strconv.Atoi(res.Header.Get("Retry-After"))
	if parseErr != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
