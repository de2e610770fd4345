// A call in a page of somebody else, of another origin, by external_api.js, with one person more who comes in the usual way.
// Usage: node e2e/embed.mjs https://localhost:8443[/path] FOLDER
// The page and all else may be below a path. Prints one line a step; ends with 1 when a step fails. E2E_TIMEOUT (30000): milliseconds that one thing may take.
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { launch, profile } from './browser.mjs';
import { step } from './steps.mjs';

const [base = 'https://localhost:8443', folder = 'screens/embed'] = process.argv.slice(2);
const TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 30_000);
const room = `Embed${Date.now().toString(36)}`;
const at = new URL(base);
const domain = at.host + at.pathname.replace(/\/$/, '');
const errors = [];
const outside = [];

const PORTAL = `<!doctype html><meta charset="utf-8"><title>Portal</title><h1>Portal</h1><div id="call" style="width:900px;height:600px"></div>
<script src="https://${domain}/external_api.js"></script>
<script>
  window.heard = [];
  window.start = () => {
    window.api = new JitsiMeetExternalAPI(${JSON.stringify(domain)}, {
      roomName: ${JSON.stringify(room)}, parentNode: document.getElementById('call'), userInfo: { displayName: 'Embedded Ann' },
      configOverwrite: { prejoinConfig: { enabled: false }, subject: 'Quarterly figures' },
    });
    for (const name of ['videoConferenceJoined', 'videoConferenceLeft', 'participantJoined', 'participantLeft', 'audioMuteStatusChanged', 'videoMuteStatusChanged',
      'displayNameChange', 'subjectChange', 'readyToClose', 'errorOccurred']) api.addListener(name, (data) => heard.push({ event: name, ...data }));
  };
</script>`;

await mkdir(folder, { recursive: true });
const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PORTAL));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const portal = `http://127.0.0.1:${server.address().port}/`;
const browser = await launch('--use-fake-ui-for-media-stream');

async function person(name) {
  const context = await profile(browser, TIMEOUT);
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(`${name}: ${error.message}`));
  // Whatever the page of the call asks of this server is below its path.
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.host === at.host && !url.pathname.startsWith(at.pathname)) outside.push(url.pathname);
  });
  return page;
}

/** The first event of that name, with all that it said. */
async function hears(page, event, condition = () => true) {
  const until = Date.now() + TIMEOUT;
  while (Date.now() < until) {
    const found = (await page.evaluate(() => window.heard)).find((e) => e.event === event && condition(e));
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no ${event} among ${JSON.stringify(await page.evaluate(() => window.heard))}`);
}

function same(actual, expected) {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Error(`${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

let failed = false;
try {
  const ann = await person('ann');
  const bob = await person('bob');
  const call = () => ann.frameLocator('iframe');
  const run = (command, ...values) =>
    ann.evaluate(([name, list]) => window.api.executeCommand(name, ...list), [command, values]);

  await step('the page of another origin opens the call without a page before it', async () => {
    await ann.goto(portal);
    await ann.evaluate(() => window.start());
    const joined = await hears(ann, 'videoConferenceJoined');
    same([joined.roomName, joined.displayName], [room, 'Embedded Ann']);
    await call().getByTestId('call').waitFor();
  });
  await step('it sees who comes, and what the meeting is about', async () => {
    await bob.goto(`${base}/${room}`);
    await bob.getByLabel('Your name').fill('Bob');
    await bob.getByTestId('join').click();
    await bob.getByTestId('call').waitFor();
    same((await hears(ann, 'participantJoined')).displayName, 'Bob');
    same(
      (await ann.evaluate(() => window.api.getParticipantsInfo())).map((p) => p.displayName),
      ['Embedded Ann', 'Bob'],
    );
    await hears(ann, 'subjectChange', (e) => e.subject === 'Quarterly figures');
    await bob.getByText('Quarterly figures').waitFor();
    await ann.screenshot({ path: `${folder}/portal.png` });
  });
  await step('it mutes and unmutes', async () => {
    const muted = await ann.evaluate(() => window.api.isAudioMuted());
    await run('toggleAudio');
    await hears(ann, 'audioMuteStatusChanged', (e) => e.muted === !muted);
    same(await ann.evaluate(() => window.api.isAudioMuted()), !muted);
    await run('toggleVideo');
    await hears(ann, 'videoMuteStatusChanged');
  });
  await step('it gives a name, which the others see', async () => {
    await run('displayName', 'Berta');
    await hears(ann, 'displayNameChange', (e) => e.displayname === 'Berta');
    await bob.getByText('Berta').first().waitFor();
  });
  await step('it sees who goes', async () => {
    await bob.getByTestId('leave').click();
    await hears(ann, 'participantLeft');
    same(await ann.evaluate(() => window.api.getNumberOfParticipants()), 1);
  });
  await step('it hangs up, and takes the frame away', async () => {
    await run('hangup');
    same((await hears(ann, 'videoConferenceLeft')).roomName, room);
    await hears(ann, 'readyToClose');
    await ann.evaluate(() => window.api.dispose());
    same(await ann.locator('iframe').count(), 0);
  });
  await step('nothing was asked for outside of the path, and no page failed', () => {
    same(outside, []);
    same(errors, []);
  });
} catch {
  failed = true;
} finally {
  await browser.close();
  server.close();
}
process.exit(failed ? 1 : 0);
