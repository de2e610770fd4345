// Who comes in and who moderates, with an unmodified lib-jitsi-meet: guests who wait for the host, logins, tokens.
// usage: node lib-jitsi-meet-login.mjs --url https://localhost:8443 --library FOLDER --mode internal|ldap|jwt|hybrid [--user NAME --password TEXT] [--app-id ID --secret TEXT]
import { createHmac } from 'node:crypto';
import { parseArgs } from 'node:util';
import { launch, until } from './chromium.mjs';
import { awaitEvent, checks, events, openPage, overrides, serveLibrary } from './library.mjs';

const { values: o } = parseArgs({ options: {
  url: { type: 'string', default: 'https://localhost:8443' }, library: { type: 'string' }, mode: { type: 'string', default: 'internal' },
  user: { type: 'string', default: 'ann' }, password: { type: 'string', default: '' }, 'app-id': { type: 'string', default: '' }, secret: { type: 'string', default: '' },
  verbose: { type: 'boolean', default: false },
} });
if (!o.library) { console.error('--library: the folder with lib-jitsi-meet.min.js'); process.exit(2); }
const { failures, check } = checks();
const site = await serveLibrary(o.url, o.library);
const browser = await launch();
const newRoom = () => `acid${Math.random().toString(36).slice(2, 8)}`;
const demand = (ok, what) => { if (!ok) throw new Error(what); };

async function connect(name, room, login = {}) {
  const page = await openPage(browser, name, site.origin, o.verbose);
  const failure = await page.evaluate((options) => window.connect(options).then(() => null, (error) => String(error.message)), {
    serviceUrl: `${o.url.replace(/^http/, 'ws')}/xmpp-websocket?room=${room}`, flags: {}, overrides: overrides(), ...login,
  });
  return { page, failure };
}

/** Joins without camera and microphone. Gives the page, and why it did not come in. */
async function join(name, room, login = {}) {
  const { page, failure } = await connect(name, room, login);
  if (failure) return { page, failure: `connection: ${failure}` };
  await page.evaluate((options) => window.join(options), { room, name, media: false });
  return { page, failure: await outcome(page) };
}

async function outcome(page, after = { joined: 0, failed: 0 }) {
  return await until('joined or failed', async () => {
    if ((await events(page, 'CONFERENCE_JOINED')).length > after.joined) return 'joined';
    return (await events(page, 'CONFERENCE_FAILED'))[after.failed]?.map(String).join(' ');
  }, 15).then((text) => (text === 'joined' ? null : text));
}

const again = async (page) => {
  const after = { joined: (await events(page, 'CONFERENCE_JOINED')).length, failed: (await events(page, 'CONFERENCE_FAILED')).length };
  await page.evaluate(() => window.conference.join());
  return outcome(page, after);
};
const moderates = (page, expected) => until(expected ? 'moderator' : 'no moderator', () => page.evaluate((wish) => window.conference.isModerator() === wish, expected), 5);

