// A call of three people in real browsers, from the home page to leaving it.
// Usage: node e2e/call.mjs https://localhost:8443 [folder for screenshots]
// Prints one line a step with its time; ends with 1 when a step fails.
// E2E_TALK_SECONDS (60): how long they talk without losing a packet. E2E_MIN_FPS (15), E2E_START_SECONDS (5), E2E_MAX_LOST (0): for machines
// that are too busy to hold what is asked of a quiet one. E2E_TIMEOUT (30000): milliseconds that one thing may take.
import { mkdir } from 'node:fs/promises';
import { AUTOPLAY, launch, profile } from './browser.mjs';

const [base = 'https://localhost:8443', folder = 'screens/call'] = process.argv.slice(2);
const room = `E2e${Date.now().toString(36)}`;
const TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 30_000);
const MIN_FPS = Number(process.env.E2E_MIN_FPS ?? 15);
const TALK_SECONDS = Number(process.env.E2E_TALK_SECONDS ?? 60);
const START_SECONDS = Number(process.env.E2E_START_SECONDS ?? 5);
const MAX_LOST = Number(process.env.E2E_MAX_LOST ?? 0);
const PHONE = { width: 375, height: 812 };
const DESK = { width: 1280, height: 800 };
const started = performance.now();

const browser = await launch(AUTOPLAY, '--auto-select-tab-capture-source-by-title=Shared by the test');

/** @typedef {{ name: string, page: import('playwright-core').Page, context: import('playwright-core').BrowserContext, id: string }} Person */

const foreign = new Set();
const errors = [];

/** Another browser profile; every request that leaves the server under test is noted. */
async function person(name) {
  const context = await profile(browser, TIMEOUT, {
    viewport: DESK,
    permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const own = new URL(base).host;
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^(http|ws)/.test(url.protocol) && url.host !== own) foreign.add(url.host);
  });
  page.on('pageerror', (error) => errors.push(`${name}: ${error.message}`));
  await page.exposeFunction('reportViolation', (text) => errors.push(`${name}: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window.reportViolation(
        `${event.violatedDirective} refused ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`,
      );
    });
  });
  return { name, page, context, id: '' };
}

let failed = false;

async function step(name, work) {
  const from = performance.now();
  try {
    const note = await work();
    console.log(
      `ok    ${((performance.now() - from) / 1000).toFixed(2).padStart(6)} s  ${name}${note ? `: ${note}` : ''}`,
    );
  } catch (error) {
    failed = true;
    console.log(
      `FAIL  ${((performance.now() - from) / 1000).toFixed(2).padStart(6)} s  ${name}: ${error.message.split('\n')[0]}`,
    );
    throw error;
  }
}

function assert(condition, message) {
  if (!condition) throw new Error(message);
}

/** Repeats until the check answers with something, or says what it last saw. */
async function until(what, check, timeout = TIMEOUT) {
  const end = performance.now() + timeout;
  let last;
  while (performance.now() < end) {
    last = await check();
    if (last === true || last?.ok) return last;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${what} (last seen: ${JSON.stringify(last)})`);
}

const state = (who) => who.page.evaluate(() => window.jitsiMesh.state);
const shot = (who, name) => who.page.screenshot({ path: `${folder}/${name}.png` });

/** The page as a phone shows it, which must not need sideways scrolling. */
async function phoneShot(who, name) {
  await who.page.setViewportSize(PHONE);
  await who.page.waitForTimeout(500);
  await shot(who, `${name}-375`);
  const width = await who.page.evaluate(() => document.documentElement.scrollWidth);
  await who.page.setViewportSize(DESK);
  assert(width <= PHONE.width, `${name} is ${width} px wide at ${PHONE.width} px`);
}
const control = (who, name) => who.page.getByTestId(name);
const tile = (who, whom, kind = 'camera') =>
  who.page.locator(`[data-testid="tile"][data-endpoint-id="${whom.id}"][data-kind="${kind}"]`);

