// Who comes in, through the web client: a guest who waits, the host who signs in, the host who signs out; or invitations with tokens.
// Usage: node e2e/login.mjs https://localhost:8443 FOLDER accounts USER PASSWORD [DOMAIN]
//        node e2e/login.mjs https://localhost:8443 FOLDER tokens VALID EXPIRED
// Prints one line a step; ends with 1 when a step fails. E2E_TIMEOUT (30000): milliseconds that one thing may take.
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [base = 'https://localhost:8443', folder = 'screens/login', mode = 'accounts', ...rest] = process.argv.slice(2);
const TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 30_000);
const room = `Login${Date.now().toString(36)}`;
const errors = [];

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream', '--allow-loopback-in-peer-connection'],
});

async function person(name) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 800 },
    permissions: ['camera', 'microphone'],
  });
  context.setDefaultTimeout(TIMEOUT);
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(`${name}: ${error.message}`));
  return page;
}

async function open(page, name, query = '') {
  await page.goto(`${base}/${room}${query}`);
  await page.getByLabel('Your name').fill(name);
  await page.getByTestId('join').click();
}

async function step(name, work) {
  const from = performance.now();
  const seconds = () => ((performance.now() - from) / 1000).toFixed(2).padStart(6);
  try {
    await work();
    console.log(`ok    ${seconds()} s  ${name}`);
  } catch (error) {
    console.log(`FAIL  ${seconds()} s  ${name}: ${error.message.split('\n')[0]}`);
    throw error;
  }
}

const inCall = (page) => page.getByTestId('call').waitFor();
const shot = (page, name) => page.screenshot({ path: `${folder}/${name}.png` });

async function signIn(page, user, password) {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function accounts([user, password]) {
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
    await host.waitForFunction(() => window.jitsiMesh?.state.moderator === true);
    if (await guest.evaluate(() => window.jitsiMesh.state.moderator)) throw new Error('the guest moderates');
  });
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

async function tokens([valid, expired]) {
  await step('nobody comes in without an invitation', async () => {
    const page = await person('nobody');
    await open(page, 'Eve');
    await page.getByTestId('problem').waitFor();
    const shown = await page.getByTestId('problem').getAttribute('data-problem');
    if (shown !== 'token' && shown !== 'login-required') throw new Error(`shown: ${shown}`);
    await shot(page, 'without');
  });
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
  await (mode === 'tokens' ? tokens(rest) : accounts(rest));
  if (errors.length > 0) throw new Error(errors.join('; '));
} catch (error) {
  failed = true;
  console.log(error.message.split('\n')[0]);
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