async function step(what, work) {
  try {
    const note = await work();
    check(true, `${what}${note ? `: ${note}` : ''}`);
  } catch (error) {
    check(false, `${what}: ${error.message.split('\n')[0]}`);
  }
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
function token(claims, { secret = o.secret, alg = 'HS256' } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const body = `${encoded({ alg, typ: 'JWT' })}.${encoded({ iss: o['app-id'], aud: 'jitsi', sub: '*', room: '*', nbf: now - 10, exp: now + 600, ...claims })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

async function internal() {
  const room = newRoom();
  let gus;
  await step('a guest who is first waits for the host', async () => {
    const { page, failure } = await join('gus', room);
    gus = page;
    demand(failure?.includes('conference.authenticationRequired'), `gus: ${failure}`);
    return failure;
  });
  await step('a wrong password is told as one', async () => {
    const error = await gus.evaluate(({ id }) => window.conference.authenticateAndUpgradeRole({ id, password: 'not this one' }).then(() => null, (e) => e), { id: `${o.user}@meet.jitsi` });
    demand(error?.connectionError === 'connection.passwordRequired', JSON.stringify(error));
  });
  await step('the guest still waits', async () => demand((await again(gus))?.includes('authenticationRequired'), 'gus came in'));
  await step('the host logs in and is moderator', async () => {
    await gus.evaluate(({ id, password }) => window.conference.authenticateAndUpgradeRole({ id, password }), { id: `${o.user}@meet.jitsi`, password: o.password });
    const failure = await again(gus);
    demand(failure === null, `gus: ${failure}`);
    await moderates(gus, true);
  });
  let hal;
  await step('another guest comes in beside the host, and is none', async () => {
    const { page, failure } = await join('hal', room);
    hal = page;
    demand(failure === null, `hal: ${failure}`);
    await moderates(hal, false);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await moderates(hal, false);
  });
  await step('the host logs in for the whole session', async () => {
    const where = newRoom();
    const { page, failure } = await join('ida', where, { id: `${o.user}@meet.jitsi`, password: o.password });
    demand(failure === null, `ida: ${failure}`);
    await moderates(page, true);
    if (o.mode === 'ldap') {
      const guest = await join('kim', where);
      demand(guest.failure === null, `kim: ${guest.failure}`);
      const seen = await until('identity', () => guest.page.evaluate(() => window.conference.getParticipants().map((p) => p.getIdentity?.()).find((i) => i?.user)), 5);
      demand(seen.user.id === o.user && seen.user.name && seen.user.email?.startsWith(`${o.user}@`), JSON.stringify(seen));
      await guest.page.close();
      await page.close();
      return `others see ${seen.user.name}, ${seen.user.email}`;
    }
    await page.close();
    return null;
  });
  await step('after a logout the host is a guest, whose old session counts no more', async () => {
    const id = await gus.evaluate(() => localStorage.getItem('sessionId'));
    demand(id, 'the library kept no session id');
    await gus.evaluate(() => new Promise((resolve) => window.conference.room.xmpp.moderator.logout(resolve)));
    demand(await gus.evaluate(() => localStorage.getItem('sessionId')) === null, 'the library still has its session id');
    const machine = await gus.evaluate(() => localStorage.getItem('jitsiMeetId'));
    const joe = await openPage(browser, 'joe', site.origin, o.verbose);
    await joe.evaluate((kept) => { for (const [key, value] of Object.entries(kept)) localStorage.setItem(key, value); }, { sessionId: id, jitsiMeetId: machine });
    await joe.reload();
    const where = newRoom();
    await joe.evaluate((options) => window.connect(options), { serviceUrl: `${o.url.replace(/^http/, 'ws')}/xmpp-websocket?room=${where}`, flags: {}, overrides: overrides() });
    await joe.evaluate((options) => window.join(options), { room: where, name: 'joe', media: false });
    const failure = await outcome(joe);
    demand(failure?.includes('authenticationRequired'), `joe: ${failure}`);
    await joe.close();
  });
  await step('when the host leaves, guests stay', async () => {
    await gus.evaluate(() => window.conference.leave());
    demand(await awaitEvent(hal, 'USER_LEFT'), 'hal did not see it');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    demand((await events(hal, 'CONFERENCE_LEFT')).length === 0 && (await events(hal, 'KICKED')).length === 0, 'hal was put out');
  });
}

async function jwt() {
  const room = newRoom();
  const minute = Math.floor(Date.now() / 1000) - 60;
  for (const [what, login, text] of [
    // Of a site with both, who brings no token may be a guest.
    ...(o.mode === 'hybrid' ? [] : [['without a token', {}, 'token required']]),
    ['with an expired one', { token: token({ exp: minute }) }, 'exp'],
    ['with one of another issuer', { token: token({ iss: 'somebody' }) }, "'iss'"],
    ['with one that another secret signed', { token: token({}, { secret: 'x'.repeat(32) }) }, 'Invalid signature'],
    ['with one that nobody signed', { token: `${encoded({ alg: 'none', typ: 'JWT' })}.${token({}).split('.')[1]}.` }, 'alg'],
  ]) {
    await step(`nobody comes in ${what}`, async () => {
      const { page, failure } = await connect('eve', room, login);
      demand(failure !== null, 'eve is connected');
      demand(failure.includes('connection.passwordRequired') && failure.includes(text), failure);
      await page.close();
      return failure;
    });
  }
  await step('nobody comes in with a token for another room', async () => {
    const { page, failure } = await join('eve', room, { token: token({ room: 'elsewhere' }) });
    demand(failure !== null, 'eve joined');
    await page.close();
    return failure;
  });
  let ann;
  await step('a token that says so makes the moderator, with its name', async () => {
    const { page, failure } = await join('fake name', room, { token: token({ room, context: { user: { id: 'u1', name: 'Ann Lee', email: 'ann@example.org', moderator: true } } }) });
    ann = page;
    demand(failure === null, `ann: ${failure}`);
    await moderates(ann, true);
  });
  await step('a token that says no makes none, and others see whom it names', async () => {
    const { page, failure } = await join('bob', room, { token: token({ context: { user: { id: 'u2', name: 'Bob Ray', moderator: false } } }) });
    demand(failure === null, `bob: ${failure}`);
    await moderates(page, false);
    const identity = await until('identity', () => page.evaluate(() => window.conference.getParticipants().map((p) => p.getIdentity?.()).find((i) => i?.user)), 5);
    demand(identity.user.name === 'Ann Lee' && identity.user.id === 'u1', JSON.stringify(identity));
    return JSON.stringify(identity.user);
  });
}

try {
  if (o.mode !== 'jwt') await internal();
  if (o.mode === 'jwt' || o.mode === 'hybrid') await jwt();
} finally {
  await browser.close();
  site.close();
}
console.log(failures.length === 0 ? 'all steps held' : `${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
