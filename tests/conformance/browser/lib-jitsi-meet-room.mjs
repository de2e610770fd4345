// What people do in a room, with an unmodified lib-jitsi-meet: talk, write, raise hands, share, mute, moderate, lock, wait in the lobby, go and come back.
// usage: node lib-jitsi-meet-room.mjs --url https://localhost:8443 --library FOLDER [--channel sctp|websocket] [--rewriting on|off] [--codec AV1|VP9|VP8|H264] [--firefox NAME,…] [--bosh] [--only TEXT]
import { parseArgs } from 'node:util';
import { launch, until } from './chromium.mjs';
import { launchFirefox } from './firefox-browser.mjs';
import { awaitEvent, checks, events, openPage, overrides, serveLibrary, videoRates } from './library.mjs';

const { values: o } = parseArgs({ options: {
  url: { type: 'string', default: 'https://localhost:8443' }, library: { type: 'string' }, channel: { type: 'string', default: 'sctp' },
  rewriting: { type: 'string', default: 'on' }, codec: { type: 'string' }, firefox: { type: 'string', default: '' }, only: { type: 'string', default: '' }, bosh: { type: 'boolean', default: false }, verbose: { type: 'boolean', default: false },
} });
if (!o.library) { console.error('--library: the folder with lib-jitsi-meet.min.js'); process.exit(2); }
const { failures, check } = checks();
const site = await serveLibrary(o.url, o.library);
const browser = await launch();
const inFirefox = o.firefox.split(',').filter(Boolean);
const firefox = inFirefox.length > 0 ? await launchFirefox() : null;
const newRoom = () => `acid${Math.random().toString(36).slice(2, 8)}`;
const room = newRoom();
const people = {};
const signallingSockets = [];

async function connect(name, where = room, { p2p = false, ...rest } = {}) {
  const page = await openPage(inFirefox.includes(name) ? firefox : browser, name, site.origin, o.verbose);
  page.on('websocket', (socket) => { if (socket.url().includes('xmpp-websocket')) signallingSockets.push(name); });
  await page.evaluate((options) => window.connect(options), {
    serviceUrl: o.bosh ? `${o.url}/http-bind?room=${where}` : `${o.url.replace(/^http/, 'ws')}/xmpp-websocket?room=${where}`, flags: { ssrcRewritingEnabled: o.rewriting === 'on' },
    overrides: overrides({ p2p, channel: o.channel, ...(o.codec ? { videoQuality: { codecPreferenceOrder: [o.codec] } } : {}), ...rest }),
  });
  return page;
}

async function join(name, where = room, { password, media = true, ...rest } = {}) {
  const page = people[name] = await connect(name, where, rest);
  await page.evaluate((options) => window.join(options), { room: where, name, password, media });
  if (!await awaitEvent(page, 'CONFERENCE_JOINED', () => true, { seconds: 15 })) throw new Error(`${name} did not join: ${JSON.stringify(await page.evaluate(() => window.events))}`);
  page.id = await page.evaluate(() => window.conference.myUserId());
  return page;
}

async function leave(name) {
  await people[name].evaluate(() => window.conference.leave());
  await people[name].close();
  delete people[name];
}

async function step(what, work) {
  if (!what.includes(o.only) && !what.startsWith('start')) return;
  const counts = Object.fromEntries(await Promise.all(Object.entries(people).map(async ([name, page]) => [name, await page.evaluate(() => window.events.length)])));
  try {
    const from = Date.now();
    const note = await work();
    check(true, `${what}${note ? `: ${note}` : ''} (${Date.now() - from} ms)`);
  } catch (error) {
    check(false, `${what}: ${error.message.split('\n')[0]}`);
    for (const [name, page] of Object.entries(people)) {
      console.log(`     ${name}:`, JSON.stringify(await page.evaluate((n) => window.events.slice(n), counts[name] ?? 0).catch(() => [])).slice(0, 1500));
    }
  }
}

