// What a call does when the network is cut: signalling sockets reset for a while, and with a media port given (as root, on
// Linux) media packets dropped until ICE fails.
// Usage: node e2e/cuts.mjs https://localhost:8443 [UDP port of the bridge]
import { execFileSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { AUTOPLAY, launch, profile } from './browser.mjs';

const [base = 'https://localhost:8443', mediaPort] = process.argv.slice(2);
const target = new URL(base);
const port = Number(target.port || 443);
const room = `Cuts${Date.now().toString(36)}`;

/** A relay between browser and server whose connections can be cut, and which can refuse new ones. */
const sockets = new Set();
let refusing = false;
const relay = createServer((inner) => {
  if (refusing) {
    inner.destroy();
    return;
  }
  const outer = connect(port, target.hostname === 'localhost' ? '127.0.0.1' : target.hostname);
  for (const socket of [inner, outer]) {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      inner.destroy();
      outer.destroy();
    });
  }
  inner.pipe(outer).pipe(inner);
});
await new Promise((resolve) => relay.listen(0, '127.0.0.1', resolve));

const browser = await launch(
  AUTOPLAY,
  `--host-resolver-rules=MAP ${target.hostname}:${port} 127.0.0.1:${relay.address().port}`,
);

async function join(name) {
  const context = await profile(browser, 60_000);
  const page = await context.newPage();
  await page.goto(`${base}/${room}`);
  await page.getByLabel('Your name').fill(name);
  await page.locator('[data-testid="preview-video"][data-ready="true"]').waitFor();
  await page.getByTestId('join').click();
  await page.getByTestId('call').waitFor();
  return page;
}

const state = (page) => page.evaluate(() => window.jitsiMesh.state);
const frames = (page) =>
  page.evaluate(async () => {
    let total = 0;
    (await window.jitsiMesh.peerConnection?.getStats())?.forEach((s) => {
      if (s.type === 'inbound-rtp' && s.kind === 'video') total += s.framesDecoded ?? 0;
    });
    return total;
  });

async function until(what, check, timeout = 90_000) {
  const end = performance.now() + timeout;
  while (performance.now() < end) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(what);
}

async function flows(page) {
  const before = await frames(page);
  await page.waitForTimeout(4000);
  return (await frames(page)) > before + 2;
}

let failed = false;
const started = performance.now();
async function step(name, work) {
  const from = performance.now();
  const note = await work();
  console.log(
    `ok    ${((performance.now() - from) / 1000).toFixed(2).padStart(6)} s  ${name}${note ? `: ${note}` : ''}`,
  );
}

let rule = false;
/** Both directions in both families: a browser on the same machine often chooses IPv6. */
function firewall(flag) {
  for (const command of ['iptables', 'ip6tables']) {
    for (const side of ['--dport', '--sport']) {
      execFileSync(command, [flag, 'INPUT', '-i', 'lo', '-p', 'udp', side, String(mediaPort), '-j', 'DROP']);
    }
  }
}

let ann;
let bob;
try {
  await step('two people in a call', async () => {
    ann = await join('Ann');
    bob = await join('Bob');
    await until('Ann sees Bob', () => flows(ann));
    await until('Bob sees Ann', () => flows(bob));
  });

  await step('signalling cut for a while: pictures go on', async () => {
    const { jid, sid } = await state(ann);
    refusing = true;
    for (const socket of [...sockets]) socket.resetAndDestroy();
    await until('Ann notices', async () => (await state(ann)).connectionStatus === 'resuming');
    await ann.getByTestId('reconnecting').waitFor();
    await ann.keyboard.press('c');
    await ann.getByLabel('Message', { exact: true }).fill('Written while away');
    await ann.keyboard.press('Enter');
    refusing = false;
    if (!(await flows(ann))) throw new Error('the pictures stood still');
    await until('Ann is back', async () => (await state(ann)).connectionStatus === 'online');
    const after = await state(ann);
    if (after.jid !== jid) throw new Error('another session');
    if (after.sid !== sid) throw new Error('another media session');
    await ann.getByTestId('reconnecting').waitFor({ state: 'detached' });
    return after.jid.slice(0, 8);
  });

  await step('what was written meanwhile arrived', async () => {
    await until('Bob is back', async () => (await state(bob)).connectionStatus === 'online');
    await bob.keyboard.press('c');
    await bob.getByTestId('chat-message').filter({ hasText: 'Written while away' }).waitFor();
    if (!(await flows(bob))) throw new Error('the pictures stood still');
  });

  if (mediaPort) {
    await step('media dropped until ICE fails, then a new session', async () => {
      const { sid } = await state(ann);
      firewall('-A');
      rule = true;
      await until('Ann notices', async () => (await state(ann)).media === 'interrupted');
      await ann.getByTestId('media-interrupted').waitFor();
      const noticed = performance.now();
      await until('ICE fails', () =>
        ann.evaluate(() => window.jitsiMesh.log.some((l) => l.includes('peer connection failed'))),
      );
      firewall('-D');
      rule = false;
      await until('Ann has a new session', async () => {
        const s = await state(ann);
        return s.sid !== null && s.sid !== sid && s.media === 'connected';
      });
      await until('Ann sees Bob', () => flows(ann));
      await until('Bob sees Ann', () => flows(bob));
      return `${Math.round((performance.now() - noticed) / 1000)} s after it was noticed`;
    });
  }
} catch (error) {
  failed = true;
  console.log(`FAIL  ${error.message.split('\n')[0]}`);
  for (const page of [ann, bob]) {
    const lines = await page?.evaluate(() => window.jitsiMesh.log.slice(-30)).catch(() => []);
    console.log(`---\n${(lines ?? []).join('\n')}`);
  }
} finally {
  if (rule) firewall('-D');
  await browser.close();
  relay.close();
  for (const socket of sockets) socket.destroy();
}
console.log(`${failed ? 'FAILED' : 'passed'} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
process.exit(failed ? 1 : 0);
