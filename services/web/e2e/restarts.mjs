// A call of three people while the parts of the server start again one after the other.
// Usage: node e2e/restarts.mjs https://localhost:8443 NAME... -- COMMAND [WORD...]     COMMAND WORD... NAME starts the part NAME again, e.g. docker compose restart
// After each, all three must see and hear both others within E2E_RECOVER_SECONDS (60). Nobody may be dropped: each is the same occupant in the same call, but for
// the parts of E2E_MAY_DROP (signalling), after which whoever was dropped can open the page again. Prints for each part how long pictures stood still and what people were told.
import { spawn } from 'node:child_process';
import { AUTOPLAY, launch, profile } from './browser.mjs';
import { step } from './steps.mjs';

const [base = 'https://localhost:8443', ...rest] = process.argv.slice(2);
const names = rest.slice(0, rest.indexOf('--'));
const [program, ...words] = rest.slice(rest.indexOf('--') + 1);
const RECOVER = Number(process.env.E2E_RECOVER_SECONDS ?? 60) * 1000;
const TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 60_000);
const MAY_DROP = (process.env.E2E_MAY_DROP ?? 'signalling').split(',');
const room = `Restarts${Date.now().toString(36)}`;

const browser = await launch(AUTOPLAY);

/** Small pictures: what is looked at is whether they move. */
async function join(name) {
  const context = await profile(browser, TIMEOUT, { viewport: { width: 480, height: 360 } });
  const who = { name, page: await context.newPage() };
  await enter(who);
  return who;
}

async function enter({ name, page }) {
  await page.goto(`${base}/${room}`);
  await page.getByLabel('Your name').fill(name);
  await page.locator('[data-testid="preview-video"][data-ready="true"]').waitFor();
  await page.getByTestId('join').click();
  await page.getByTestId('call').waitFor();
}

/** What somebody has of the call: who is there, and how far each picture and sound has come. */
const look = (who) =>
  who.page.evaluate(async () => {
    const { peerConnection, state } = window.jitsiMesh;
    const received = {};
    (await peerConnection?.getStats())?.forEach((s) => {
      if (s.type === 'inbound-rtp')
        received[s.trackIdentifier] = s.kind === 'video' ? s.framesDecoded : s.totalAudioEnergy;
    });
    const at = {};
    for (const t of state.tracks) {
      if (t.owner !== state.endpointId) at[t.sourceName] = received[t.trackId] ?? 0;
    }
    return {
      phase: state.phase,
      id: state.endpointId,
      jid: state.jid,
      sid: state.sid,
      connection: state.connectionStatus,
      media: state.media,
      others: Object.keys(state.participants)
        .filter((id) => id !== state.endpointId)
        .sort(),
      at,
    };
  });

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks four times a second until stop(): the longest time that each picture stood still, and each state that was seen. */
function watch(people) {
  let going = true;
  const stood = Object.fromEntries(people.map((who) => [who.name, { longest: 0, told: new Set() }]));
  const watching = people.map(async (who) => {
    let moved = performance.now();
    let before = '';
    while (going) {
      const seen = await look(who).catch(() => null);
      const now = performance.now();
      const pictures = Object.entries(seen?.at ?? {}).filter(([source]) => source.includes('-v'));
      const mark = JSON.stringify([seen?.sid, pictures]);
      // Each of them has to move; that one does is enough to see that the bridge is there.
      if (pictures.length > 0 && mark !== before && pictures.some(([, frames]) => frames > 0)) moved = now;
      stood[who.name].longest = Math.max(stood[who.name].longest, now - moved);
      before = mark;
      for (const word of [
        seen?.phase !== 'call' && `phase ${seen?.phase}`,
        seen?.connection !== 'online' && `signalling ${seen?.connection}`,
        seen?.media !== 'connected' && `media ${seen?.media}`,
      ]) {
        if (word) stood[who.name].told.add(word);
      }
      await pause(250);
    }
  });
  return async () => {
    going = false;
    await Promise.all(watching);
    return stood;
  };
}

