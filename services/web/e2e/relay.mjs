// People in a call who reach the bridge through the TURN relay of the edge alone, over TCP alone, or who may use whatever leads there.
// Usage: node e2e/relay.mjs https://localhost:8443 ROOM NAME:WAY... [people in all]
// WAY: relay = the browser is told to use nothing but relays; blocked = it is told nothing and must end up with one, since its network lets no UDP through; tcp = the same, and it must end up
//      with the bridge's own TCP port (ICE-TCP); open = it must end up with UDP.
// Each waits until it sees and hears all others, says how long that took and by which way, and stays until they are gone. Ends with 1 when something fails.
// E2E_TURN_SECONDS (10): within how many seconds. E2E_HOLD_SECONDS (5): how long media must go on. E2E_TIMEOUT (60000).
import { AUTOPLAY, launch, profile } from './browser.mjs';
import { step } from './steps.mjs';

const [base = 'https://localhost:8443', room = `Relay${Date.now().toString(36)}`, ...rest] = process.argv.slice(2);
const wanted = rest.filter((text) => text.includes(':')).map((text) => text.split(':'));
const total = Number(rest.find((text) => !text.includes(':')) ?? wanted.length);
const TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 60_000);
const WITHIN = Number(process.env.E2E_TURN_SECONDS ?? 10);
const HOLD = Number(process.env.E2E_HOLD_SECONDS ?? 5);

// A page's exception does not hold for TURN over TLS; a real server has a real certificate.
const browser = await launch(AUTOPLAY, '--ignore-certificate-errors');

async function join(name, way) {
  const context = await profile(browser, TIMEOUT);
  const page = await context.newPage();
  if (way === 'relay') {
    await page.addInitScript(() => {
      const Native = window.RTCPeerConnection;
      window.RTCPeerConnection = class extends Native {
        constructor(config, ...more) {
          super({ ...config, iceTransportPolicy: 'relay' }, ...more);
        }
      };
    });
  }
  await page.goto(`${base}/${room}`);
  await page.getByLabel('Your name').fill(name);
  await page.locator('[data-testid="preview-video"][data-ready="true"]').waitFor();
  await page.getByTestId('join').click();
  await page.getByTestId('call').waitFor();
  return { name, way, page, joined: performance.now() };
}

/** How many others are seen and heard, and the way that media goes. */
const look = (who) =>
  who.page.evaluate(async () => {
    const { peerConnection, state } = window.jitsiMesh;
    const seen = {
      others: Object.keys(state.participants).filter((id) => id !== state.endpointId).length,
      video: 0,
      audio: 0,
      sent: 0,
      way: '',
    };
    if (!peerConnection) return seen;
    const stats = await peerConnection.getStats();
    const byTrack = new Map();
    let pair;
    stats.forEach((s) => {
      if (s.type === 'inbound-rtp') byTrack.set(s.trackIdentifier, s);
      if (s.type === 'transport' && s.selectedCandidatePairId) pair = stats.get(s.selectedCandidatePairId);
    });
    for (const track of state.tracks) {
      const s = byTrack.get(track.trackId);
      if (track.kind === 'video' && (s?.framesDecoded ?? 0) > 5) seen.video++;
      if (track.kind === 'audio' && (s?.totalAudioEnergy ?? 0) > 0) seen.audio++;
    }
    if (pair) {
      const local = stats.get(pair.localCandidateId);
      const remote = stats.get(pair.remoteCandidateId);
      // To a relay it is UDP for the browser, whatever carries it.
      const carrier = local.relayProtocol ?? (local.protocol === 'tcp' ? 'ice-tcp' : '');
      seen.way = `${local.candidateType}${carrier ? `/${carrier}` : ''} to ${remote.address}:${remote.port}`;
      seen.sent = pair.bytesSent;
    }
    return seen;
  });

async function until(check, what) {
  const end = performance.now() + TIMEOUT;
  let last;
  while (performance.now() < end) {
    last = await check();
    if (last.ok) return last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} (last seen: ${JSON.stringify(last)})`);
}

try {
  const people = [];
  for (const [name, way] of wanted) await step(`${name} joins`, async () => void people.push(await join(name, way)));
  await Promise.all(
    people.map((who) =>
      step(`${who.name} sees and hears ${total - 1}`, async () => {
        let from = 0;
        const seen = await until(async () => {
          const now = await look(who);
          // The last to come begins the call; before that nobody is offered a session.
          if (from === 0 && now.others >= total - 1) from = performance.now();
          return { ...now, ok: now.video >= total - 1 && now.audio >= total - 1 };
        }, 'no media');
        const seconds = (performance.now() - from) / 1000;
        // Where the bridge sees the relay under another of its addresses the browser calls it peer-reflexive.
        const carrier = /^\w+(?:\/(\S+))? /.exec(seen.way)?.[1] ?? 'none';
        const isRight =
          { open: carrier === 'none', tcp: carrier === 'ice-tcp' }[who.way] ?? ['udp', 'tcp', 'tls'].includes(carrier);
        if (!isRight) throw new Error(`the way is ${seen.way}`);
        if (seconds > WITHIN) throw new Error(`only after ${seconds.toFixed(1)} s`);
        return `after ${seconds.toFixed(1)} s, ${seen.way}`;
      }),
    ),
  );
  await step('media goes on', async () => {
    const before = await Promise.all(people.map(look));
    await new Promise((resolve) => setTimeout(resolve, HOLD * 1000));
    const after = await Promise.all(people.map(look));
    after.forEach((now, i) => {
      if (now.way !== before[i].way) throw new Error(`the way was ${before[i].way} and is ${now.way}`);
      if (now.sent - before[i].sent < 5000 * HOLD) throw new Error(`${now.sent - before[i].sent} octets sent`);
    });
    return after.map((now, i) => `${Math.round(((now.sent - before[i].sent) * 8) / HOLD / 1000)} kbit/s`).join(', ');
  });
} catch {
  process.exitCode = 1;
} finally {
  await browser.close();
}
