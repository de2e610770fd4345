// Firefox and Chromium in one call through the web client: each must see and hear the other.
// usage: node firefox.mjs --url https://localhost:8443 [--seconds 15] [--min-fps 5] [--verbose]
import { parseArgs } from 'node:util';
import { launch, until } from './chromium.mjs';
import { launchFirefox } from './firefox-browser.mjs';

const { values: o } = parseArgs({ options: {
  url: { type: 'string', default: 'https://localhost:8443' }, seconds: { type: 'string', default: '15' }, 'min-fps': { type: 'string', default: '5' },
  verbose: { type: 'boolean', default: false },
} });
const seconds = Number(o.seconds);
const failures = [];
const check = (ok, what) => { console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}`); if (!ok) failures.push(what); };

const chromium = await launch();
let firefox;
const people = [];
try {
  firefox = await launchFirefox();
  check(true, `Firefox started: ${await firefox.version()}`);
  const viewport = { width: 1280, height: 800 };
  const context = await chromium.newContext({ ignoreHTTPSErrors: true, permissions: ['camera', 'microphone'], viewport });
  people.push({ name: 'Firefox', page: await (await firefox.newContext({ viewport })).newPage() }, { name: 'Chromium', page: await context.newPage() });
  for (const { name, page } of people) {
    page.on('pageerror', (error) => check(false, `${name}: page error ${error.message}`));
    page.on('console', (message) => { if (o.verbose) console.log(`${name} ${message.type()}: ${message.text().slice(0, 400)}`); });
  }

  const room = `firefox${Date.now().toString(36)}`;
  for (const person of people) {
    await person.page.goto(`${o.url}/${room}`);
    await person.page.waitForSelector('[data-testid="join"]');
    const picture = await until(`${person.name}: the camera is open`, () => person.page.evaluate(() => document.querySelector('[data-testid="preview-video"][data-ready="true"]') !== null), 20).catch(() => false);
    check(picture, `${person.name}: preview plays`);
    await person.page.evaluate(() => document.querySelector('[data-testid="join"]').click());
    person.id = await until(`${person.name}: in the call`, () => person.page.evaluate(() => (window.jitsiMesh?.state.phase === 'call' ? window.jitsiMesh.state.endpointId : null)), 20);
    check(true, `${person.name}: joined as ${person.id}`);
  }
  const stats = ({ page }) => page.evaluate(async () => {
    const { peerConnection, state } = window.jitsiMesh;
    const entries = [];
    if (peerConnection) (await peerConnection.getStats()).forEach((e) => { entries.push(e); });
    const inbound = Object.fromEntries(state.tracks.map((track) => {
      const e = entries.find((s) => s.type === 'inbound-rtp' && s.trackIdentifier === track.trackId) ?? {};
      return [track.sourceName, { frames: e.framesDecoded ?? 0, bytes: e.bytesReceived ?? 0, energy: e.totalAudioEnergy ?? null, lost: e.packetsLost ?? 0, width: e.frameWidth ?? 0, height: e.frameHeight ?? 0 }];
    }));
    return {
      inbound, connection: peerConnection?.connectionState ?? 'none', channel: state.bridgeChannel, media: state.media,
      dtls: peerConnection?.getReceivers()[0]?.transport?.state ?? 'none', sent: entries.filter((e) => e.type === 'outbound-rtp').map((e) => `${e.kind} ${e.ssrc} ${e.bytesSent} B`),
    };
  });
  const other = (person) => people.find((p) => p !== person);
  for (const person of people) {
    const whom = other(person);
    const flows = await until(`${person.name}: media of ${whom.name}`, async () => {
      const { inbound } = await stats(person);
      return inbound[`${whom.id}-v0`]?.frames > 0 && inbound[`${whom.id}-a0`]?.bytes > 0;
    }, 20).catch((error) => console.log(error.message));
    check(flows === true, `${person.name}: the first media of ${whom.name} came`);
  }
  const before = await Promise.all(people.map(stats));
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = await Promise.all(people.map(stats));
  for (const [i, person] of people.entries()) {
    const whom = other(person);
    const [was, is] = [before[i], after[i]];
    check(is.connection === 'connected' && is.dtls === 'connected', `${person.name}: connection ${is.connection}, DTLS ${is.dtls}`);
    check(is.channel?.open === true, `${person.name}: bridge channel ${JSON.stringify(is.channel)}`);
    const video = is.inbound[`${whom.id}-v0`];
    const fps = ((video?.frames ?? 0) - (was.inbound[`${whom.id}-v0`]?.frames ?? 0)) / seconds;
    check(fps >= Number(o['min-fps']), `${person.name}: sees ${whom.name} at ${fps.toFixed(1)} fps, ${video?.width}x${video?.height}, lost ${video?.lost}`);
    const audio = is.inbound[`${whom.id}-a0`];
    const bytes = (audio?.bytes ?? 0) - (was.inbound[`${whom.id}-a0`]?.bytes ?? 0);
    const energy = (audio?.energy ?? 0) - (was.inbound[`${whom.id}-a0`]?.energy ?? 0);
    check(bytes > 500 * seconds && energy > 0, `${person.name}: hears ${whom.name}: ${bytes} B, energy ${energy.toExponential(1)}, lost ${audio?.lost}`);
    if (o.verbose) console.log(person.name, JSON.stringify(is));
  }
  // By the button: a closed tab says goodbye only if the browser still lets the last frame out, which Firefox does not promise.
  await people[0].page.mouse.move(640, 400);
  await people[0].page.click('[data-testid="leave"]');
  const item = await people[0].page.waitForSelector('[role="menuitem"]::-p-text(Leave call)', { timeout: 5000 });
  await item.click();
  const gone = await until('the leave', () => people[1].page.evaluate((id) => !(id in window.jitsiMesh.state.participants), people[0].id), 20).catch(() => false);
  check(gone, 'Chromium: sees Firefox leave');
} catch (error) {
  check(false, error.message);
} finally {
  if (failures.length > 0) {
    for (const { name, page } of people) console.log(`${name} log:`, JSON.stringify(await page.evaluate(() => window.jitsiMesh?.log.slice(-60)).catch(() => []), null, 1));
  }
  await firefox?.close();
  await chromium.close();
}
console.log(failures.length === 0 ? 'Firefox: all held' : `Firefox: ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