/** Inbound streams by track identifier, as the browser counts them. */
function inbound(who) {
  return who.page.evaluate(async () => {
    const { peerConnection, state } = window.jitsiMesh;
    const byTrack = {};
    if (peerConnection) {
      (await peerConnection.getStats()).forEach((s) => {
        if (s.type === 'inbound-rtp') {
          byTrack[s.trackIdentifier] = {
            frames: s.framesDecoded ?? 0,
            energy: s.totalAudioEnergy ?? 0,
            packets: s.packetsReceived ?? 0,
            lost: s.packetsLost ?? 0,
            width: s.frameWidth ?? 0,
            height: s.frameHeight ?? 0,
          };
        }
      });
    }
    return Object.fromEntries(
      state.tracks.map((t) => [t.sourceName, { ...(byTrack[t.trackId] ?? { frames: 0, energy: 0 }), kind: t.kind }]),
    );
  });
}

/** Frames a second of each remote picture and whether each remote microphone is heard, over `ms`. */
async function measure(who, ms = 3000) {
  const from = performance.now();
  const before = await inbound(who);
  await who.page.waitForTimeout(ms);
  const after = await inbound(who);
  const seconds = (performance.now() - from) / 1000;
  return Object.entries(after).map(([source, now]) => ({
    source,
    kind: now.kind,
    fps: Math.round((now.frames - (before[source]?.frames ?? 0)) / seconds),
    heard: now.energy > (before[source]?.energy ?? 0),
    packets: now.packets - (before[source]?.packets ?? 0),
    lost: now.lost - (before[source]?.lost ?? 0),
    size: `${now.width}x${now.height}`,
  }));
}

async function mediaFlows(who, others, ms = 3000) {
  return until(`${who.name} sees and hears ${others.length}`, async () => {
    const seen = await measure(who, ms);
    const ok = others.every(
      (o) =>
        seen.some((s) => s.source === `${o.id}-v0` && s.fps >= MIN_FPS) &&
        seen.some((s) => s.source === `${o.id}-a0` && s.heard),
    );
    return {
      ok,
      seen: seen.map((s) =>
        s.kind === 'video' ? `${s.source} ${s.fps} fps ${s.size}` : `${s.source} heard=${s.heard}`,
      ),
    };
  });
}

async function enter(who, path) {
  await who.page.goto(`${base}/${path}`);
  await who.page.getByTestId('join').waitFor();
  await who.page.getByLabel('Your name').fill(who.name);
  await until('the camera is open', () =>
    who.page
      .locator('[data-testid="preview-video"][data-ready="true"]')
      .count()
      .then((n) => n > 0),
  );
  who.joinedAt = performance.now();
  await who.page.getByTestId('join').click();
  await who.page.getByTestId('call').waitFor();
  who.id = (await state(who)).endpointId;
}

const ann = await person('Ann');
const bob = await person('Bob');
const cleo = await person('Cleo');
const everyone = [ann, bob, cleo];
const others = (who) => everyone.filter((p) => p !== who);

