// Who comes in, through the web client: a guest who waits, the host who signs in, the host who signs out; or invitations with tokens.
// Usage: node e2e/login.mjs https://localhost:8443 FOLDER accounts USER PASSWORD [DOMAIN]
//        node e2e/login.mjs https://localhost:8443 FOLDER tokens VALID EXPIRED
//        node e2e/login.mjs https://localhost:8443 FOLDER hybrid USER PASSWORD VALID EXPIRED
//        node e2e/login.mjs https://localhost:8443 FOLDER directory USER PASSWORD
//        node e2e/login.mjs https://localhost:8443 FOLDER profile USER PASSWORD NAME MAIL OTHER-USER OTHER-PASSWORD
// Prints one line a step; ends with 1 when a step fails. E2E_TIMEOUT (30000): milliseconds that one thing may take.
import { mkdir } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { launch, profile as newProfile } from './browser.mjs';
import { step } from './steps.mjs';

const [base = 'https://localhost:8443', folder = 'screens/login', mode = 'accounts', ...rest] = process.argv.slice(2);
const TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 30_000);
const room = `Login${Date.now().toString(36)}`;
const errors = [];

await mkdir(folder, { recursive: true });
const browser = await launch();

async function person(name) {
  const context = await newProfile(browser, TIMEOUT, { viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(`${name}: ${error.message}`));
  return page;
}

async function open(page, name, query = '') {
  await page.goto(`${base}/${room}${query}`);
  await page.getByLabel('Your name').fill(name);
  await page.getByTestId('join').click();
}

const inCall = (page) => page.getByTestId('call').waitFor();
const shot = (page, name) => page.screenshot({ path: `${folder}/${name}.png` });

// Not by frames that are drawn: a busy machine draws none for a while.
async function moderates(page) {
  try {
    await page.waitForFunction(() => window.jitsiMesh?.state.moderator === true, undefined, { polling: 100 });
  } catch (error) {
    const log = await page.evaluate(() => window.jitsiMesh?.log.slice(-40).join('\n'));
    throw new Error(`${error.message.split('\n')[0]}; the page's log ends with\n${log}`);
  }
}

async function signIn(page, user, password) {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The steps of a host with an account and a guest; what else is done while both are in the call comes before the host signs out. */
async function accounts([user, password], meanwhile = async () => {}) {
  const guest = await person('guest');
  const host = await person('host');
  await step('a guest who is first waits', async () => {
    await open(guest, 'Gus');
    await guest.getByTestId('waiting-for-host').waitFor();
    await shot(guest, 'waiting');
  });
  await step('a wrong password is told as one, and the host goes on waiting', async () => {
    await open(host, 'Hanna');
    await host.getByRole('button', { name: 'I am the host' }).click();
    await signIn(host, user, 'not this one');
    await host.getByText('User name or password is wrong.').waitFor();
    await shot(host, 'wrong');
  });
  await step('the right one opens the call', async () => {
    await signIn(host, user, password);
    await inCall(host);
  });
  await step('the guest comes in by itself', async () => {
    await inCall(guest);
    await shot(guest, 'guest');
  });
  await step('the host moderates and the guest does not', async () => {
    await moderates(host);
    if (await guest.evaluate(() => window.jitsiMesh.state.moderator)) throw new Error('the guest moderates');
  });
  await meanwhile(guest, host);
  await step('the host sees who is signed in, and signs out', async () => {
    await host.getByTestId('more').click();
    await host.getByRole('menuitem', { name: 'Settings' }).click();
    await host.getByText(`Signed in as ${user}@`).waitFor();
    await shot(host, 'signed-in');
    await host.getByRole('button', { name: 'Sign out' }).click();
    await host.getByText('You are signed out').waitFor();
    const left = await host.evaluate(() => localStorage.getItem('jitsimesh.session-id'));
    if (left !== null) throw new Error('the session is still kept');
  });
}

async function invite(page) {
  await page.keyboard.press('Escape');
  if (!(await page.getByTestId('people-panel').isVisible())) await page.getByTestId('toggle-people').click();
  await page.getByTestId('invite-people').click();
  await page.getByTestId('invite').waitFor();
}

const searched = (page, state) => page.locator(`[data-testid="invite-status"][data-search="${state}"]`).waitFor();

async function directory([user, password]) {
  let session = null;
  await accounts([user, password], async (guest, host) => {
    await step('the host finds people of the directory, by keys', async () => {
      await invite(host);
      await host.getByTestId('invite-search').pressSequentially('mary doe', { delay: 30 });
      await searched(host, 'found');
      const first = host.getByTestId('found-person').first();
      await first.getByText('Mary Doe0').waitFor();
      await first.getByText('Corp, Sales').waitFor();
      await first.getByText('+491700000001').waitFor();
      await shot(host, 'found');
      await host.keyboard.press('ArrowDown');
      await host.keyboard.press('Enter');
      const mail = await host.getByTestId('invite-send').getAttribute('href');
      if (!mail.startsWith('mailto:person00001@corp.example?')) throw new Error(mail);
    });
    await step('the dialog is fit for assistive technology', async () => {
      const { violations } = await new AxeBuilder({ page: host }).include('dialog').analyze();
      if (violations.length > 0) throw new Error(violations.map((one) => one.id).join(', '));
    });
    await step('its session id is good on its machine alone', async () => {
      const kept = await host.evaluate(() => ({
        id: localStorage.getItem('jitsimesh.session-id'),
        machine: JSON.parse(localStorage.getItem('jitsimesh.preferences')).machineUid,
      }));
      session = { ...kept, page: host };
      const answers = [await statusOf(session), await statusOf({ ...session, machine: 'another' })];
      if (answers.join() !== '200,401') throw new Error(answers.join());
    });
    await step('nobody is found who is not there', async () => {
      await host.getByTestId('invite-search').fill('xyzzy');
      await host.getByText('Nobody was found for “xyzzy”.').waitFor();
      await host.keyboard.press('Escape');
    });
    await step('a guest is asked to sign in, and a wrong password is told as one', async () => {
      await invite(guest);
      await guest.getByTestId('invite-search').fill('mary');
      await searched(guest, 'signed-out');
      await signIn(guest, user, 'not this one');
      await guest.getByText('User name or password is wrong.').waitFor();
      await shot(guest, 'search-sign-in');
    });
    await step('signed in, the guest finds people too, and moderates', async () => {
      await signIn(guest, user, password);
      await searched(guest, 'found');
      await guest.getByText('Mary Doe0').waitFor();
      await moderates(guest);
      await guest.keyboard.press('Escape');
    });
  });
  await step('the session id that the host had finds nobody any more', async () => {
    if ((await statusOf(session)) !== 401) throw new Error('it still does');
  });
}

/** What a search with a session id is answered. */
async function statusOf({ page, id, machine }) {
  const headers = { Authorization: `Session ${id}`, 'X-Machine-Uid': machine };
  return (await page.request.get(`${base}/people-search?query=mary`, { headers })).status();
}

// Where everybody logs in with the session of the call itself: what the directory says of them is what others see.
async function profile([user, password, name, mail, otherUser, otherPassword]) {
  const other = await person('other');
  const heard = [];
  other.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => heard.push(String(payload))));
  await step('nobody comes in without a login', async () => {
    await open(other, 'Olga');
    await other.getByTestId('problem').waitFor();
  });
  await step('the first logs in and opens the call', async () => {
    await signIn(other, otherUser, otherPassword);
    await inCall(other);
  });
  await step('others see who somebody is for the directory', async () => {
    const page = await person('someone');
    await open(page, 'A name of my own');
    await page.getByTestId('problem').waitFor();
    await signIn(page, user, password);
    await inCall(page);
    const wanted = [`<name>${name}</name>`, `<email>${mail}</email>`];
    const until = Date.now() + TIMEOUT;
    const seen = () => heard.find((xml) => xml.includes('<presence') && wanted.some((part) => xml.includes(part)));
    while (!seen() && Date.now() < until) await other.waitForTimeout(100);
    const presence = seen() ?? 'nothing of it';
    for (const part of wanted) if (!presence.includes(part)) throw new Error(`${part} is not in ${presence}`);
  });
}

