// Pages with an unmodified lib-jitsi-meet, with the config.js of the deployment under test.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './chromium.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
const here = dirname(fileURLToPath(import.meta.url));

/** Checks that say what they saw; `failures` holds those that did not hold. */
export function checks() {
  const failures = [];
  return { failures, check(ok, what) { console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}`); if (!ok) failures.push(what); } };
}

/** Serves the page, the library and the deployment's config.js from one origin, as an ordinary deployment does. */
export async function serveLibrary(url, library) {
  const config = await (await fetch(`${url}/config.js`)).text();
  const server = createServer(async (request, response) => {
    const path = request.url.split('?')[0];
    if (path === '/config.js') { response.setHeader('content-type', 'text/javascript'); response.end(config); return; }
    const file = path === '/' ? join(here, 'lib-jitsi-meet.html') : join(library, path.slice(1));
    try {
      response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'text/html');
      response.end(await readFile(file));
    } catch { response.statusCode = 404; response.end(); }
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { origin: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

/** What config.js is changed by for a test: nothing that a deployment would not set. */
export const overrides = ({ p2p = false, channel = 'sctp', ...rest } = {}) => ({
  p2p: { enabled: p2p, backToP2PDelay: 1 }, bridgeChannel: { preferSctp: channel === 'sctp' }, testing: {}, disableThirdPartyRequests: true, analytics: { disabled: true }, ...rest,
});

/** A page of its own profile that shows what it logs as errors. */
export async function openPage(browser, name, origin, verbose = false) {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true, permissions: ['camera', 'microphone'] })).newPage();
  page.on('pageerror', (error) => console.log(`${name} error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && /favicon|404/.test(message.text() + message.location().url)) return;
    if (verbose || message.type() === 'error') console.log(`${name} ${message.type()}: ${message.text().slice(0, 400)}`);
  });
  await page.goto(origin);
  return page;
}

/** The details of each event of that name that the page got. */
export const events = (page, name) => page.evaluate((n) => window.events.filter((e) => e.name === n).map((e) => e.detail), name);

/** Waits for an event of that name whose details the predicate takes, beyond the first `after` ones; gives them, or null after the time. */
export const awaitEvent = (page, name, take = () => true, { after = 0, seconds = 10 } = {}) =>
  until(name, async () => (await events(page, name)).slice(after).find((detail) => take(detail)), seconds).catch(() => null);

/** Frames a second of each inbound video that moved, over the time. */
export async function videoRates(pages, seconds) {
  const before = await Promise.all(pages.map((page) => page.evaluate(() => window.inbound())));
  const from = Date.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = await Promise.all(pages.map((page) => page.evaluate(() => window.inbound())));
  const elapsed = (Date.now() - from) / 1000;
  return after.map((streams, i) => ({
    heard: streams.filter((s) => s.kind === 'audio' && s.energy > (before[i].find((b) => b.ssrc === s.ssrc)?.energy ?? 0)),
    videos: streams.filter((s) => s.kind === 'video').map((s) => {
      const old = before[i].find((b) => b.ssrc === s.ssrc);
      return { ...s, rate: ((s.frames ?? 0) - (old?.frames ?? 0)) / elapsed };
    }).filter((s) => s.rate > 0),
  }));
}
