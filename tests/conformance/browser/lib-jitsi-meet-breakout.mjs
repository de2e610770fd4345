// Breakout rooms with an unmodified lib-jitsi-meet: made, renamed, people sent there, seen and heard there, back in the main room, removed.
// usage: node lib-jitsi-meet-breakout.mjs --url https://localhost:8443 --library FOLDER [--codec AV1|VP9|VP8|H264]
import { parseArgs } from 'node:util';
import { launch, until } from './chromium.mjs';
import { awaitEvent, checks, events, openPage, overrides, serveLibrary, videoRates } from './library.mjs';

const { values: o } = parseArgs({ options: {
  url: { type: 'string', default: 'https://localhost:8443' }, library: { type: 'string' }, codec: { type: 'string', default: 'VP8' }, verbose: { type: 'boolean', default: false },
} });
if (!o.library) { console.error('--library: the folder with lib-jitsi-meet.min.js'); process.exit(2); }
const { failures, check } = checks();
const site = await serveLibrary(o.url, o.library);
const browser = await launch();
const main = `acid${Math.random().toString(36).slice(2, 8)}`;
const people = {};

async function join(name) {
  const page = people[name] = await openPage(browser, name, site.origin, o.verbose);
  await page.evaluate((options) => window.connect(options), {
    serviceUrl: `${o.url.replace(/^http/, 'ws')}/xmpp-websocket?room=${main}`, overrides: overrides({ videoQuality: { codecPreferenceOrder: [o.codec] } }),
  });
  await page.evaluate((options) => window.join(options), { room: main, name });
  if (!await awaitEvent(page, 'CONFERENCE_JOINED', () => true, { seconds: 20 })) throw new Error(`${name} did not join`);
  page.id = await page.evaluate(() => window.conference.myUserId());
  page.jid = await page.evaluate(() => window.connection.getJid());
  return page;
}

async function step(what, work) {
  const counts = Object.fromEntries(await Promise.all(Object.entries(people).map(async ([name, page]) => [name, await page.evaluate(() => window.events.length)])));
  try {
    const from = Date.now();
    const note = await work();
    check(true, `${what}${note ? `: ${note}` : ''} (${Date.now() - from} ms)`);
  } catch (error) {
    check(false, `${what}: ${error.message.split('\n')[0]}`);
    for (const [name, page] of Object.entries(people)) console.log(`     ${name}:`, JSON.stringify(await page.evaluate((n) => window.events.slice(n), counts[name] ?? 0).catch(() => [])).slice(0, 1500));
  }
}

const demand = (ok, what) => { if (!ok) throw new Error(what); };
const rooms = (page) => page.evaluate(() => Object.values(window.conference.getBreakoutRooms()._rooms));
const breakouts = async (page) => (await rooms(page)).filter((room) => !room.isMainRoom);
const peopleOf = (room) => Object.keys(room.participants).map((jid) => jid.split('/')[1]).sort();
const command = (page, name, ...args) => page.evaluate(([n, a]) => window.conference.getBreakoutRooms()[n](...a), [name, args]);

/** The list of rooms at each of the pages, once the predicate takes it. */
const listed = async (pages, what, take) => { for (const page of pages) await until(what, async () => take(await rooms(page)), 10); };

/** Each of the pages is asked to go to the room, and goes. */
async function go(moderator, pages, jid) {
  for (const page of pages) {
    const before = (await events(page, 'BREAKOUT_ROOMS_MOVE_TO_ROOM')).length;
    const joins = (await events(page, 'CONFERENCE_JOINED')).length;
    if (page === moderator) await page.evaluate((to) => window.switchRoom({ jid: to }), jid);
    else {
      await command(moderator, 'sendParticipantToRoom', page.jid, jid);
      const asked = await awaitEvent(page, 'BREAKOUT_ROOMS_MOVE_TO_ROOM', ([to]) => to === jid, { after: before });
      demand(asked, 'nobody asked it to go');
      await page.evaluate((to) => window.switchRoom({ jid: to }), jid);
    }
    demand(await awaitEvent(page, 'CONFERENCE_JOINED', () => true, { after: joins, seconds: 20 }), `it did not get into ${jid}`);
  }
}

