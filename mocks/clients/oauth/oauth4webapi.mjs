// An OAuth client of oauth4webapi: the same faces as openid-client.mjs. The
// library leaves it to its user to ask again with the nonce it was told.
import * as oauth from 'oauth4webapi';
import { importJWK } from 'jose';
import { counting } from './openid-client.mjs';

export const randomKeys = () => oauth.generateKeyPair('ES256', { extractable: true });
export const secrets = () => ({ verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() });
export const challengeOf = oauth.calculatePKCECodeChallenge;

export async function connect({ issuer, client_id, redirect_uri, jwk, kid }, keys, change = {}) {
  const auth = jwk
    ? oauth.PrivateKeyJwt({ key: await importJWK(jwk, 'ES256'), kid }, { [oauth.modifyAssertion]: change.assertion })
    : oauth.None();
  const nonces = { asked: 0 };
  // http is for this machine's loopback, nothing else.
  const http = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: counting(nonces) };
  const client = { client_id, id_token_signed_response_alg: 'ES256' };
  const as = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), http));
  const DPoP = oauth.DPoP(client, keys, { [oauth.modifyAssertion]: change.proof });
  const proved = { ...http, DPoP };

  // twice asks again where a nonce was asked for.
  async function twice(ask) {
    try {
      return await ask();
    } catch (err) {
      if (!oauth.isDPoPNonceError(err)) throw err;
      return ask();
    }
  }
  return {
    as,
    nonces,
    push: (params) => twice(async () => {
      const asked = { client_id, response_type: 'code', ...params };
      const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, await oauth.pushedAuthorizationRequest(as, client, auth, asked, proved));
      return new URL(`${as.authorization_endpoint}?${new URLSearchParams({ client_id, request_uri })}`);
    }),
    redeem: (callback, { verifier, state, nonce }) => twice(async () => {
      const params = oauth.validateAuthResponse(as, client, callback, state);
      const res = await oauth.authorizationCodeGrantRequest(as, client, auth, params, redirect_uri, verifier, proved);
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, res, { expectedNonce: nonce, requireIdToken: nonce !== undefined });
      if (tokens.id_token) await oauth.validateApplicationLevelSignature(as, res, http);
      return Object.assign(tokens, { claims: () => oauth.getValidatedIdTokenClaims(tokens) });
    }),
    refresh: (token, params) => twice(async () =>
      oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, auth, token, { ...proved, additionalParameters: params }))),
    grant: (type, params) => twice(async () =>
      oauth.processGenericTokenEndpointResponse(as, client, await oauth.genericTokenEndpointRequest(as, client, auth, type, params, proved))),
    userinfo: (token, sub) => twice(async () => oauth.processUserInfoResponse(as, client, sub, await oauth.userInfoRequest(as, client, token, proved))),
    introspect: async (token) => oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, auth, token, http)),
    introspectBy: (own, token) => twice(async () => oauth.processIntrospectionResponse(as, client,
      await oauth.protectedResourceRequest(own, 'POST', new URL(as.introspection_endpoint), undefined, new URLSearchParams({ token }), proved))),
    revoke: async (token) => oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, token, http)),
    post: (token, url, body) => twice(() =>
      oauth.protectedResourceRequest(token, 'POST', new URL(url), new Headers({ 'content-type': 'application/json' }), JSON.stringify(body), proved)),
  };
}
