// Other people's OpenID Provider (npm oidc-provider) as an identity source: a
// few persons, told of in words of its own. What it is started with comes as one
// line of JSON on stdin: {issuer, port, product, redirect, people}; product's
// keys show who asks (private_key_jwt). It says {"ready": true} once it serves.
import { readFileSync } from 'node:fs';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const { issuer, port, product, redirect, people } = JSON.parse(readFileSync(0, 'utf8'));
const known = new Map(people.map((person) => [person.login, person]));

const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const provider = new Provider(issuer, {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'source-1' }] },
  clients: [{
    client_id: 'tongban-at-stock',
    redirect_uris: [redirect],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks_uri: `${product}/oauth2/jwks`,
    id_token_signed_response_alg: 'ES256',
  }],
  clientAuthMethods: ['private_key_jwt'],
  enabledJWA: { idTokenSigningAlgValues: ['ES256'], clientAuthSigningAlgValues: ['ES256'] },
  cookies: { keys: ['of this run only'] },
  claims: { openid: ['sub'], profile: ['xingming', 'zhengjian', 'hecha'], phone: ['shouji', 'shouji_hecha'] },
  acrValues: ['shiren'],
  features: { devInteractions: { enabled: true } }, // its own login and consent pages, any password
  // It asks no machine of special use for keys; here all is on this one.
  fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
  findAccount: (_, login) => {
    const person = known.get(login);
    return person && { accountId: login, claims: () => ({ sub: login, ...person.claims }) };
  },
});
provider.on('server_error', (_, err) => console.error(err));
provider.on('grant.error', (_, err) => console.error(err.message, err.error_detail));
provider.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ ready: true })));
