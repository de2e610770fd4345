// What goes wrong for people in a real browser is told on the page, with the code of docs/errors.md.
// Usage: node e2e/errors.mjs https://localhost:8443 [folder for screenshots]
// The mesh under test lets two people into a room (MAX_PARTICIPANTS=2). Ends with 1 when a step fails.
import { mkdir } from 'node:fs/promises';
import { launch, profile } from './browser.mjs';
import { step } from './steps.mjs';

const [base = 'https://localhost:8443', folder = 'screens/errors'] = process.argv.slice(2);
const TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 60_000);
const unique = Date.now().toString(36);

const browser = await launch();

const errors = [];
let open = [];

async function person({ devices = true } = {}) {
  const context = await profile(browser, TIMEOUT, {
    permissions: devices ? ['camera', 'microphone', 'clipboard-read', 'clipboard-write'] : [],
  });
  const page = await context.newPage();
  const said = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => said.push(message.text()));
  page.on('requestfailed', (request) => said.push(`${request.url()}: ${request.failure()?.errorText}`));
  open.push({ page, said });
  return { context, page };
}

/** Prints what each page of a step that failed shows and has said, and ends it: the next step begins without it. */
async function explain() {
  for (const { page, said } of open) {
    if (page.isClosed()) continue;
    const text = await page.textContent('body', { timeout: 5_000 }).catch((error) => error.message);
    console.log(`page ${page.url()}: ${text?.slice(0, 500)}\n${said.slice(-40).join('\n')}`);
    await page.context().close();
  }
}

async function enters(who, room, query = '') {
  await who.page.goto(`${base}/${room}${query}`);
  await who.page.getByTestId('join').click();
}

const inCall = (who) => who.page.getByTestId('call').waitFor();

/** Waits for the page of a problem, and compares its code with the one that is expected. */
async function tells(who, code, name) {
  const shown = who.page.getByTestId('problem').getByTestId('error-code');
  await shown.waitFor();
  await who.page.screenshot({ path: `${folder}/${name}.png` });
  const text = (await shown.textContent())?.trim();
  if (text !== `Code ${code}`) throw new Error(`${text} instead of ${code}`);
  return text;
}

await mkdir(folder, { recursive: true });
let failed = false;
const run = async (name, work) => {
  open = [];
  await step(name, work).catch(async (error) => {
    failed = true;
    console.log(error.stack);
    await explain();
  });
};

await run('a microphone that is refused', async () => {
  const who = await person({ devices: false });
  await who.page.goto(`${base}/Devices${unique}`);
  const box = who.page.getByTestId('device-problem').getByTestId('error-code');
  await box.waitFor();
  if ((await box.textContent()) !== 'MESH-DEVICE-1') throw new Error(`${await box.textContent()}`);
  await who.context.close();
});

await run('a full room, and its details by one button', async () => {
  const room = `Full${unique}`;
  const people = [await person(), await person()];
  for (const who of people) {
    await enters(who, room);
    await inCall(who);
  }
  const third = await person();
  await enters(third, room);
  await tells(third, 'MESH-ROOM-3', 'full');
  await third.page.getByRole('button', { name: 'Copy details' }).click();
  await third.page.getByRole('button', { name: 'Details copied' }).waitFor();
  const details = await third.page.evaluate(() => navigator.clipboard.readText());
  for (const part of ['code: MESH-ROOM-3', `room: ${room}`, 'time: 20', 'participant: '])
    if (!details.includes(part)) throw new Error(`no "${part}" in the details`);
  for (const who of [...people, third]) await who.context.close();
});

await run('somebody who is removed, with the ids of meeting and participant', async () => {
  const room = `Kicked${unique}`;
  const [host, guest] = [await person(), await person()];
  await enters(host, room);
  await inCall(host);
  await enters(guest, room);
  await inCall(guest);
  const id = await guest.page.evaluate(() => window.jitsiMesh.state.endpointId);
  await host.page.waitForFunction((who) => Boolean(window.jitsiMesh.state.participants[who]), id);
  await host.page.locator(`[data-testid="tile"][data-endpoint-id="${id}"]`).first().hover();
  await host.page.locator(`[data-testid="tile"][data-endpoint-id="${id}"]`).getByRole('button').first().click();
  await host.page.getByRole('menuitem', { name: 'Remove from call' }).click();
  await host.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await tells(guest, 'MESH-ROOM-9', 'kicked');
  await guest.page.getByRole('button', { name: 'Copy details' }).click();
  const details = await guest.page.evaluate(() => navigator.clipboard.readText());
  if (!details.includes(`participant: ${id}`)) throw new Error('the participant is missing in the details');
  if (!/^meeting: [0-9a-f-]{16,}$/m.test(details)) throw new Error('the meeting is missing in the details');
  await host.context.close();
  await guest.context.close();
});

await run('neither WebSocket nor BOSH, and nobody at the address', async () => {
  const who = await person();
  await who.page.routeWebSocket(/xmpp-websocket/, (socket) => socket.close());
  await who.page.route(/http-bind/, (route) => route.abort());
  await enters(who, `Unreachable${unique}`);
  await tells(who, 'MESH-NET-1', 'unreachable');
  await who.context.close();
});

for (const status of [502, 503]) {
  await run(`a front that answers ${status} for signalling`, async () => {
    const who = await person();
    await who.page.routeWebSocket(/xmpp-websocket/, (socket) => socket.close());
    await who.page.route(/http-bind/, (route) => route.fulfill({ status, body: 'no' }));
    await enters(who, `Gateway${status}${unique}`);
    await tells(who, `MESH-HTTP-${status}`, `gateway-${status}`);
    await who.context.close();
  });
}

await run('an address that answers, and lets no session be opened', async () => {
  const who = await person();
  await who.page.routeWebSocket(/xmpp-websocket/, (socket) => socket.close());
  await who.page.route(/http-bind/, (route) =>
    route.fulfill({ status: 200, body: '<html>Log in to the hotel</html>' }),
  );
  await enters(who, `Hotel${unique}`);
  await tells(who, 'MESH-NET-4', 'hotel');
  await who.context.close();
});

await run('a config.js that lacks what a call needs', async () => {
  const who = await person();
  await who.page.route(/config\.js/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: 'var config = {};' }),
  );
  await who.page.goto(`${base}/Config${unique}`);
  await tells(who, 'MESH-SETUP-1', 'config');
  await who.context.close();
});

await run('a page that is not there', async () => {
  const who = await person();
  const answer = await who.page.goto(`${base}/libs/none.js`);
  if (answer?.status() !== 404) throw new Error(`status ${answer?.status()}`);
  if (!(await who.page.textContent('body'))?.includes('MESH-HTTP-404')) throw new Error('no code on the page');
  await who.page.screenshot({ path: `${folder}/not-found.png` });
  await who.context.close();
});

await browser.close();
for (const error of errors) console.log(`page error: ${error}`);
console.log(failed || errors.length > 0 ? 'failed' : 'done');
process.exit(failed || errors.length > 0 ? 1 : 0);
