// An unmodified lib-jitsi-meet against a running deployment: N pages join one room, each must get the events and decode the others.
// usage: node lib-jitsi-meet.mjs --url https://localhost:8443 --library FOLDER [--participants 3] [--seconds 20] [--channel sctp|websocket] [--rewriting on|off] [--p2p] [--cut SECONDS]
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, until } from './chromium.mjs';
import { relay } from './relay.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
const { values: o } = parseArgs({ options: {
  url: { type: 'string', default: 'https://localhost:8443' }, library: { type: 'string' }, participants: { type: 'string', default: '3' }, seconds: { type: 'string', default: '20' },
  channel: { type: 'string', default: 'sctp' }, rewriting: { type: 'string', default: 'on' }, p2p: { type: 'boolean', default: false }, cut: { type: 'string', default: '0' }, verbose: { type: 'boolean', default: false },
} });
if (!o.library) { console.error('--library: the folder with lib-jitsi-meet.min.js'); process.exit(2); }
const here = dirname(fileURLToPath(import.meta.url));
const count = Number(o.participants);
const failures = [];
const check = (ok, what) => { console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}`); if (!ok) failures.push(what); };

const config = await (await fetch(`${o.url}/config.js`)).text();
const server = createServer(async (request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/config.js') { response.setHeader('content-type', 'text/javascript'); response.end(config); return; }
  const file = path === '/' ? join(here, 'lib-jitsi-meet.html') : join(o.library, path.slice(1));
  try {
    response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.end(await readFile(file));
  } catch { response.statusCode = 404; response.end(); }
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

const room = `acid${Math.random().toString(36).slice(2, 8)}`;
const serviceUrl = `${o.url.replace(/^http/, 'ws')}/xmpp-websocket?room=${room}`;
const target = new URL(o.url);
const wire = await relay(target.hostname, Number(target.port || 443));
const browser = await launch();
// The first participant's connections go through a relay that the scenario can cut.
const first = Number(o.cut) > 0 ? await launch({ forwards: { [`${target.hostname}:${target.port || 443}`]: wire.port } }) : browser;
const pages = [];
try {
  for (let i = 0; i < count; i++) {
    const page = await (await (i === 0 ? first : browser).newContext({ ignoreHTTPSErrors: true, permissions: ['camera', 'microphone'] })).newPage();
    page.on('pageerror', (error) => console.log(`page ${i} error: ${error.message}`));
    page.on('console', (message) => { if (o.verbose || message.type() === 'error') console.log(`page ${i} ${message.type()}: ${message.text().slice(0, 400)}`); });
    await page.goto(`http://localhost:${server.address().port}/`);
    const started = Date.now();
    await page.evaluate((options) => window.start(options), {
      room, serviceUrl, flags: { ssrcRewritingEnabled: o.rewriting === 'on' },
      overrides: { p2p: { enabled: o.p2p }, bridgeChannel: { preferSctp: o.channel === 'sctp' }, testing: {}, disableThirdPartyRequests: true, analytics: { disabled: true } },
    });
    await until('CONFERENCE_JOINED', () => page.evaluate(() => window.events.some((e) => e.name === 'CONFERENCE_JOINED' || e.name === 'CONFERENCE_FAILED')), 15);
    check(await page.evaluate(() => window.events.some((e) => e.name === 'CONFERENCE_JOINED')), `page ${i}: CONFERENCE_JOINED after ${Date.now() - started} ms`);
    pages.push(page);
  }
  const has = (page, name) => page.evaluate((n) => window.events.filter((e) => e.name === n).map((e) => e.detail), name);
  for (const [i, page] of pages.entries()) {
    const added = await until(`page ${i}: ${2 * (count - 1)} TRACK_ADDED`, async () => {
      const list = await has(page, 'TRACK_ADDED');
      return list.length >= 2 * (count - 1) && list;
    }, 15).catch(() => has(page, 'TRACK_ADDED'));
    check(added.length >= 2 * (count - 1), `page ${i}: TRACK_ADDED ${added.length} of ${2 * (count - 1)}: ${added.join(', ')}`);
    const open = await until('channel', async () => (await has(page, 'DATA_CHANNEL_OPENED')).length > 0, 10).catch(() => false);
    check(open, `page ${i}: DATA_CHANNEL_OPENED (${o.channel})`);
  }
  const before = await Promise.all(pages.map((page) => page.evaluate(() => window.inbound())));
  await new Promise((resolve) => setTimeout(resolve, Number(o.seconds) * 1000));
  const after = await Promise.all(pages.map((page) => page.evaluate(() => window.inbound())));
  const report = async () => {
    for (const [i, page] of pages.entries()) {
      console.log(`page ${i} in`, JSON.stringify(await page.evaluate(() => window.inbound())));
      console.log(`page ${i} out`, JSON.stringify(await page.evaluate(() => window.outbound())));
    }
    if (process.env.DEBUG_PAGE) console.log(await (await fetch(process.env.DEBUG_PAGE)).text());
  };
  for (const [i, page] of pages.entries()) {
    const moving = after[i].filter((s) => s.kind === 'video').map((s) => {
      const old = before[i].find((b) => b.ssrc === s.ssrc);
      return { ...s, rate: ((s.frames ?? 0) - (old?.frames ?? 0)) / Number(o.seconds) };
    }).filter((s) => s.rate > 0);
    check(moving.filter((s) => s.rate >= 15).length >= count - 1, `page ${i}: videos at ${moving.map((s) => `${s.rate.toFixed(1)} fps ${s.height}p lost ${s.lost} freezes ${s.freezes}`).join(' | ') || 'none'}`);
    if (moving.filter((s) => s.rate >= 15).length < count - 1) await report();
    const heard = after[i].filter((s) => s.kind === 'audio' && s.energy > 0);
    check(heard.length >= count - 1, `page ${i}: audio heard from ${heard.length}, lost ${heard.map((s) => s.lost).join(',')}`);
    const dominant = await has(page, 'DOMINANT_SPEAKER_CHANGED');
    check(dominant.length > 0, `page ${i}: DOMINANT_SPEAKER_CHANGED ${dominant.length} times`);
  }
  if (Number(o.cut) > 0) {
    const seen = async (page) => (await page.evaluate(() => window.inbound())).filter((s) => s.kind === 'video').reduce((sum, s) => sum + (s.frames ?? 0), 0);
    const framesBefore = await Promise.all(pages.map(seen));
    wire.cut();
    await new Promise((resolve) => setTimeout(resolve, Number(o.cut) * 1000));
    const framesDuring = await Promise.all(pages.map(seen));
    wire.mend();
    for (const i of pages.keys()) check(framesDuring[i] - framesBefore[i] > 10 * Number(o.cut), `page ${i}: media went on during the cut (${framesDuring[i] - framesBefore[i]} frames)`);
    await until('the resumption', () => pages[0].evaluate(() => window.events.some((e) => e.name === 'CONNECTION_RESTORED')), 25).catch(() => {});
    await pages[0].evaluate(() => window.conference.sendTextMessage('after the cut'));
    const heard = await until('message after the cut', async () => (await has(pages[1], 'MESSAGE_RECEIVED')).length > 0, 30).catch(() => false);
    check(heard, 'page 1: hears a message that page 0 sent after the cut');
    for (const [i, page] of pages.entries()) {
      check((await has(page, 'USER_LEFT')).length === 0, `page ${i}: saw nobody leave`);
      check((await has(page, 'CONFERENCE_FAILED')).length === 0 && (await has(page, 'CONNECTION_FAILED')).length === 0, `page ${i}: conference did not fail`);
    }
  }
  // The others see a leave, and it frees what it held.
  await pages[count - 1].evaluate(() => window.conference.leave());
  const left = await until('USER_LEFT', async () => (await has(pages[0], 'USER_LEFT')).length > 0, 10).catch(() => false);
  check(left, 'page 0: USER_LEFT after the last one left');
} catch (error) {
  check(false, error.message);
} finally {
  if (failures.length > 0 || o.verbose) {
    for (const [i, page] of pages.entries()) console.log(`page ${i} events:`, JSON.stringify(await page.evaluate(() => window.events).catch(() => [])));
  }
  await browser.close();
  if (first !== browser) await first.close();
  wire.close();
  server.close();
}
console.log(failures.length === 0 ? 'lib-jitsi-meet: all held' : `lib-jitsi-meet: ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
