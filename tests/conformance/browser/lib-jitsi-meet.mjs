// An unmodified lib-jitsi-meet against a running deployment: N pages join one room, each must get the events and decode the others.
// usage: node lib-jitsi-meet.mjs --url https://localhost:8443 --library FOLDER [--participants 3] [--seconds 20] [--channel sctp|websocket] [--rewriting on|off] [--p2p] [--cut SECONDS] [--firefox HOW-MANY]
import { parseArgs } from 'node:util';
import { launch, until } from './chromium.mjs';
import { launchFirefox } from './firefox-browser.mjs';
import { relay } from './relay.mjs';
import { checks, events, openPage, overrides, serveLibrary, videoRates } from './library.mjs';

const { values: o } = parseArgs({ options: {
  url: { type: 'string', default: 'https://localhost:8443' }, library: { type: 'string' }, participants: { type: 'string', default: '3' }, seconds: { type: 'string', default: '20' },
  firefox: { type: 'string', default: '0' }, channel: { type: 'string', default: 'sctp' }, rewriting: { type: 'string', default: 'on' }, p2p: { type: 'boolean', default: false }, cut: { type: 'string', default: '0' }, verbose: { type: 'boolean', default: false },
} });
if (!o.library) { console.error('--library: the folder with lib-jitsi-meet.min.js'); process.exit(2); }
const count = Number(o.participants);
const { failures, check } = checks();
const site = await serveLibrary(o.url, o.library);

const room = `acid${Math.random().toString(36).slice(2, 8)}`;
const serviceUrl = `${o.url.replace(/^http/, 'ws')}/xmpp-websocket?room=${room}`;
const target = new URL(o.url);
const wire = await relay(target.hostname, Number(target.port || 443));
const browser = await launch();
// The first participant's connections go through a relay that the scenario can cut.
const first = Number(o.cut) > 0 ? await launch({ forwards: { [`${target.hostname}:${target.port || 443}`]: wire.port } }) : browser;
// The last ones to come are in Firefox.
const firefox = Number(o.firefox) > 0 ? await launchFirefox() : null;
const browserOf = (i) => (i >= count - Number(o.firefox) ? firefox : i === 0 ? first : browser);
const pages = [];
try {
  for (let i = 0; i < count; i++) {
    const page = await openPage(browserOf(i), `page ${i}`, site.origin, o.verbose);
    const started = Date.now();
    await page.evaluate((options) => window.start(options), {
      room, serviceUrl, flags: { ssrcRewritingEnabled: o.rewriting === 'on' },
      overrides: overrides({ p2p: o.p2p, channel: o.channel }),
    });
    await until('CONFERENCE_JOINED', () => page.evaluate(() => window.events.some((e) => e.name === 'CONFERENCE_JOINED' || e.name === 'CONFERENCE_FAILED')), 15);
    check(await page.evaluate(() => window.events.some((e) => e.name === 'CONFERENCE_JOINED')), `page ${i}: CONFERENCE_JOINED after ${Date.now() - started} ms`);
    pages.push(page);
  }
  for (const [i, page] of pages.entries()) {
    const added = await until(`page ${i}: ${2 * (count - 1)} TRACK_ADDED`, async () => {
      const list = await events(page, 'TRACK_ADDED');
      return list.length >= 2 * (count - 1) && list;
    }, 15).catch(() => events(page, 'TRACK_ADDED'));
    check(added.length >= 2 * (count - 1), `page ${i}: TRACK_ADDED ${added.length} of ${2 * (count - 1)}: ${added.join(', ')}`);
    const open = await until('channel', async () => (await events(page, 'DATA_CHANNEL_OPENED')).length > 0, 10).catch(() => false);
    check(open, `page ${i}: DATA_CHANNEL_OPENED (${o.channel})`);
  }
  const seen = await videoRates(pages, Number(o.seconds));
  const report = async () => {
    for (const [i, page] of pages.entries()) {
      console.log(`page ${i} in`, JSON.stringify(await page.evaluate(() => window.inbound())));
      console.log(`page ${i} out`, JSON.stringify(await page.evaluate(() => window.outbound())));
    }
    if (process.env.DEBUG_PAGE) console.log(await (await fetch(process.env.DEBUG_PAGE)).text());
  };
  for (const [i, page] of pages.entries()) {
    const { videos: moving, heard } = seen[i];
    check(moving.filter((s) => s.rate >= 15).length >= count - 1, `page ${i}: videos at ${moving.map((s) => `${s.rate.toFixed(1)} fps ${s.height}p lost ${s.lost} freezes ${s.freezes}`).join(' | ') || 'none'}`);
    if (o.verbose || moving.filter((s) => s.rate >= 15).length < count - 1) await report();
    check(heard.length >= count - 1, `page ${i}: audio heard from ${heard.length}, lost ${heard.map((s) => s.lost).join(',')}`);
    const dominant = await events(page, 'DOMINANT_SPEAKER_CHANGED');
    check(dominant.length > 0, `page ${i}: DOMINANT_SPEAKER_CHANGED ${dominant.length} times`);
  }
  if (Number(o.cut) > 0) {
    const frames = async (page) => (await page.evaluate(() => window.inbound())).filter((s) => s.kind === 'video').reduce((sum, s) => sum + (s.frames ?? 0), 0);
    const framesBefore = await Promise.all(pages.map(frames));
    wire.cut();
    await new Promise((resolve) => setTimeout(resolve, Number(o.cut) * 1000));
    const framesDuring = await Promise.all(pages.map(frames));
    wire.mend();
    for (const i of pages.keys()) check(framesDuring[i] - framesBefore[i] > 10 * Number(o.cut), `page ${i}: media went on during the cut (${framesDuring[i] - framesBefore[i]} frames)`);
    await until('the resumption', () => pages[0].evaluate(() => window.events.some((e) => e.name === 'CONNECTION_RESTORED')), 25).catch(() => {});
    await pages[0].evaluate(() => window.conference.sendTextMessage('after the cut'));
    const heard = await until('message after the cut', async () => (await events(pages[1], 'MESSAGE_RECEIVED')).length > 0, 30).catch(() => false);
    check(heard, 'page 1: hears a message that page 0 sent after the cut');
    for (const [i, page] of pages.entries()) {
      check((await events(page, 'USER_LEFT')).length === 0, `page ${i}: saw nobody leave`);
      check((await events(page, 'CONFERENCE_FAILED')).length === 0 && (await events(page, 'CONNECTION_FAILED')).length === 0, `page ${i}: conference did not fail`);
    }
  }
  // The others see a leave, and it frees what it held.
  await pages[count - 1].evaluate(() => window.conference.leave());
  const left = await until('USER_LEFT', async () => (await events(pages[0], 'USER_LEFT')).length > 0, 10).catch(() => false);
  check(left, 'page 0: USER_LEFT after the last one left');
} catch (error) {
  check(false, error.message);
} finally {
  if (failures.length > 0 || o.verbose) {
    for (const [i, page] of pages.entries()) console.log(`page ${i} events:`, JSON.stringify(await page.evaluate(() => window.events).catch(() => [])));
  }
  await browser.close();
  await firefox?.close();
  if (first !== browser) await first.close();
  wire.close();
  site.close();
}
console.log(failures.length === 0 ? 'lib-jitsi-meet: all held' : `lib-jitsi-meet: ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
