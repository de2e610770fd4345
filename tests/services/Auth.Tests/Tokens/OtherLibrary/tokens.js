// Tokens, keys and a JWKS of jose, a library of other authorship. Standard input: {"secret", "payload"}; standard output: {"jwks", "pems", "tokens"}.
import { readFileSync } from 'node:fs';
import { CompactSign, SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';

const { secret, payload } = JSON.parse(readFileSync(0, 'utf8'));
const jwks = { keys: [] };
const pems = {};
const tokens = [];

for (const alg of ['HS256', 'HS384', 'HS512']) {
  tokens.push({ alg, token: await new SignJWT(payload).setProtectedHeader({ alg, typ: 'JWT' }).sign(new TextEncoder().encode(secret)) });
}

for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']) {
  const kid = `key-${alg}`;
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  jwks.keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' });
  pems[kid] = await exportSPKI(publicKey);
  const header = { alg, typ: 'JWT', kid };
  tokens.push({ alg, kid, token: await new SignJWT(payload).setProtectedHeader(header).sign(privateKey) });
  tokens.push({ alg, kid, forged: true, token: await new SignJWT({ ...payload, room: '*' }).setProtectedHeader(header).sign((await generateKeyPair(alg)).privateKey) });

  // Key confusion: the public key, which everybody has, as the secret of an HMAC.
  const confused = new CompactSign(new TextEncoder().encode(JSON.stringify(payload))).setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid });
  tokens.push({ alg: 'HS256', kid, confused: true, token: await confused.sign(new TextEncoder().encode(pems[kid])) });
}

process.stdout.write(JSON.stringify({ jwks, pems, tokens }));
