// An OpenID Provider as small as launch.mjs's tests need it: PAR with
// private_key_jwt and DPoP, authorize without a page, ES256 tokens. It checks what a
// client sends as the real one must, and can be told to lie.
import { createHash, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import http from 'node:http';
import * as jose from 'jose';

export async function startProvider({ clientId, clientKey }) {
  const keys = await jose.generateKeyPair('ES256', { extractable: true });
  const foreign = await jose.generateKeyPair('ES256');
  const jwk = { ...(await jose.exportJWK(keys.publicKey)), kid: 'p1', alg: 'ES256', use: 'sig' };
  const p = { hints: new Set(), lie: '', refuse: '', seen: [], requests: new Map(), codes: new Map(), assertions: new Set(), proofs: new Set() };

  async function client(form) {
    const { payload } = await jose.jwtVerify(form.get('client_assertion'), clientKey, {
      issuer: clientId, subject: clientId, audience: p.issuer, algorithms: ['ES256'], requiredClaims: ['exp', 'jti'],
    });
    if (p.assertions.has(payload.jti)) throw new Error('assertion used twice');
    p.assertions.add(payload.jti);
  }
  // proved checks a DPoP proof and gives its key's thumbprint, or asks for a nonce.
  async function proved(req, path, token) {
    const { payload, protectedHeader } = await jose.jwtVerify(req.headers.dpop, jose.EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'] });
    const ath = token && createHash('sha256').update(token).digest('base64url');
    if (payload.htm !== req.method || payload.htu !== p.issuer + path || payload.ath !== ath) throw new Error('proof of another request');
    if (p.proofs.has(payload.jti)) throw new Error('proof used twice');
    p.proofs.add(payload.jti);
    return payload.nonce === 'n1' ? jose.calculateJwkThumbprint(protectedHeader.jwk) : undefined;
  }
  const nonce = [400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n1' }];
  const sign = (claims, typ) =>
    new jose.SignJWT({ sub: 'pairwise-1', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'p1', typ })
      .setIssuer(p.issuer).setIssuedAt().setExpirationTime('60s')
      .sign(p.lie === 'signature' ? foreign.privateKey : keys.privateKey);

  const routes = {
    '/.well-known/openid-configuration': () => [200, {
      issuer: p.issuer, authorization_endpoint: `${p.issuer}/authorize`, token_endpoint: `${p.issuer}/token`,
      userinfo_endpoint: `${p.issuer}/userinfo`, jwks_uri: `${p.issuer}/jwks`,
      pushed_authorization_request_endpoint: `${p.issuer}/par`,
      authorization_response_iss_parameter_supported: true,
      response_types_supported: ['code'], subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'], dpop_signing_alg_values_supported: ['ES256'],
    }],
    '/jwks': () => [200, { keys: [jwk] }],
    '/par': async (form, _, req) => {
      await client(form);
      const jkt = await proved(req, '/par');
      if (!jkt) return nonce;
      if (!p.hints.delete(form.get('login_hint'))) return [400, { error: 'login_required' }];
      p.seen = [...form.keys()];
      const request = `urn:ietf:params:oauth:request_uri:${randomUUID()}`;
      form.set('dpop_jkt', jkt);
      p.requests.set(request, form);
      return [201, { request_uri: request, expires_in: 60 }];
    },
    '/authorize': (_, query) => {
      const form = p.requests.get(query.get('request_uri'));
      p.requests.delete(query.get('request_uri'));
      const to = new URL(form.get('redirect_uri'));
      to.searchParams.set('state', form.get('state'));
      to.searchParams.set('iss', p.lie === 'iss' ? 'http://127.0.0.1:1' : p.issuer);
      if (p.refuse) {
        to.searchParams.set('error', p.refuse);
      } else {
        const code = randomUUID();
        p.codes.set(code, form);
        to.searchParams.set('code', code);
      }
      return [303, {}, { location: to.href }];
    },
    '/token': async (form, _, req) => {
      await client(form);
      const asked = p.codes.get(form.get('code'));
      const jkt = await proved(req, '/token');
      if (!jkt || jkt !== asked?.get('dpop_jkt')) return [400, { error: 'invalid_grant' }];
      const challenge = createHash('sha256').update(form.get('code_verifier')).digest('base64url');
      if (!p.codes.delete(form.get('code')) || asked.get('code_challenge') !== challenge) return [400, { error: 'invalid_grant' }];
      return [200, {
        token_type: 'DPoP', expires_in: 60,
        access_token: await sign({ aud: p.lie === 'audience' ? 'cn.gov.other' : clientId, client_id: clientId, jti: randomUUID(), cnf: { jkt } }, 'at+jwt'),
        id_token: await sign({ aud: clientId, nonce: p.lie === 'nonce' ? 'other' : asked.get('nonce') }, 'JWT'),
      }];
    },
    '/userinfo': async (_form, _query, req) => {
      const [scheme, token] = req.headers.authorization.split(' ');
      if (scheme !== 'DPoP' || !(await proved(req, '/userinfo', token))) return [401, {}];
      return [200, { sub: p.lie === 'userinfo' ? 'pairwise-2' : 'pairwise-1', name: '某人' }];
    },
  };

  const server = http.createServer(async (req, res) => {
    const url = new URL(req.url, p.issuer);
    const [status, body, headers] = await routes[url.pathname](new URLSearchParams(await text(req)), url.searchParams, req);
    res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  p.issuer = `http://127.0.0.1:${server.address().port}`;
  p.close = () => server.close().closeAllConnections();
  return p;
}