async function tokens([valid, expired]) {
  await step('nobody comes in without an invitation', async () => {
    const page = await person('nobody');
    await open(page, 'Eve');
    await page.getByTestId('problem').waitFor();
    const shown = await page.getByTestId('problem').getAttribute('data-problem');
    if (shown !== 'token' && shown !== 'login-required') throw new Error(`shown: ${shown}`);
    await shot(page, 'without');
  });
  await invitations(valid, expired);
}

/** A site with both: accounts and guests as without tokens, and invitations beside them. */
async function hybrid([user, password, valid, expired]) {
  await accounts([user, password]);
  await invitations(valid, expired);
}

async function invitations(valid, expired) {
  await step('an expired invitation is told as one', async () => {
    const page = await person('late');
    await open(page, 'Lea', `?jwt=${expired}`);
    await page.getByText('Your invitation has expired').waitFor();
    await shot(page, 'expired');
  });
  await step('a valid one opens the call', async () => {
    const page = await person('ann');
    await open(page, 'Ann', `?jwt=${valid}`);
    await inCall(page);
    await shot(page, 'valid');
  });
}

let failed = false;
try {
  await { accounts, tokens, hybrid, directory, profile }[mode](rest);
  if (errors.length > 0) throw new Error(errors.join('; '));
} catch (error) {
  failed = true;
  console.log(error.message);
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
