// Who comes in by an OpenID provider, through the web client: from the room's page to the provider, back into the room with the name that it gives, and out again.
// Usage: node e2e/oidc.mjs https://localhost:8443 FOLDER PROVIDER PORT SECRET
// PROVIDER is the folder of provider.mjs, which is started on PORT of loopback; the server names it as its issuer and SECRET as its own.
// Prints one line a step; ends with 1 when a step fails. E2E_TIMEOUT (30000): milliseconds that one thing may take.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { launch, profile } from './browser.mjs';
import { step } from './steps.mjs';

const [base = 'https://localhost:8443', folder = 'screens/oidc', providerFolder = '.', port = '31080', secret = ''] =
  process.argv.slice(2);
const TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 30_000);
const room = `Oidc${Date.now().toString(36)}`;
const issuer = `http://127.0.0.1:${port}`;
const errors = [];

const provider = spawn('node', ['provider.mjs', port], { cwd: providerFolder, stdio: ['pipe', 'pipe', 'ignore'] });
provider.stdin.write(
  `${JSON.stringify({
    clients: [
      {
        client_id: 'jitsi',
        client_secret: secret,
        token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: [`${base}/oidc/callback`],
        post_logout_redirect_uris: [`${base}/oidc/logged-out`],
      },
    ],
    accounts: {
      ann: { name: 'Ann Übel', email: 'ann@example.org', email_verified: true, groups: ['hosts'] },
      bob: { name: 'Bob', groups: ['guests'] },
    },
  })}\n`,
);
for await (const line of createInterface({ input: provider.stdout })) if (line === 'ready') break;

await mkdir(folder, { recursive: true });
const browser = await launch();
async function person() {
  const context = await profile(browser, TIMEOUT, { viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  return page;
}

/** Up to the provider's form, filled in. */
async function atProvider(page, account) {
  await page.getByTestId('sign-in').click();
  await page.waitForURL(`${issuer}/**`);
  await page.locator('input[name=login]').fill(account);
  await page.locator('input[name=password]').fill('any');
}

async function backAgain(page) {
  await page.locator('button[type=submit]').click();
  // The client takes the token out of the address at once.
  await page.waitForURL((url) => url.href.startsWith(`${base}/${room}`));
  await page.waitForFunction(
    () => !location.search.includes('jwt') && sessionStorage.getItem('jitsimesh.page-token') !== null,
  );
}

async function open(page, name) {
  await page.goto(`${base}/${room}`);
  await page.getByLabel('Your name').fill(name);
  await page.getByTestId('join').click();
  await page.getByTestId('sign-in').waitFor();
}

const page = await person();

const shot = (name) => page.screenshot({ path: `${folder}/${name}.png` });

let failed = false;
try {
  await step('who is not signed in is led to the sign-in', async () => {
    await open(page, 'Somebody');
    await shot('sign-in');
  });
  await step('the sign-in is the page of the provider', async () => {
    await atProvider(page, 'ann');
    await shot('provider');
  });
  await step('it comes back to the room, with the name that the provider gives', async () => {
    await backAgain(page);
    const name = await page.getByLabel('Your name').inputValue();
    if (name !== 'Ann Übel') throw new Error(`the name is ${name}`);
  });
  await step('the room lets in, as a moderator', async () => {
    await page.getByTestId('join').click();
    await page.getByTestId('call').waitFor();
    await page.waitForFunction(() => window.jitsiMesh?.state.moderator === true);
  });
  await step('somebody of no group of moderators comes in too, sees that name, and does not moderate', async () => {
    const other = await person();
    await open(other, 'Anybody');
    await atProvider(other, 'bob');
    await backAgain(other);
    await other.getByTestId('join').click();
    await other.getByText('Ann Übel').first().waitFor();
    await page.getByText('Bob').first().waitFor();
    if (await other.evaluate(() => window.jitsiMesh.state.moderator)) throw new Error('the other moderates');
    await other.screenshot({ path: `${folder}/call.png` });
    await other.context().close();
  });
  await step('who is signed in signs out, at the provider too', async () => {
    await page.getByTestId('more').click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    await page.getByText('Signed in as ann').waitFor();
    await shot('signed-in');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${issuer}/**`);
    await page.locator('button[value=yes]').click();
    await page.waitForURL(`${base}/`);
  });
  if (errors.length > 0) throw new Error(errors.join('; '));
} catch (error) {
  failed = true;
  await shot('failed');
  console.log(error.message.split('\n')[0]);
} finally {
  await browser.close();
  provider.stdin.end();
}
process.exit(failed ? 1 : 0);
