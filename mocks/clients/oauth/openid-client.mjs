// An OAuth client of openid-client: the same faces as oauth4webapi.mjs.
//
// Its strictness is all on: iss, state, nonce, audiences and times are the
// library's own checks, and ID tokens are verified by the published keys too.
// allowInsecureRequests is for http on this machine's loopback, nothing else.
import * as oidc from 'openid-client';
import { importJWK } from 'jose';

export const randomKeys = () => oidc.randomDPoPKeyPair('ES256', { extractable: true });
export const secrets = () => ({ verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce() });
export const challengeOf = oidc.calculatePKCECodeChallenge;

// connect discovers the issuer for one client, which proves with keys. change
// may spoil what the library signs: assertion(header, payload), proof(header, payload).
export async function connect({ issuer, client_id, jwk, kid }, keys, change = {}) {
  const auth = jwk
    ? oidc.PrivateKeyJwt({ key: await importJWK(jwk, 'ES256'), kid }, { [oidc.modifyAssertion]: change.assertion })
    : oidc.None();
  const nonces = { asked: 0 };
  const config = await oidc.discovery(new URL(issuer), client_id, { id_token_signed_response_alg: 'ES256' }, auth, {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
    [oidc.customFetch]: counting(nonces),
  });
  const DPoP = oidc.getDPoPHandle(config, keys, { [oidc.modifyAssertion]: change.proof });
  return {
    as: config.serverMetadata(),
    nonces,
    push: (params) => oidc.buildAuthorizationUrlWithPAR(config, params, { DPoP }),
    redeem: (callback, { verifier, state, nonce }) =>
      oidc.authorizationCodeGrant(config, callback, {
        pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: nonce !== undefined,
      }, undefined, { DPoP }),
    refresh: (token, params) => oidc.refreshTokenGrant(config, token, params, { DPoP }),
    grant: (type, params) => oidc.genericGrantRequest(config, type, params, { DPoP }),
    userinfo: (token, sub) => oidc.fetchUserInfo(config, token, sub, { DPoP }),
    introspect: (token) => oidc.tokenIntrospection(config, token),
    // A client without a secret is authorized by its access token (RFC 7662 §2.1).
    introspectBy: async (own, token) => (await oidc.fetchProtectedResource(
      config, own, new URL(config.serverMetadata().introspection_endpoint), 'POST', new URLSearchParams({ token }), undefined, { DPoP })).json(),
    revoke: (token) => oidc.tokenRevocation(config, token),
    post: (token, url, body) =>
      oidc.fetchProtectedResource(config, token, new URL(url), 'POST', JSON.stringify(body), new Headers({ 'content-type': 'application/json' }), { DPoP }),
  };
}

// counting is fetch that counts how often a nonce was asked for.
export function counting(nonces) {
  return async (url, init) => {
    const res = await fetch(url, init);
    if (res.status === 400 && (await res.clone().text()).includes('use_dpop_nonce')) nonces.asked++;
    return res;
  };
}
