// An OpenID provider (oidc-provider) on loopback. Usage: node provider.mjs PORT, with its clients and accounts as one line of JSON on the standard input.
// Says "ready" when it listens, and ends with its standard input. Its own pages ask for a name alone: whoever is an account, with any password.
import http from 'node:http';
import { createInterface } from 'node:readline';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const lines = createInterface({ input: process.stdin });
const { clients, accounts, pushed = false } = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
lines.on('close', () => process.exit(0));

const key = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks: { keys: [key] },
  cookies: { keys: ['loopback'] },
  pkce: { required: () => true },
  features: { pushedAuthorizationRequests: { enabled: pushed }, rpInitiatedLogout: { enabled: true }, devInteractions: { enabled: true } },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'picture'], email: ['email', 'email_verified'], groups: ['groups', 'org'] },
  findAccount: (ctx, id) => (accounts[id] ? { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) } : undefined),
  // Nobody is asked for consent.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile email groups');
    await grant.save();
    return grant;
  },
});
http.createServer(provider.callback()).listen(port, '127.0.0.1', () => console.log('ready'));
