package access

import (
	"cmp"

	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/miniapp"
)

// MiniprogramAudience is the audience of mini-apps' tokens for our own front,
// and the resource by which a team asks for one (RFC 8707).
func (s *Service) MiniprogramAudience() string { return s.d.Config.Issuer + "/miniprogram" }

// checkResource refuses a resource that a mini-app's token is not made for. A
// team that names none gets a token for its own API, whose audience is its app_id.
func (s *Service) checkResource(app miniapp.App, resource string) error {
	if resource == "" || resource == s.MiniprogramAudience() && app.Manifest.HasEntry() {
		return nil
	}
	return refuse("access.checkResource", "invalid_target", "resource must be left out or be "+s.MiniprogramAudience())
}

// resource gives what a code's token is for: what was pushed with it, or what
// the token request says where nothing was.
func (s *Service) resource(c client, asked, pushed string) (string, error) {
	const op = "access.resource"
	if c.mobile() {
		if asked != "" && asked != s.MobileAudience() {
			return "", refuse(op, "invalid_target", "resource must be left out or be "+s.MobileAudience())
		}
		return "", nil
	}
	if asked != "" && pushed != "" && asked != pushed {
		return "", refuse(op, "invalid_target", "resource is not the one that was pushed")
	}
	return cmp.Or(asked, pushed), s.checkResource(c.app, asked)
}

// anyAudience takes a mini-app's token whatever it is for, its own API or our
// front.
func (s *Service) anyAudience(c signing.Claims) string {
	if c.String("aud") == s.MiniprogramAudience() {
		return s.MiniprogramAudience()
	}
	return c.String("client_id")
}