/** Does something, and each of the pages gets the event with what the predicate takes. */
async function seen(pages, name, act, take = () => true, seconds = 10) {
  const before = await Promise.all(pages.map(async (page) => (await events(page, name)).length));
  const result = await act();
  for (const [i, page] of pages.entries()) {
    if (!await awaitEvent(page, name, take, { after: before[i], seconds })) {
      throw new Error(`${nameOf(page)} did not get ${name}; got ${JSON.stringify((await events(page, name)).slice(before[i]))}`);
    }
  }
  return result;
}

const nameOf = (page) => Object.entries(people).find(([, p]) => p === page)?.[0] ?? 'somebody';
const demand = (ok, what) => { if (!ok) throw new Error(what); };
const evaluate = (page, work, argument) => page.evaluate(work, argument);

async function flows(pages, videos, { rate = 8, seconds = 2, tries = 8 } = {}) {
  let last;
  for (let i = 0; i < tries; i++) {
    last = await videoRates(pages, seconds);
    if (last.every((one) => one.videos.filter((v) => v.rate >= rate).length >= videos)) return last.map((one) => one.videos.map((v) => `${v.rate.toFixed(0)} fps ${v.height}p`).join(' ')).join(' | ');
  }
  throw new Error(`videos: ${JSON.stringify(last.map((one) => one.videos.map((v) => `${v.ssrc} ${v.rate.toFixed(1)} fps ${v.height}p`)))}`);
}

/** Whether the tracks that the library gives this participant carry what moves and sounds. */
async function moves(page, id) {
  const tracks = await evaluate(page, (who) => window.conference.getParticipantById(who)?.getTracks().map((t) => ({ kind: t.getType(), ssrc: Number(t.getSsrc()) })) ?? [], id);
  const [{ videos, heard }] = await videoRates([page], 1);
  return tracks.some((t) => t.kind === 'video' && videos.some((v) => v.ssrc === t.ssrc && v.rate >= 5)) && tracks.some((t) => t.kind === 'audio' && heard.some((a) => a.ssrc === t.ssrc));
}

