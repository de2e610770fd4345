// How long a join takes in real browsers: Ann is in the room; Bob opens its page, joins at once, and waits for the first decoded frame of Ann.
// Usage: node join.mjs URL ROUNDS. Prints one line of JSON a round: milliseconds since Bob's page was opened.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(fileURLToPath(new URL('../../../services/web/package.json', import.meta.url)));
const { chromium } = require('playwright-core');
const [base, rounds = '5'] = process.argv.slice(2);

const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection',
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
    ],
  });

// Runs in the page, from its first moment: presses the button as soon as the own picture is there, and looks at the decoder every 10 ms.
function hurry() {
  const times = {};
  window.joinTimes = times;
  const pressed = setInterval(() => {
    const button = document.querySelector('[data-testid="join"]');
    if (!button || button.disabled || !document.querySelector('[data-testid="preview-video"][data-ready="true"]')) return;
    clearInterval(pressed);
    times.pressed = performance.now();
    button.click();
  }, 10);
  const joined = setInterval(() => {
    if (!document.querySelector('[data-testid="call"]')) return;
    clearInterval(joined);
    times.joined = performance.now();
  }, 10);
  const watched = setInterval(async () => {
    const connection = window.jitsiMesh?.peerConnection;
    if (!connection) return;
    times.offered ??= performance.now();
    if (connection.connectionState === 'connected') times.connected ??= performance.now();
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type !== 'inbound-rtp' || entry.kind !== 'video') continue;
      if (entry.packetsReceived > 0) times.packet ??= performance.now();
      if (entry.framesDecoded > 0 && !times.frame) {
        clearInterval(watched);
        times.frame = performance.now();
      }
    }
  }, 10);
}

// Not waitForFunction: the page's content security policy forbids the eval behind it.
async function until(page, name) {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const times = await page.evaluate(() => window.joinTimes);
    if (times[name] > 0) return times;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within 30 s: ${name}, ${JSON.stringify(await page.evaluate(() => window.joinTimes))}`);
}

async function open(browser, room) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 }, permissions: ['camera', 'microphone'] });
  const page = await context.newPage();
  await page.addInitScript(hurry);
  await page.goto(`${base}/${room}`);
  return { context, page };
}

const one = await launch();
const two = await launch();
try {
  for (let round = 0; round < Number(rounds); round++) {
    const room = `Join${Date.now().toString(36)}`;
    const ann = await open(one, room);
    await until(ann.page, 'joined');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const bob = await open(two, room);
    console.log(JSON.stringify(await until(bob.page, 'frame')));
    await bob.context.close();
    await ann.context.close();
  }
} finally {
  await one.close();
  await two.close();
}
