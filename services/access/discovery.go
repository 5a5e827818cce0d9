package access

import (
	"github.com/tongban/tongban/services/access/proof"
	"github.com/tongban/tongban/services/access/signing"
	"github.com/tongban/tongban/services/identity"
)

// Metadata is the discovery document (OpenID Connect Discovery, RFC 8414):
// what works, and nothing else.
type Metadata struct {
	Issuer                string   `json:"issuer"`
	Authorization         string   `json:"authorization_endpoint"`
	Pushed                string   `json:"pushed_authorization_request_endpoint"`
	Token                 string   `json:"token_endpoint"`
	UserInfo              string   `json:"userinfo_endpoint"`
	JWKS                  string   `json:"jwks_uri"`
	Revocation            string   `json:"revocation_endpoint"`
	Introspection         string   `json:"introspection_endpoint"`
	Scopes                []string `json:"scopes_supported"`
	Claims                []string `json:"claims_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	ResponseModes         []string `json:"response_modes_supported"`
	GrantTypes            []string `json:"grant_types_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	IDTokenAlgorithms     []string `json:"id_token_signing_alg_values_supported"`
	ChallengeMethods      []string `json:"code_challenge_methods_supported"`
	TokenAuth             []string `json:"token_endpoint_auth_methods_supported"`
	TokenAuthAlgs         []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	RevocationAuth        []string `json:"revocation_endpoint_auth_methods_supported"`
	RevocationAuthAlgs    []string `json:"revocation_endpoint_auth_signing_alg_values_supported"`
	IntrospectionAuth     []string `json:"introspection_endpoint_auth_methods_supported"`
	IntrospectionAuthAlgs []string `json:"introspection_endpoint_auth_signing_alg_values_supported"`
	ProofAlgs             []string `json:"dpop_signing_alg_values_supported"`
	Prompts               []string `json:"prompt_values_supported"`
	ACRValues             []string `json:"acr_values_supported"`
	ResponseIssuer        bool     `json:"authorization_response_iss_parameter_supported"`
	RequirePushed         bool     `json:"require_pushed_authorization_requests"`
	ClaimsParameter       bool     `json:"claims_parameter_supported"`
	RequestParameter      bool     `json:"request_parameter_supported"`
	RequestURIParameter   bool     `json:"request_uri_parameter_supported"`
}

// Discovery gives the discovery document.
func (s *Service) Discovery() Metadata {
	at := func(path string) string { return s.d.Config.Issuer + "/oauth2/" + path }
	algs := []string{signing.ES256}
	withPublic := []string{"private_key_jwt", "none"}
	return Metadata{
		Issuer: s.d.Config.Issuer, Authorization: at("authorize"), Pushed: at("par"), Token: at("token"), UserInfo: at("userinfo"),
		JWKS: at("jwks"), Revocation: at("revoke"), Introspection: at("introspect"),
		Scopes:        []string{openid, "profile", "phone", "id_number", offlineAccess, mobileScope, officerScope},
		Claims:        []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "sid", "act", levelField, "name", "phone_number", "id_number"},
		ResponseTypes: []string{"code"}, ResponseModes: []string{"query"}, GrantTypes: grantTypes(),
		SubjectTypes: []string{"pairwise"}, IDTokenAlgorithms: algs, ChallengeMethods: []string{"S256"},
		TokenAuth: withPublic, TokenAuthAlgs: algs, RevocationAuth: withPublic, RevocationAuthAlgs: algs,
		IntrospectionAuth:     []string{"private_key_jwt", typeDPoP}, // an access token type is allowed too (RFC 8414 §2)
		IntrospectionAuthAlgs: algs, ResponseIssuer: true,
		ProofAlgs: proof.Algorithms(), Prompts: []string{"none"}, ACRValues: identity.ACRs(), RequirePushed: !s.d.Config.Bearer,
	}
}

// JWKS gives the public keys of all tokens we sign.
func (s *Service) JWKS() signing.JWKS { return s.d.Signing.JWKS() }