try {
  let ann, bob, cid;
  await step('start: three people join, see and hear each other', async () => {
    ann = await join('ann');
    bob = await join('bob');
    cid = await join('cid');
    return flows([ann, bob, cid], 2, { rate: 14 });
  });

  if (o.bosh) {
    await step('signalling over BOSH alone', async () => {
      demand(signallingSockets.length === 0, `WebSockets of ${signallingSockets}`);
      const shown = await evaluate(ann, () => ({ bosh: window.config.bosh, websocket: window.config.websocket, requests: performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/http-bind')).length }));
      demand(shown.requests > 5, JSON.stringify(shown));
      return JSON.stringify(shown);
    });
  }

  await step('the first one is moderator and all know it', async () => {
    await until('role', () => evaluate(ann, () => window.conference.isModerator()));
    await until('at Bob', () => evaluate(bob, (id) => window.conference.getParticipantById(id)?.getRole() === 'moderator', ann.id));
    demand(await evaluate(bob, () => !window.conference.isModerator()), 'Bob is moderator too');
  });

  await step('names', () => seen([ann, cid], 'DISPLAY_NAME_CHANGED', () => evaluate(bob, () => window.conference.setDisplayName('Robert ✓')), ([id, name]) => id === bob.id && name === 'Robert ✓'));

  await step('a message to all, with its id', async () => {
    await seen([ann, cid], 'MESSAGE_RECEIVED', () => evaluate(bob, () => window.conference.sendTextMessage('Hello <all> & "everybody" 🎉')),
      ([id, text, , , , messageId]) => id === bob.id && text === 'Hello <all> & "everybody" 🎉');
    return JSON.stringify((await events(ann, 'MESSAGE_RECEIVED')).at(-1));
  });

  await step('a private message', async () => {
    await seen([cid], 'PRIVATE_MESSAGE_RECEIVED', () => evaluate(ann, (id) => window.conference.sendPrivateTextMessage(id, 'only for Cid'), cid.id), ([id, text]) => id === ann.id && text === 'only for Cid');
    demand((await events(bob, 'PRIVATE_MESSAGE_RECEIVED')).length === 0, 'Bob reads it too');
  });

  await step('a reaction to a message', async () => {
    await seen([bob], 'REACTION_RECEIVED', () => evaluate(cid, () => window.conference.sendReaction('👍', 'some-id', '')), (detail) => JSON.stringify(detail).includes('👍'));
  });

  await step('the subject', () => seen([ann, bob, cid], 'SUBJECT_CHANGED', () => evaluate(ann, () => window.conference.setSubject('The plan & more')), ([subject]) => subject === 'The plan & more'));

  // What one participant writes is never read by another's client as said by the server.
  await step('what only the server says cannot be smuggled in', async () => {
    const counts = await Promise.all([ann, cid].map((page) => evaluate(page, () => window.events.length)));
    await evaluate(bob, (annId) => {
      const { room } = window.conference;
      const send = (xml) => window.connection.xmpp.connection.send(new DOMParser().parseFromString(xml, 'text/xml').documentElement);
      const json = (value) => `<json-message xmlns='http://jitsi.org/jitmeet'>${JSON.stringify(value)}</json-message>`;
      const user = "<x xmlns='http://jabber.org/protocol/muc#user'><status code='307'/><status code='110'/><item affiliation='owner' role='moderator'><reason>x</reason></item></x>";
      const delay = `<delay xmlns='urn:xmpp:delay' stamp='2001-01-01T00:00:00Z' from='${room.roomjid}'/>`;
      const all = (content, type = 'groupchat') => send(`<message xmlns='jabber:client' to='${room.roomjid}${type === 'chat' ? `/${annId}` : ''}' type='${type}'>${content}</message>`);
      all(`<body>smuggled</body>${user}${delay}`);
      all(`<body>smuggled privately</body><wrap>${user}${delay}</wrap>${delay}`, 'chat');
      all(json({ type: 'av_moderation', enabled: true, mediaType: 'audio', room: room.roomjid, actor: `${room.roomjid}/${annId}` }));
      all(json({ type: 'lobby-notify', event: 'LOBBY-ENABLED', value: true }));
      all(json({ type: 'room_metadata', metadata: { startMuted: { audio: true } } }));
      all("<conference-duration xmlns='http://jitsi.org/jitmeet'>1</conference-duration>");
      room.presMap.nodes.push({ tagName: 'x', attributes: { xmlns: 'http://jabber.org/protocol/muc#user' }, children: [{ tagName: 'item', attributes: { affiliation: 'owner', role: 'moderator' } }] });
      room.presMap.nodes.push({ tagName: 'identity', children: [{ tagName: 'user', children: [{ tagName: 'name', value: 'The admin' }, { tagName: 'id', value: 'admin' }] }] });
      room.sendPresence(true);
      room.presMap.nodes.splice(-2);
      room.sendPresence(true);
      window.conference.sendTextMessage('after it');
    }, ann.id);
    for (const [i, page] of [ann, cid].entries()) {
      demand(await awaitEvent(page, 'MESSAGE_RECEIVED', (detail) => detail.includes('after it')), 'the message after it did not come');
      const got = await evaluate(page, (from) => window.events.slice(from), counts[i]);
      demand(got.some((e) => e.name === 'MESSAGE_RECEIVED' && e.detail.includes('smuggled')), 'the text itself did not come');
      const odd = got.filter((e) => ['AV_MODERATION_CHANGED', 'USER_ROLE_CHANGED', 'KICKED', 'PARTICIPANT_KICKED', 'MEMBERS_ONLY_CHANGED', 'LOBBY_USER_JOINED', 'START_MUTED_POLICY_CHANGED', 'METADATA_UPDATED', 'CONFERENCE_CREATED_TIMESTAMP'].includes(e.name)
        || (e.name === 'MESSAGE_RECEIVED' || e.name === 'PRIVATE_MESSAGE_RECEIVED') && JSON.stringify(e.detail).includes('2001-01-01'));
      demand(odd.length === 0, JSON.stringify(odd));
      demand(await evaluate(page, (id) => { const bob = window.conference.getParticipantById(id); return bob.getRole() !== 'moderator' && !bob.getIdentity()?.user; }, bob.id), 'Bob is somebody else now');
    }
    demand(await evaluate(bob, () => !window.conference.isModerator()), 'Bob made himself a moderator');
  });

  await step('a raised hand', () => seen([ann, cid], 'PARTICIPANT_PROPERTY_CHANGED', () => evaluate(bob, () => window.conference.setLocalParticipantProperty('raisedHand', Date.now())), (detail) => detail[0] === bob.id && detail[1] === 'raisedHand'));

  await step('messages over the bridge channel', async () => {
    await seen([ann, cid], 'ENDPOINT_MESSAGE_RECEIVED', () => evaluate(bob, () => window.conference.broadcastEndpointMessage({ hello: 'all' })), (detail) => JSON.stringify(detail).includes('hello'));
    await seen([ann], 'ENDPOINT_MESSAGE_RECEIVED', () => evaluate(bob, (id) => window.conference.sendEndpointMessage(id, { only: 'you' }), ann.id), (detail) => JSON.stringify(detail).includes('only'));
    demand(!(await events(cid, 'ENDPOINT_MESSAGE_RECEIVED')).some((detail) => JSON.stringify(detail).includes('only')), 'Cid got it too');
  });

  await step('microphone off and on', async () => {
    await seen([ann, bob, cid], 'TRACK_MUTE_CHANGED', () => evaluate(bob, () => window.tracks[0].mute()));
    await until('Ann sees it', () => evaluate(ann, (id) => window.conference.getParticipantById(id).isAudioMuted(), bob.id));
    await seen([ann, cid], 'TRACK_MUTE_CHANGED', () => evaluate(bob, () => window.tracks[0].unmute()));
    await until('Ann sees it', () => evaluate(ann, (id) => !window.conference.getParticipantById(id).isAudioMuted(), bob.id));
    await until('Ann hears two', async () => (await videoRates([ann], 1))[0].heard.length === 2);
  });

  await step('camera off and on', async () => {
    await seen([ann, cid], 'TRACK_MUTE_CHANGED', () => evaluate(bob, () => window.tracks[1].mute()));
    await until('Ann sees it', () => evaluate(ann, (id) => window.conference.getParticipantById(id).isVideoMuted(), bob.id));
    await evaluate(bob, () => window.tracks[1].unmute());
    await until('Ann sees it', () => evaluate(ann, (id) => !window.conference.getParticipantById(id).isVideoMuted(), bob.id));
    return flows([ann, cid], 2);
  });

  await step('another camera track in place of the first', async () => {
    await evaluate(bob, async () => {
      const [track] = await JitsiMeetJS.createLocalTracks({ devices: ['video'], resolution: 180 });
      const old = window.tracks[1];
      await window.conference.replaceTrack(old, track);
      await old.dispose();
      window.tracks[1] = track;
    });
    return flows([ann, cid], 2);
  });

  await step('a shared screen beside the camera', async () => {
    await seen([ann, cid], 'TRACK_ADDED', () => evaluate(bob, () => window.share()), (detail) => detail.includes(`${bob.id}-v1`) && detail.includes('desktop'));
    const note = await flows([ann, cid], 3, { rate: 3 });
    await evaluate(bob, async () => { await window.conference.removeTrack(window.screenTrack); await window.screenTrack.dispose(); clearInterval(window.drawing); });
    await until('it goes', async () => (await videoRates([ann], 1.5))[0].videos.length === 2, 20);
    return note;
  });

  await step('a second shared screen after the first', async () => {
    await evaluate(bob, () => window.share());
    const note = await flows([ann, cid], 3, { rate: 3 });
    await evaluate(bob, async () => { await window.conference.removeTrack(window.screenTrack); await window.screenTrack.dispose(); clearInterval(window.drawing); });
    return note;
  });

  await step('smaller pictures on request, and none', async () => {
    // Of 360 lines Chromium makes layers of 180 and 360 with AV1 and VP9, but of 90 and 180 with VP8 and H.264.
    const large = ['VP8', 'H264'].includes(o.codec) ? 180 : 360;
    const small = large / 2;
    const constraints = (page, value) => evaluate(page, (c) => window.conference.setReceiverConstraints(c), value);
    const videos = async () => (await videoRates([cid], 1.5))[0].videos;
    await constraints(cid, { lastN: -1, defaultConstraints: { maxHeight: small } });
    await until(`${small} lines`, async () => { const v = await videos(); return v.length === 2 && v.every((one) => one.height <= small); }, 20);
    await constraints(cid, { lastN: 0, defaultConstraints: { maxHeight: small } });
    await until('none', async () => (await videos()).length === 0, 10);
    await constraints(cid, { lastN: -1, selectedSources: [`${ann.id}-v0`], onStageSources: [`${ann.id}-v0`], defaultConstraints: { maxHeight: small }, constraints: { [`${ann.id}-v0`]: { maxHeight: large } } });
    await until('one large, one small', async () => { const v = await videos(); return v.length === 2 && v.some((one) => one.height > small) && v.some((one) => one.height <= small); }, 20);
    await constraints(cid, { lastN: 1, selectedSources: [`${bob.id}-v0`], defaultConstraints: { maxHeight: large } });
    await until('lastN 1', async () => (await videos()).length === 1, 10);
    await constraints(cid, { lastN: -1, defaultConstraints: { maxHeight: 360 } });
    return flows([cid], 2);
  });

  await step('a moderator mutes somebody', async () => {
    await evaluate(ann, (id) => window.conference.muteParticipant(id, 'audio'), bob.id);
    await until('Bob is muted', () => evaluate(bob, () => window.tracks[0].isMuted()));
    await until('Cid sees it', () => evaluate(cid, (id) => window.conference.getParticipantById(id).isAudioMuted(), bob.id));
    await evaluate(bob, () => window.tracks[0].unmute());
    await until('Cid hears two', async () => (await videoRates([cid], 1))[0].heard.length === 2);
    await evaluate(ann, (id) => window.conference.muteParticipant(id, 'video'), bob.id);
    await until('Bob shows no picture', () => evaluate(bob, () => window.tracks[1].isMuted()));
    await evaluate(bob, () => window.tracks[1].unmute());
    return flows([ann, cid], 2);
  });

  // The step before left Bob's microphone on. A client that unmutes without being let is seen unmuted, but the bridge lets nothing of it through.
  await step('nobody is heard without being let, while moderated', async () => {
    const heardByCid = async () => (await videoRates([cid], 1))[0].heard.length;
    await until('Cid hears two', async () => await heardByCid() === 2);
    await seen([bob, cid], 'AV_MODERATION_CHANGED', () => evaluate(ann, () => window.conference.enableAVModeration('audio')), ([change]) => change.enabled === true);
    await until('Bob and Cid are muted', async () => await evaluate(bob, () => window.tracks[0].isMuted()) && await evaluate(cid, () => window.tracks[0].isMuted()));
    await evaluate(bob, () => window.tracks[0].unmute());
    await until('Bob is seen unmuted', () => evaluate(cid, (id) => !window.conference.getParticipantById(id).isAudioMuted(), bob.id));
    // What the decoder makes up for missing packets fades within a second or two.
    await until('Cid hears Ann alone', async () => await heardByCid() === 1);
    for (let second = 0; second < 3; second++) demand(await heardByCid() === 1, 'Cid hears Bob, who was not let');
    await seen([bob], 'AV_MODERATION_APPROVED', () => evaluate(ann, (id) => window.conference.avModerationApprove('audio', id), bob.id));
    await until('Cid hears Bob too', async () => await heardByCid() === 2);
    await seen([bob, cid], 'AV_MODERATION_CHANGED', () => evaluate(ann, () => window.conference.disableAVModeration('audio')), ([change]) => change.enabled === false);
    await evaluate(cid, () => window.tracks[0].unmute());
    await until('Ann hears both', async () => (await videoRates([ann], 1))[0].heard.length === 2);
  });

  await step('a poll', async () => {
    demand(await evaluate(ann, () => !!window.conference.getPolls()), 'no polls');
    await seen([bob, cid], 'POLL_RECEIVED', () => evaluate(ann, () => window.conference.getPolls().createPoll('p1', 'Tea?', [{ name: 'yes' }, { name: 'no' }])), (detail) => JSON.stringify(detail).includes('Tea?'));
    await seen([ann, cid], 'POLL_ANSWER_RECEIVED', () => evaluate(bob, () => window.conference.getPolls().answerPoll('p1', [true, false])), () => true);
  });

  await step('room metadata', () => seen([bob, cid], 'METADATA_UPDATED', () => evaluate(ann, () => window.conference.getMetadataHandler().setMetadata('recording', { isTranscribingEnabled: false })), (detail) => JSON.stringify(detail).includes('recording')));

  // The library has a list of the participants that it has seen itself. Only of a participant that left earlier must the server tell it.
  await step('speaker statistics of one who left before', async () => {
    const { id } = await join('gil', room, { media: false });
    await seen([ann], 'USER_LEFT', () => leave('gil'), ([who]) => who === id);
    const late = await join('hal', room, { media: false });
    const told = await until('Hal hears of Gil', () => evaluate(late, (who) => {
      const one = window.conference.getSpeakerStats()[who];
      return one && { name: one.getDisplayName(), left: one.hasLeft(), time: one.getTotalDominantSpeakerTime() };
    }, id));
    demand(told.name === 'gil' && told.left === true && told.time >= 0, JSON.stringify(told));
    await seen([ann], 'USER_LEFT', () => leave('hal'), ([who]) => who === late.id);
  });

  await step('moderators make others moderators, and take it back', async () => {
    await seen([bob, cid], 'USER_ROLE_CHANGED', () => evaluate(ann, (id) => window.conference.grantOwner(id), bob.id), ([id, role]) => id === bob.id && role === 'moderator');
    demand(await evaluate(bob, () => window.conference.isModerator()), 'Bob is not moderator');
    await seen([bob, cid], 'USER_ROLE_CHANGED', () => evaluate(ann, (id) => window.conference.revokeOwner(id), bob.id), ([id, role]) => id === bob.id && role !== 'moderator');
  });

  await step('who joins late starts muted when the moderator says so', async () => {
    await seen([bob], 'METADATA_UPDATED', () => evaluate(ann, () => window.conference.setStartMutedPolicy({ audio: true, video: true })), ([{ startMuted }]) => startMuted?.audio === true && startMuted?.video === true);
    const dan = await join('dan');
    demand(await awaitEvent(dan, 'START_MUTED_POLICY_CHANGED', ([policy]) => policy.audio && policy.video), 'Dan is not told of the policy');
    await until('Dan is muted', () => evaluate(dan, () => window.tracks.every((track) => track.isMuted())), 10);
    await until('and seen so', () => evaluate(ann, (id) => window.conference.getParticipantById(id)?.isAudioMuted() && window.conference.getParticipantById(id)?.isVideoMuted(), dan.id));
    const note = await flows([dan], 3);
    await evaluate(dan, () => Promise.all(window.tracks.map((track) => track.unmute())));
    await flows([ann, bob], 3);
    await evaluate(ann, () => window.conference.setStartMutedPolicy({ audio: false, video: false }));
    await seen([ann, bob, cid], 'USER_LEFT', () => leave('dan'));
    return note;
  });

  await step('a password', async () => {
    await seen([bob, cid], 'LOCK_STATE_CHANGED', () => evaluate(ann, () => window.conference.lock('sesam')), ([locked]) => locked === true);
    const dan = people.dan = await connect('dan');
    await evaluate(dan, (r) => window.join({ room: r, name: 'dan' }), room);
    const failed = await awaitEvent(dan, 'CONFERENCE_FAILED');
    demand(failed?.[0] === 'conference.passwordRequired', `without it: ${JSON.stringify(failed)}`);
    await evaluate(dan, () => window.conference.join('wrong'));
    await until('refused again', async () => (await events(dan, 'CONFERENCE_FAILED')).length === 2);
    await evaluate(dan, () => window.conference.join('sesam'));
    demand(await awaitEvent(dan, 'CONFERENCE_JOINED'), 'with it Dan does not come in');
    dan.id = await evaluate(dan, () => window.conference.myUserId());
    await flows([dan], 3);
    await leave('dan');
    await seen([bob, cid], 'LOCK_STATE_CHANGED', () => evaluate(ann, () => window.conference.unlock()), ([locked]) => locked === false);
  });

  await step('a lobby', async () => {
    demand(await evaluate(ann, () => window.conference.isLobbySupported()), 'not supported');
    await seen([ann, bob], 'MEMBERS_ONLY_CHANGED', () => evaluate(ann, () => window.conference.enableLobby()), ([on]) => on === true);
    const dan = people.dan = await connect('dan');
    await evaluate(dan, (r) => window.join({ room: r, name: 'dan' }), room);
    const failed = await awaitEvent(dan, 'CONFERENCE_FAILED');
    demand(failed?.[0] === 'conference.connectionError.membersOnly', `Dan: ${JSON.stringify(failed)}`);
    await seen([ann], 'LOBBY_USER_JOINED', () => evaluate(dan, () => window.conference.joinLobby('Dan')), ([, name]) => name === 'Dan');
    const [id] = (await events(ann, 'LOBBY_USER_JOINED')).at(-1);
    await evaluate(ann, (who) => window.conference.lobbyApproveAccess(who), id);
    demand(await awaitEvent(dan, 'CONFERENCE_JOINED'), 'Dan does not come in');
    await flows([dan], 3);
    await leave('dan');
    const eve = people.eve = await connect('eve');
    await evaluate(eve, (r) => window.join({ room: r, name: 'eve' }), room);
    await awaitEvent(eve, 'CONFERENCE_FAILED');
    await seen([ann], 'LOBBY_USER_JOINED', () => evaluate(eve, () => window.conference.joinLobby('Eve')), ([, name]) => name === 'Eve');
    const [other] = (await events(ann, 'LOBBY_USER_JOINED')).at(-1);
    await seen([eve], 'CONFERENCE_FAILED', () => evaluate(ann, (who) => window.conference.lobbyDenyAccess(who), other), ([error]) => error === 'conference.connectionError.accessDenied');
    await eve.close();
    delete people.eve;
    await seen([ann, bob], 'MEMBERS_ONLY_CHANGED', () => evaluate(ann, () => window.conference.disableLobby()), ([on]) => on === false);
  });

  await step('somebody is removed, and comes back', async () => {
    const id = cid.id;
    await seen([bob], 'PARTICIPANT_KICKED', () => evaluate(ann, (who) => window.conference.kickParticipant(who, 'for the test'), id));
    const kicked = await awaitEvent(cid, 'KICKED');
    demand(kicked && JSON.stringify(kicked).includes('for the test'), `Cid: ${JSON.stringify(kicked)}`);
    await until('they see Cid go', () => evaluate(bob, (who) => !window.conference.getParticipantById(who), id));
    await cid.close();
    cid = await join('cid');
    return flows([ann, bob, cid], 2);
  });

  await step('somebody leaves and joins again over the same connection', async () => {
    const id = bob.id;
    await seen([ann, cid], 'USER_LEFT', () => evaluate(bob, () => window.conference.leave()), ([who]) => who === id);
    await evaluate(bob, async (r) => {
      for (const track of window.tracks) await track.dispose();
      window.events.length = 0;
      await window.join({ room: r, name: 'bob' });
    }, room);
    demand(await awaitEvent(bob, 'CONFERENCE_JOINED'), 'Bob does not come back');
    bob.id = await evaluate(bob, () => window.conference.myUserId());
    return flows([ann, bob, cid], 2);
  });

  await step('everybody sets the media session up anew, as for end-to-end encryption', async () => {
    for (const page of [ann, bob, cid]) await evaluate(page, () => window.conference._restartMediaSessions());
    return flows([ann, bob, cid], 2);
  });

  await step('others come in the place of who left, and are seen and heard under their own names', async () => {
    for (const name of ['dan', 'eve', 'fay']) {
      // One of them asks for the conference over HTTP, as deployments may have it.
      const newcomer = await join(name, room, name === 'eve' ? { conferenceRequestUrl: `${o.url}/conference-request/v1?room=${room}` } : {});
      for (const page of [ann, bob]) await until(`${nameOf(page)} sees and hears ${name}`, () => moves(page, newcomer.id), 20);
      await seen([ann, bob], 'USER_LEFT', () => leave(name), ([who]) => who === newcomer.id);
    }
  });

  await step('a page that dies is seen to go', async () => {
    const dan = await join('dan');
    await flows([ann], 3);
    const id = dan.id;
    await seen([ann, bob], 'USER_LEFT', async () => { await dan.close(); delete people.dan; }, ([who]) => who === id, 90);
  });

  await step('two of them talk directly, and through the bridge when a third one comes', async () => {
    const pair = newRoom();
    const eve = await join('eve', pair, { p2p: true });
    const fay = await join('fay', pair, { p2p: true });
    await until('P2P', () => evaluate(eve, () => window.conference.isP2PActive()), 20);
    await until('P2P', () => evaluate(fay, () => window.conference.isP2PActive()), 20);
    const direct = await flows([eve, fay], 1);
    const gus = await join('gus', pair, { p2p: true });
    const bridged = await flows([eve, fay, gus], 2);
    demand(!await evaluate(eve, () => window.conference.isP2PActive()), 'still direct');
    await leave('gus');
    await until('P2P again', () => evaluate(eve, () => window.conference.isP2PActive()), 30);
    const again = await flows([eve, fay], 1);
    await leave('eve');
    await leave('fay');
    return `direct ${direct}, through the bridge ${bridged}, direct again ${again}`;
  });

  await step('a moderator ends the meeting for all', async () => {
    demand(await evaluate(ann, () => window.conference.isEndConferenceSupported()), 'not supported');
    await evaluate(ann, () => window.conference.end());
    for (const page of [bob, cid]) {
      const told = await until('told', async () => (await events(page, 'CONFERENCE_FAILED'))[0] ?? (await events(page, 'KICKED'))[0] ?? (await events(page, 'CONFERENCE_LEFT'))[0]);
      demand(told, 'nothing told');
    }
  });
} catch (error) {
  check(false, error.message);
} finally {
  await browser.close();
  await firefox?.close();
  site.close();
}
console.log(failures.length === 0 ? 'lib-jitsi-meet in a room: all held' : `lib-jitsi-meet in a room: ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