async function flows(pages, videos) {
  let last;
  for (let i = 0; i < 12; i++) {
    last = await videoRates(pages, 2);
    if (last.every((one) => one.videos.filter((v) => v.rate >= 5).length >= videos && one.heard.length >= videos)) return last.map((one) => one.videos.map((v) => `${v.rate.toFixed(0)} fps`).join(' ')).join(' | ');
  }
  throw new Error(`media: ${JSON.stringify(last.map((one) => ({ videos: one.videos.map((v) => v.rate.toFixed(1)), heard: one.heard.length })))}`);
}

try {
  const ann = await join('ann');
  const bob = await join('bob');
  const cid = await join('cid');
  const all = [ann, bob, cid];
  let room, mainJid;

  await step('the library finds breakout rooms and may rename them', async () => {
    await until('support', () => ann.evaluate(() => window.conference.getBreakoutRooms().isSupported()));
    await until('rename', () => ann.evaluate(() => window.conference.getBreakoutRooms().isFeatureSupported('rename')));
    await until('moderator', () => ann.evaluate(() => window.conference.isModerator()));
  });

  await step('a moderator makes a room and all see it', async () => {
    await command(ann, 'createBreakoutRoom', 'Room 1');
    await listed(all, 'two rooms', (list) => list.length === 2);
    room = (await breakouts(bob))[0];
    mainJid = (await rooms(bob)).find((one) => one.isMainRoom).jid;
    demand(room.name === 'Room 1', room.name);
    return room.jid;
  });

  await step('it gets another name', async () => {
    await command(ann, 'renameBreakoutRoom', room.jid, 'Uno');
    await listed(all, 'the name', (list) => list.some((one) => one.name === 'Uno'));
  });

  await step('two are sent there, see and hear each other and not the one who stayed', async () => {
    await go(ann, [bob, cid], room.jid);
    const shown = await flows([bob, cid], 1);
    demand((await bob.evaluate(() => window.conference.getParticipantCount())) === 2, 'somebody else is there');
    await listed(all, 'where people are', (list) => { const one = list.find((r) => r.jid === room.jid); return one && peopleOf(one).join() === [bob.id, cid.id].sort().join(); });
    await until('breakout', () => bob.evaluate(() => window.conference.getBreakoutRooms().isBreakoutRoom() && window.conference.getBreakoutRooms().getMainRoomJid() !== undefined));
    demand(await bob.evaluate(() => window.conference.getBreakoutRooms().getMainRoomJid()) === mainJid, 'another main room');
    return shown;
  });

  await step('the moderator follows and is moderator there; the main room is kept though nobody is in it', async () => {
    await go(ann, [ann], room.jid);
    await until('moderator', () => ann.evaluate(() => window.conference.isModerator()));
    const shown = await flows(all, 2);
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    demand((await rooms(ann)).some((one) => one.isMainRoom && peopleOf(one).length === 0), 'no empty main room');
    return shown;
  });

  await step('all come back to the main room and see and hear each other', async () => {
    await go(ann, [bob, cid, ann], mainJid);
    const shown = await flows(all, 2);
    await listed(all, 'an empty breakout room', (list) => list.some((one) => one.jid === room.jid && peopleOf(one).length === 0));
    return shown;
  });

  await step('a room that is removed sends its people to the main room', async () => {
    await go(ann, [bob], room.jid);
    await listed([ann], 'one in it', (list) => list.some((one) => one.jid === room.jid && peopleOf(one).length === 1));
    await command(ann, 'removeBreakoutRoom', room.jid);
    const failed = await awaitEvent(bob, 'CONFERENCE_FAILED', () => true, { seconds: 10 });
    demand(failed && JSON.stringify(failed).includes(mainJid), JSON.stringify(failed));
    await listed([ann, cid], 'no breakout room', (list) => list.length === 1);
    return JSON.stringify(failed);
  });
} catch (error) {
  check(false, error.message);
} finally {
  await browser.close();
  site.close();
}
console.log(failures.length === 0 ? 'breakout rooms with lib-jitsi-meet: all held' : `breakout rooms with lib-jitsi-meet: ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
