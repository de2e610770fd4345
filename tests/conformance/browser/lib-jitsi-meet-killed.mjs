// An unmodified lib-jitsi-meet whose signalling node is killed in mid-call: nobody is seen to leave, media does not stop, and chat and a mute work again. Processes of a cluster are killed by kill -9.
// usage: node lib-jitsi-meet-killed.mjs --url https://localhost:8443 --library FOLDER --cluster FOLDER [--participants 3] [--recovery SECONDS] [--gap SECONDS]
// FOLDER of the cluster: where its files `processes` and `addresses` are (NAME PID, NAME PORT in each line).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, until } from './chromium.mjs';
import { checks, events, openPage, overrides, serveLibrary, videoRates } from './library.mjs';

const { values: o } = parseArgs({ options: {
  url: { type: 'string', default: 'https://localhost:8443' }, library: { type: 'string' }, cluster: { type: 'string' }, participants: { type: 'string', default: '3' },
  recovery: { type: 'string', default: '3' }, gap: { type: 'string', default: '0.3' }, verbose: { type: 'boolean', default: false },
} });
if (!o.library || !o.cluster) { console.error('--library: the folder with lib-jitsi-meet.min.js; --cluster: the folder of the running cluster'); process.exit(2); }
const count = Number(o.participants);
const { failures, check } = checks();
const site = await serveLibrary(o.url, o.library);
const pairs = async (file) => new Map((await readFile(join(o.cluster, file), 'utf8')).trim().split('\n').map((line) => line.split(' ')).map(([name, number]) => [name, Number(number)]));
const room = `killed${Math.random().toString(36).slice(2, 8)}`;

/** The signalling node that serves the sockets: all of the edge's sockets for a room go to the node that owns it. */
async function signallingNode() {
  for (const [name, port] of await pairs('addresses')) {
    if (!name.startsWith('signalling-')) continue;
    const state = await (await fetch(`http://127.0.0.1:${port}/debug/signalling`)).json();
    if (state.rooms.some((one) => one.room.startsWith(`${room}@`))) return name;
  }
  throw new Error('no signalling node has the room');
}

/** Watches every incoming video in the page: the longest time without a newly decoded frame. */
const watch = (page) => page.evaluate(() => {
  window.longest = 0;
  const last = new Map();
  const look = async () => {
    for (const stream of (await window.inbound()).filter((one) => one.kind === 'video' && one.frames > 0)) {
      const now = performance.now();
      const known = last.get(stream.ssrc);
      if (!known || stream.frames > known.frames) last.set(stream.ssrc, { frames: stream.frames, at: now });
      else window.longest = Math.max(window.longest, now - known.at);
    }
    window.watching = setTimeout(look, 20);
  };
  return look();
});

const browser = await launch();
const pages = [];
try {
  for (let i = 0; i < count; i++) {
    const page = await openPage(browser, `page ${i}`, site.origin, o.verbose);
    await page.evaluate((options) => window.start(options), { room, serviceUrl: `${o.url.replace(/^http/, 'ws')}/xmpp-websocket?room=${room}`, flags: { ssrcRewritingEnabled: true }, overrides: overrides() });
    await until('CONFERENCE_JOINED', async () => (await events(page, 'CONFERENCE_JOINED')).length > 0, 30);
    pages.push(page);
  }
  for (const [i, page] of pages.entries()) await until(`page ${i}: tracks`, async () => (await events(page, 'TRACK_ADDED')).length >= 2 * (count - 1), 30);
  const rates = await videoRates(pages, 5);
  for (const [i, one] of rates.entries()) check(one.videos.length >= count - 1, `page ${i}: videos at ${one.videos.map((s) => s.rate.toFixed(1)).join(', ')} fps before`);

  for (const page of pages) await watch(page);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const before = await Promise.all(pages.map((page) => page.evaluate(() => window.longest)));
  console.log(`longest gap without a kill: ${before.map((one) => (one / 1000).toFixed(2)).join(', ')} s`);
  const victim = await signallingNode();
  const pid = (await pairs('processes')).get(victim);
  const killed = Date.now();
  process.kill(pid, 'SIGKILL');
  // At once: the library keeps it until its stream is resumed.
  await pages[0].evaluate(() => window.conference.sendTextMessage('said after the kill'));
  const heard = await until('chat', async () => (await Promise.all(pages.slice(1).map((page) => events(page, 'MESSAGE_RECEIVED')))).every((list) => list.length > 0), 60).catch(() => false);
  check(heard, `chat of page 0 heard by all ${((Date.now() - killed) / 1000).toFixed(2)} s after kill -9 of ${victim}`);
  check(Date.now() - killed <= Number(o.recovery) * 1000, `chat within ${o.recovery} s`);
  const muted = Date.now();
  await pages[1].evaluate(() => window.conference.getLocalAudioTrack().mute());
  const seen = await until('mute', async () => (await events(pages[0], 'TRACK_MUTE_CHANGED')).length > 0, 30).catch(() => false);
  check(seen, `a mute of page 1 is seen by page 0 after ${((Date.now() - muted) / 1000).toFixed(2)} s`);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  for (const [i, page] of pages.entries()) {
    const longest = await page.evaluate(() => window.longest);
    check(longest <= Number(o.gap) * 1000, `page ${i}: longest gap in decoded frames ${(longest / 1000).toFixed(2)} s, at most ${o.gap} s`);
    check((await events(page, 'USER_LEFT')).length === 0, `page ${i}: saw nobody leave`);
    for (const name of ['CONFERENCE_FAILED', 'CONNECTION_FAILED', 'CONFERENCE_LEFT']) check((await events(page, name)).length === 0, `page ${i}: no ${name}`);
    const messages = await events(page, 'MESSAGE_RECEIVED');
    if (i > 0) check(messages.length === 1, `page ${i}: the message came once (${messages.length})`);
  }
} catch (error) {
  check(false, error.message);
} finally {
  if (failures.length > 0 || o.verbose) {
    for (const [i, page] of pages.entries()) console.log(`page ${i} events:`, JSON.stringify(await page.evaluate(() => window.events).catch(() => [])));
  }
  await browser.close();
  site.close();
}
console.log(failures.length === 0 ? 'lib-jitsi-meet: all held' : `lib-jitsi-meet: ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