try {
  await mkdir(folder, { recursive: true });

  await step('home page', async () => {
    await ann.page.goto(`${base}/`);
    await ann.page.getByLabel('Room name').waitFor();
    await shot(ann, '01-home');
    await phoneShot(ann, '01-home');
  });

  await step('the page runs the scripts of its own server and no others', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const answer = await page.goto(`${base}/`);
    const policy = answer.headers()['content-security-policy'] ?? '';
    assert(policy.includes("script-src 'self';"), `the policy is '${policy}'`);
    await page.getByLabel('Room name').waitFor();
    const refused = await page.evaluate(async () => {
      const seen = [];
      document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
      const add = (tag, change) => document.body.append(Object.assign(document.createElement(tag), change));
      add('script', { textContent: 'window.injected = true' });
      add('script', { src: 'data:text/javascript,window.injected=true' });
      add('div', { innerHTML: '<img src="x:" onerror="window.injected = true">' });
      add('iframe', { srcdoc: '<script>parent.injected = true</script>' });
      add('img', { src: 'https://elsewhere.invalid/beacon' });
      add('object', { data: 'https://elsewhere.invalid/' });
      add('base', { href: 'https://elsewhere.invalid/' });
      await fetch('https://elsewhere.invalid/').catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 500));
      return { injected: window.injected === true, seen: [...new Set(seen)].sort() };
    });
    await context.close();
    assert(!refused.injected, 'an injected script ran');
    for (const directive of [
      'base-uri',
      'connect-src',
      'img-src',
      'object-src',
      'script-src-attr',
      'script-src-elem',
    ]) {
      assert(refused.seen.includes(directive), `${directive} refused nothing (refused: ${refused.seen.join(', ')})`);
    }
    return refused.seen.join(', ');
  });

  await step('what is not there has a page', async () => {
    for (const path of ['health', 'libs/none.js', 'My%20Team/room', '_api/room-info']) {
      const answer = await ann.context.request.get(`${base}/${path}`);
      assert(answer.status() === 404 && (await answer.text()).length > 50, `/${path} answers ${answer.status()}`);
    }
  });

  await step('start a room from home', async () => {
    await ann.page.getByLabel('Room name').fill(room);
    await ann.page.getByRole('button', { name: 'Start' }).click();
    await ann.page.getByTestId('join').waitFor();
    assert(new URL(ann.page.url()).pathname === `/${room}`, 'the address names the room');
  });

  await step('pre-join shows the picture and the microphone', async () => {
    await ann.page.getByLabel('Your name').fill('Ann');
    await until('preview plays', () =>
      ann.page
        .locator('[data-testid="preview-video"][data-ready="true"]')
        .count()
        .then((n) => n > 0),
    );
    await until('meter moves', () =>
      ann.page
        .locator('[data-testid="mic-meter"] [data-on="true"]')
        .count()
        .then((n) => n > 0),
    );
    await shot(ann, '02-prejoin');
    await phoneShot(ann, '02-prejoin');
  });

  await step('first one joins, is alone and moderator', async () => {
    await ann.page.getByTestId('join').click();
    await ann.page.getByTestId('call').waitFor();
    ann.id = (await state(ann)).endpointId;
    await ann.page.getByTestId('alone').waitFor();
    await until('Ann is moderator', async () => (await state(ann)).moderator === true);
    await shot(ann, '03-alone');
  });

  let joinedAt = 0;
  await step('second one joins', async () => {
    joinedAt = performance.now();
    await enter(bob, room);
    await until('Ann has a tile of Bob', () =>
      tile(ann, bob)
        .count()
        .then((n) => n === 1),
    );
  });

  await step('first picture arrives', async () => {
    await until('Bob decodes a frame of Ann', async () => ((await inbound(bob))[`${ann.id}-v0`]?.frames ?? 0) > 0);
    return `${Math.round(performance.now() - joinedAt)} ms after the page was opened`;
  });

  await step('third one joins', () => enter(cleo, room));

  await step(`within ${START_SECONDS} s each sees and hears both others`, async () => {
    const seen = await Promise.all(everyone.map((who) => mediaFlows(who, others(who), 1000)));
    const after = (performance.now() - cleo.joinedAt) / 1000;
    assert(after <= START_SECONDS, `only after ${after.toFixed(1)} s`);
    return `after ${after.toFixed(1)} s; ${seen.map((one, i) => `${everyone[i].name}: ${one.seen.join(', ')}`).join('; ')}`;
  });

  await step('pictures are on screen', async () => {
    for (const who of everyone) {
      await until(`two pictures at ${who.name}`, () =>
        who.page
          .locator('[data-testid="remote-video"][data-ready="true"]')
          .count()
          .then((n) => n === 2),
      );
    }
    await shot(ann, '04-three');
    await phoneShot(ann, '04-three');
  });

  await step(`they talk for ${TALK_SECONDS} s and lose nothing`, async () => {
    const seen = (await Promise.all(everyone.map((who) => measure(who, TALK_SECONDS * 1000)))).flat();
    const videos = seen.filter((s) => s.kind === 'video');
    const sounds = seen.filter((s) => s.kind === 'audio');
    assert(
      videos.length === 6 && videos.every((s) => s.fps >= MIN_FPS),
      `pictures: ${videos.map((s) => `${s.source} ${s.fps} fps`).join(', ')}`,
    );
    assert(
      sounds.length === 6 && sounds.every((s) => s.heard),
      `heard: ${sounds.map((s) => `${s.source} ${s.heard}`).join(', ')}`,
    );
    const packets = seen.reduce((sum, s) => sum + s.packets, 0);
    const lost = seen.reduce((sum, s) => sum + s.lost, 0);
    assert(
      lost <= MAX_LOST,
      `${lost} of ${packets} packets lost: ${seen
        .filter((s) => s.lost > 0)
        .map((s) => `${s.source} ${s.lost}`)
        .join(', ')}`,
    );
    return `${packets} packets, ${lost} lost, ${Math.min(...videos.map((s) => s.fps))} to ${Math.max(...videos.map((s) => s.fps))} fps`;
  });

  await step('the bridge channel is open', async () => {
    const modes = [];
    for (const who of everyone) {
      const { bridgeChannel } = await until('channel', async () => {
        const s = await state(who);
        return { ok: s.bridgeChannel?.open === true, bridgeChannel: s.bridgeChannel };
      });
      modes.push(bridgeChannel.mode);
    }
    return modes.join(', ');
  });

  await step('chat to everyone', async () => {
    await control(bob, 'toggle-chat').click();
    await bob.page.getByLabel('Message', { exact: true }).fill('Hello from Bob, see https://example.org/');
    await bob.page.keyboard.press('Enter');
    await bob.page.getByTestId('chat-message').filter({ hasText: 'Hello from Bob' }).waitFor();
    await ann.page.getByRole('button', { name: 'Chat, 1 unread' }).click();
    await ann.page.getByTestId('chat-message').filter({ hasText: 'Hello from Bob' }).waitFor();
    await shot(ann, '05-chat');
  });

  await step('private chat', async () => {
    await ann.page.getByLabel('Send to').selectOption({ label: 'Cleo' });
    await ann.page.getByLabel('Message', { exact: true }).fill('Only for Cleo');
    await ann.page.keyboard.press('Enter');
    await control(cleo, 'toggle-chat').click();
    await cleo.page.getByTestId('chat-message').filter({ hasText: 'Only for Cleo' }).waitFor();
    assert(
      (await bob.page.getByTestId('chat-message').filter({ hasText: 'Only for Cleo' }).count()) === 0,
      'Bob reads it too',
    );
    for (const who of everyone) await control(who, 'toggle-chat').click();
  });

  await step('mute and unmute the microphone', async () => {
    await control(bob, 'toggle-microphone').click();
    await until(
      'Ann sees that Bob is muted',
      async () => (await tile(ann, bob).getAttribute('data-audio-muted')) === 'true',
    );
    await control(bob, 'toggle-microphone').click();
    await until(
      'Ann sees that Bob is not',
      async () => (await tile(ann, bob).getAttribute('data-audio-muted')) === 'false',
    );
    await until('Ann hears Bob', async () => ({
      ok: (await measure(ann, 1500)).some((s) => s.source === `${bob.id}-a0` && s.heard),
    }));
  });

  await step('camera off and on', async () => {
    await control(bob, 'toggle-camera').click();
    await until('Ann sees the avatar', async () => (await tile(ann, bob).getAttribute('data-video-muted')) === 'true');
    await control(bob, 'toggle-camera').click();
    const { seen } = await mediaFlows(ann, [bob]);
    return seen.join(', ');
  });

  await step('raise and lower a hand', async () => {
    await control(cleo, 'toggle-hand').click();
    await until('Ann sees the hand', async () => (await tile(ann, cleo).getAttribute('data-hand')) === 'true');
    await shot(ann, '06-hand');
    await control(cleo, 'toggle-hand').click();
    await until('Ann sees it go', async () => (await tile(ann, cleo).getAttribute('data-hand')) === 'false');
  });

  await step('share a screen', async () => {
    const tab = await bob.context.newPage();
    await tab.setContent(
      '<title>Shared by the test</title><style>body{font:700 90px sans-serif;background:#123;color:#fff}</style><p id="n">0</p><script>let n=0;setInterval(()=>{document.getElementById("n").textContent=++n},50)</script>',
    );
    await bob.page.bringToFront();
    await control(bob, 'toggle-share').click();
    for (const who of [ann, cleo]) {
      await until(`${who.name} has the screen on stage`, async () => (await tile(who, bob, 'desktop').count()) === 1);
      await until(`${who.name} decodes the screen`, async () => {
        const seen = (await measure(who, 1500)).find((s) => s.source === `${bob.id}-v1`);
        return { ok: (seen?.fps ?? 0) > 0, seen };
      });
    }
    assert((await ann.page.getByTestId('stage').getAttribute('data-mode')) === 'stage', 'Ann shows the stage');
    await shot(ann, '07-screen');
    await control(bob, 'toggle-share').click();
    await until('the screen goes', async () => (await tile(ann, bob, 'desktop').count()) === 0);
    await tab.close();
  });

  await step('share the screen again', async () => {
    const tab = await bob.context.newPage();
    await tab.setContent('<title>Shared by the test</title><h1>again</h1>');
    await bob.page.bringToFront();
    await control(bob, 'toggle-share').click();
    await until('Ann has the screen', async () => (await tile(ann, bob, 'desktop').count()) === 1);
    await control(bob, 'toggle-share').click();
    await until('the screen goes', async () => (await tile(ann, bob, 'desktop').count()) === 0);
    await tab.close();
  });

  await step('the moderator mutes somebody', async () => {
    await tile(ann, cleo).getByRole('button', { name: 'More for Cleo' }).click();
    await ann.page.getByRole('menuitem', { name: 'Mute' }).click();
    await until('Cleo is muted', async () => (await state(cleo)).audioMuted === true);
    await control(cleo, 'toggle-microphone').click();
    await until('Cleo can unmute', async () => (await tile(ann, cleo).getAttribute('data-audio-muted')) === 'false');
    await until('and is heard', async () => ({
      ok: (await measure(ann, 1500)).some((s) => s.source === `${cleo.id}-a0` && s.heard),
    }));
  });

  await step('the moderator makes another one', async () => {
    await control(ann, 'toggle-people').click();
    await shot(ann, '08-people');
    await ann.page.locator(`[data-testid="person"][data-endpoint-id="${bob.id}"]`).getByRole('button').click();
    await ann.page.getByRole('menuitem', { name: 'Make moderator' }).click();
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Make moderator' }).click();
    await until('Bob is moderator', async () => (await state(bob)).moderator === true);
    await control(ann, 'toggle-people').click();
  });

  await step('the moderator removes somebody', async () => {
    await tile(bob, cleo).getByRole('button', { name: 'More for Cleo' }).click();
    await bob.page.getByRole('menuitem', { name: 'Remove from call' }).click();
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await cleo.page.locator('[data-testid="problem"][data-problem="kicked"]').waitFor();
    await until('Ann sees Cleo go', async () => (await tile(ann, cleo).count()) === 0);
    await shot(cleo, '09-removed');
  });

  await step('who was removed comes back', async () => {
    await cleo.page.getByRole('button', { name: 'Rejoin' }).click();
    await cleo.page.getByTestId('call').waitFor();
    cleo.id = (await state(cleo)).endpointId;
    const { seen } = await mediaFlows(cleo, [ann, bob]);
    return seen.join(', ');
  });

  await step('leave and rejoin', async () => {
    await bob.page.getByTestId('leave').click();
    const menu = bob.page.getByRole('menuitem', { name: 'Leave call' });
    if (await menu.isVisible().catch(() => false)) await menu.click();
    await bob.page.getByRole('heading', { name: 'You left the call' }).waitFor();
    await shot(bob, '10-left');
    await until('Ann sees Bob go', async () => (await tile(ann, bob).count()) === 0);
    await bob.page.getByRole('button', { name: 'Rejoin' }).click();
    await bob.page.getByTestId('call').waitFor();
    bob.id = (await state(bob)).endpointId;
    const { seen } = await mediaFlows(ann, [bob, cleo]);
    return seen.join(', ');
  });

  await step('nothing was asked of another host, no script failed', async () => {
    assert(foreign.size === 0, `requests to ${[...foreign].join(', ')}`);
    assert(errors.length === 0, errors.join('; '));
  });
} catch (error) {
  failed = true;
  for (const who of everyone) {
    await shot(who, `failed-${who.name}`).catch(() => {});
    const log = await who.page.evaluate(() => window.jitsiMesh?.log?.slice(-25) ?? []).catch(() => []);
    console.log(`--- ${who.name} (${who.id})\n${log.join('\n')}`);
  }
  if (process.env.E2E_VERBOSE) console.log(error);
} finally {
  await browser.close();
}
console.log(`${failed ? 'FAILED' : 'passed'} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
process.exit(failed ? 1 : 0);
