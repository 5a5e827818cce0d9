package access

import (
	"errors"
	"strings"

	"github.com/tongban/tongban/internal/fault"
)

// oauthCode marks the codes that are an OAuth error in capitals.
const oauthCode = "OAUTH_"

// proofErrors are the errors of RFC 9449 §7.1 and §8 for the codes that every
// front tells.
var proofErrors = map[string]string{"DPOP_PROOF_INVALID": "invalid_dpop_proof", "DPOP_NONCE_REQUIRED": "use_dpop_nonce"}

// refuse gives the fault of an OAuth error (RFC 6749 §4.1.2.1, §5.2, RFC 6750
// §3.1, OpenID Connect Core §3.1.2.6). why goes to the client's developers: a
// fixed text, nothing of the request.
func refuse(op, oauth, why string) *fault.Error {
	kind := fault.Invalid
	switch oauth {
	case "invalid_client", "invalid_token", "login_required":
		kind = fault.Unauthenticated
	case "access_denied", "consent_required", "interaction_required", "unauthorized_client", "insufficient_scope", "unmet_authentication_requirements":
		kind = fault.Forbidden
	case "temporarily_unavailable":
		kind = fault.Unavailable
	}
	return fault.New(op, kind, oauthCode+strings.ToUpper(oauth)).With("why", why)
}

// OAuthError gives the OAuth error code and description of any error of this
// room: what is not an OAuth error already tells nothing.
func OAuthError(err error) (code, description string) {
	if tail, ok := strings.CutPrefix(fault.CodeOf(err), oauthCode); ok {
		if e, is := errors.AsType[*fault.Error](err); is {
			description = e.Detail["why"]
		}
		return strings.ToLower(tail), description
	}
	if code, is := proofErrors[fault.CodeOf(err)]; is {
		if e, is := errors.AsType[*fault.Error](err); is {
			description = e.Detail["why"]
		}
		return code, description
	}
	switch fault.KindOf(err) {
	case fault.Unavailable, fault.RateLimited:
		return "temporarily_unavailable", ""
	case fault.Internal:
		return "server_error", ""
	}
	return "invalid_request", ""
}