/** Waits until everybody has all others' pictures and sounds going on, and nothing is being mended. */
async function complete(people) {
  const end = performance.now() + RECOVER;
  let missing = '';
  while (performance.now() < end) {
    const before = await Promise.all(people.map(look));
    await pause(2000);
    const after = await Promise.all(people.map(look));
    missing = after
      .map((now, i) => {
        const others = after.filter((_, k) => k !== i).map((o) => o.id);
        if (now.phase !== 'call' || now.connection !== 'online')
          return `${people[i].name}: ${now.phase}, ${now.connection}`;
        if (JSON.stringify(now.others) !== JSON.stringify([...others].sort()))
          return `${people[i].name} has ${now.others.length} others`;
        const still = others
          .flatMap((id) => [`${id}-v0`, `${id}-a0`])
          .filter((source) => !(now.at[source] > (before[i].at[source] ?? 0)));
        return still.length > 0 ? `${people[i].name} gets nothing of ${still.join(' ')}` : '';
      })
      .filter(Boolean)
      .join('; ');
    if (!missing) return after;
  }
  throw new Error(`after ${RECOVER / 1000} s: ${missing}`);
}

/** Whoever has been dropped opens the page again, once it is known which of both it is. */
async function enterAgain(people) {
  const end = performance.now() + RECOVER;
  for (const who of people) {
    for (;;) {
      const { phase, connection } = await look(who);
      if (phase === 'call' && connection === 'online') break;
      if (phase === 'problem') {
        await enter(who);
        break;
      }
      if (performance.now() > end) throw new Error(`${who.name} is neither back nor dropped: ${phase}, ${connection}`);
      await pause(500);
    }
  }
}

function restart(name) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...words, name], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${words.join(' ')} ${name} ended with ${code}: ${said}`)),
    );
  });
}

let failed = false;
const started = performance.now();
const people = [];
try {
  await step('three people in a call', async () => {
    for (const name of ['Ann', 'Bob', 'Cleo']) people.push(await join(name));
    await complete(people);
  });
  for (const name of names) {
    await step(`${name} starts again`, async () => {
      const before = await Promise.all(people.map(look));
      const stop = watch(people);
      let after;
      let took;
      try {
        const from = performance.now();
        await restart(name);
        took = performance.now() - from;
        // Whoever is dropped is dropped by now, not only when a silent connection has been given up.
        await pause(5000);
        if (MAY_DROP.includes(name)) await enterAgain(people);
        after = await complete(people);
      } finally {
        const seen = Object.entries(await stop());
        const longest = Math.max(...seen.map(([, s]) => s.longest));
        const told = [...new Set(seen.flatMap(([, s]) => [...s.told]))];
        console.log(
          `      pictures stood still for ${(longest / 1000).toFixed(1)} s at most; ${told.length > 0 ? `people were told: ${told.join(', ')}` : 'nobody noticed'}`,
        );
      }
      const others = after.filter((now, i) => now.id !== before[i].id || now.jid !== before[i].jid).length;
      const sessions = after.filter((now, i) => now.sid !== before[i].sid).length;
      if (others > 0 && !MAY_DROP.includes(name))
        throw new Error(`${others} of 3 were dropped and came back as somebody else`);
      return `the command took ${(took / 1000).toFixed(1)} s; ${others > 0 ? `${others} came back anew` : 'all are who they were'}; ${sessions > 0 ? `${sessions} have a new media session` : 'the media sessions went on'}`;
    }).catch((error) => {
      failed = true;
      return error;
    });
  }
} catch (error) {
  failed = true;
  console.log(`FAIL  ${error.message.split('\n')[0]}`);
}
if (failed) {
  for (const who of people) {
    const lines = await who.page.evaluate(() => window.jitsiMesh.log.slice(-40)).catch(() => []);
    console.log(`--- ${who.name}\n${lines.join('\n')}`);
  }
}
await browser.close();
console.log(`${failed ? 'FAILED' : 'passed'} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
process.exit(failed ? 1 : 0);
