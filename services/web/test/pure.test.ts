import { describe, expect, it, vi } from 'vitest';
import { SpeakingGate } from '../src/conference/AudioLevels';
import { parseConferenceResult, parseHttpReply } from '../src/conference/ConferenceRequest';
import { ConfigError, isRoomName, readConfig, roomNode } from '../src/conference/config';
import { iceServer, parseDisco } from '../src/conference/Disco';
import { constraintsFor, ReceiverConstraints, stepFor } from '../src/conference/ReceiverConstraints';
import { connectionQuality, Statistics } from '../src/conference/Statistics';
import { build, parseXml, x } from '../src/conference/xml';
import { placeOf, roomPath } from '../src/store/navigation';
import { arrange, avatarColour, fitGrid, initials, tilesOf, tilesPerPage } from '../src/store/tiles';
import type { Participant } from '../src/store/types';
import { formatDuration } from '../src/ui/duration';
import { groupMessages } from '../src/views/Call/Chat';

const page = { protocol: 'https:', host: 'meet.test', href: 'https://meet.test/acme/room' };
const minimal = { hosts: { domain: 'meet.test', muc: 'muc.meet.test' }, websocket: 'wss://meet.test/xmpp-websocket' };

describe('config', () => {
  it('reads the standard keys and fills in the rest', () => {
    const config = readConfig({ ...minimal, bridgeChannel: { preferSctp: false }, resolution: 360 }, page);
    expect(config).toMatchObject({
      domain: 'meet.test',
      mucDomain: 'muc.meet.test',
      focusAddress: 'focus.meet.test',
      websocketUrl: 'wss://meet.test/xmpp-websocket',
      conferenceRequestUrl: null,
      preferSctp: false,
      resolution: 360,
      simulcast: true,
      ssrcRewriting: false,
    });
  });

  it('makes relative addresses absolute, with the scheme that belongs', () => {
    const config = readConfig(
      { ...minimal, websocket: '/xmpp-websocket', conferenceRequestUrl: '/conference-request/v1' },
      page,
    );
    expect(config.websocketUrl).toBe('wss://meet.test/xmpp-websocket');
    expect(config.conferenceRequestUrl).toBe('https://meet.test/conference-request/v1');
  });

  it('names what is missing', () => {
    expect(() => readConfig(undefined, page)).toThrow(ConfigError);
    expect(() => readConfig({ hosts: { domain: 'a' } }, page)).toThrow(/websocket nor bosh/);
  });

  it.each([
    ['Standup', 'standup'],
    ['My%20Room', 'my%20room'],
    ['Grüße', 'gr%c3%bc%c3%9fe'],
    ['a/b?c#d', 'abcd'],
    ['50%', '50%25'],
  ])('room name %s becomes %s', (name, node) => {
    expect(roomNode(name)).toBe(node);
  });

  it('knows the words that are no rooms', () => {
    for (const name of [
      'config.js',
      'health',
      'metrics',
      'debug',
      'xmpp-websocket',
      "ro'om",
      'a:b',
      'a?b',
      '.hidden',
    ]) {
      expect(isRoomName(name), name).toBe(false);
    }
    for (const name of ['Health', 'Images', 'Debug', 'images', 'Config.js', 'static', 'raum eins']) {
      expect(isRoomName(name), name).toBe(true);
    }
    expect(isRoomName('???')).toBe(false);
    expect(isRoomName('statics')).toBe(true);
  });
});

describe('conference request', () => {
  it('reads the XMPP answer', () => {
    const answer = parseConferenceResult(
      parseXml(
        '<iq xmlns="jabber:client" type="result"><conference xmlns="http://jitsi.org/protocol/focus" ready="true" focusjid="focus@auth.meet.test"><property name="authentication" value="false"/></conference></iq>',
      ),
    );
    expect(answer).toMatchObject({
      ready: true,
      reply: { focusJid: 'focus@auth.meet.test', properties: { authentication: 'false' } },
    });
  });

  it('reads the HTTP answer', () => {
    expect(parseHttpReply({ ready: true, focusJid: 'f@a', properties: { live: 'false' } })).toMatchObject({
      ready: true,
      reply: { focusJid: 'f@a', properties: { live: 'false' } },
    });
    expect(parseHttpReply(null).ready).toBe(false);
  });
});

describe('discovery', () => {
  it('finds components by the name of their identity', () => {
    const disco = parseDisco(
      parseXml(
        '<query xmlns="http://jabber.org/protocol/disco#info"><identity category="component" type="end_conference" name="end.meet.test"/><identity category="server" type="im"/><feature var="urn:xmpp:ping"/></query>',
      ),
    );
    expect(disco.components.get('end_conference')).toBe('end.meet.test');
    expect(disco.features.has('urn:xmpp:ping')).toBe(true);
  });

  it('turns services into ICE servers and drops those without credentials', () => {
    const service = { type: 'turn', host: '::1', port: '3478', transport: 'udp', username: 'u', password: 'p' };
    expect(iceServer(service)).toEqual([{ urls: 'turn:[::1]:3478?transport=udp', username: 'u', credential: 'p' }]);
    expect(iceServer({ ...service, password: null })).toEqual([]);
    expect(iceServer({ ...service, type: 'stun', host: 'h' })).toEqual([{ urls: 'stun:h:3478' }]);
    expect(iceServer({ ...service, type: 'ftp' })).toEqual([]);
  });
});

describe('what is asked of the bridge', () => {
  it('rounds tiles up to heights that layers have', () => {
    expect([100, 180, 250, 260, 360, 500, 520, 720, 1000, 1020].map(stepFor)).toEqual([
      180, 180, 180, 360, 360, 360, 720, 720, 720, 1080,
    ]);
  });

  it('switches off what is not on screen', () => {
    expect(constraintsFor({ heights: { 'b-v0': 300, 'a-v0': 600 }, stage: ['a-v0'], lastN: -1 })).toEqual({
      colibriClass: 'ReceiverVideoConstraints',
      lastN: -1,
      onStageSources: ['a-v0'],
      defaultConstraints: { maxHeight: 0 },
      constraints: { 'a-v0': { maxHeight: 720 }, 'b-v0': { maxHeight: 360 } },
    });
  });

  it('sends the newest wish once in 300 ms and nothing twice', () => {
    vi.useFakeTimers();
    const send = vi.fn(() => true);
    const constraints = new ReceiverConstraints(send);
    const wish = (height: number) => constraints.set({ heights: { a: height }, stage: [], lastN: -1 });
    wish(100);
    vi.advanceTimersByTime(1);
    wish(300);
    wish(700);
    expect(send).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(300);
    expect(send).toHaveBeenCalledTimes(2);
    wish(700);
    vi.advanceTimersByTime(1000);
    expect(send).toHaveBeenCalledTimes(2);
    constraints.resend();
    expect(send).toHaveBeenCalledTimes(3);
    vi.useRealTimers();
  });
});

describe('grid', () => {
  it.each([
    [1, 1],
    [2, 2],
    [4, 2],
    [5, 3],
    [9, 3],
    [12, 4],
  ])('%i people in a wide window stand in %i columns', (count, columns) => {
    expect(fitGrid(count, 1280, 720).columns).toBe(columns);
  });

  it('stacks two people on a phone', () => {
    expect(fitGrid(2, 375, 700)).toMatchObject({ columns: 1, rows: 2 });
  });

  it('never grows out of the window', () => {
    for (let count = 1; count <= 49; count++) {
      for (const [width, height] of [
        [1280, 720],
        [375, 700],
        [900, 300],
        [300, 900],
      ] as const) {
        const fit = fitGrid(count, width, height);
        expect(fit.columns * fit.width + (fit.columns - 1) * 8).toBeLessThanOrEqual(width);
        expect(fit.rows * fit.height + (fit.rows - 1) * 8).toBeLessThanOrEqual(height);
        expect(fit.columns * fit.rows).toBeGreaterThanOrEqual(count);
      }
    }
  });

  it('makes pages before tiles become too small', () => {
    expect(tilesPerPage(1280, 720)).toBe(25);
    expect(tilesPerPage(375, 700)).toBeLessThan(25);
  });
});

describe('who is on stage', () => {
  const person = (id: string, change: Partial<Participant> = {}): Participant => ({
    id,
    name: id,
    moderator: false,
    raisedHand: null,
    audioMuted: false,
    videoMuted: false,
    sharing: false,
    quality: null,
    active: true,
    ...change,
  });
  const tiles = (...people: Participant[]) =>
    tilesOf({
      participants: Object.fromEntries(people.map((p) => [p.id, p])),
      order: people.map((p) => p.id),
      selfId: 'me',
      localDesktop: null,
    });

  it('shows a grid until somebody shares a screen', () => {
    expect(arrange(tiles(person('a'), person('b')), 'auto', null, 'a').mode).toBe('grid');
    const sharing = arrange(tiles(person('a'), person('b', { sharing: true })), 'auto', null, 'a');
    expect(sharing).toMatchObject({ mode: 'stage', stage: { key: 'b-v1', kind: 'desktop' } });
  });

  it('prefers what was pinned, then a screen, then whoever speaks', () => {
    const all = tiles(person('a'), person('b', { sharing: true }), person('c'));
    expect(arrange(all, 'auto', 'c-v0', 'a').stage?.key).toBe('c-v0');
    expect(arrange(tiles(person('a'), person('c')), 'stage', null, 'c').stage?.key).toBe('c-v0');
    expect(arrange(all, 'grid', null, 'a').mode).toBe('grid');
  });

  it('moves raised hands up, the earliest first', () => {
    const order = tiles(person('a'), person('b', { raisedHand: 9 }), person('c', { raisedHand: 3 })).map((t) => t.id);
    expect(order).toEqual(['c', 'b', 'a']);
  });
});

describe('small things', () => {
  it('gives one name one colour that is neither red nor green', () => {
    expect(avatarColour('Ann')).toBe(avatarColour('Ann'));
    for (const name of 'abcdefghijklmnopqrstuvwxyz') {
      const hue = Number(/hsl\((\d+)/.exec(avatarColour(name))?.[1]);
      expect(hue > 345 || hue < 20 || (hue > 80 && hue < 160)).toBe(false);
    }
  });

  it('takes initials from first and last word', () => {
    expect([initials('Ada Lovelace'), initials('  grace '), initials('')]).toEqual(['AL', 'G', '']);
  });

  it('finds the room behind tenant and sub-path', () => {
    expect(placeOf('/acme/My%20Room')).toEqual({ base: '/acme/', room: 'My Room' });
    expect(placeOf('/')).toEqual({ base: '/', room: '' });
    expect(placeOf('//evil.example/room')).toEqual({ base: '/evil.example/', room: 'room' });
    expect(roomPath('/acme/', 'My Room')).toBe('/acme/My%20Room');
  });

  it('groups messages by author and minute', () => {
    const message = (id: string, from: string, at: number) => ({
      id,
      from,
      fromName: from,
      own: false,
      privateWith: null,
      text: id,
      at,
    });
    const groups = groupMessages([
      message('1', 'a', 0),
      message('2', 'a', 59_000),
      message('3', 'a', 60_000),
      message('4', 'b', 60_001),
    ]);
    expect(groups.map((g) => g.messages.length)).toEqual([2, 1, 1]);
  });

  it('lights the ring after 250 ms of sound and puts it out after 800 ms of silence', () => {
    const gate = new SpeakingGate();
    expect([gate.update(0.9, 0), gate.update(0.9, 200), gate.update(0.9, 260)]).toEqual([false, false, true]);
    expect([gate.update(0, 600), gate.update(0, 1050), gate.update(0, 1100)]).toEqual([true, true, false]);
  });

  it('writes durations as clocks do', () => {
    expect([formatDuration(7000), formatDuration(247_000), formatDuration(3_847_000)]).toEqual([
      '0:07',
      '4:07',
      '1:04:07',
    ]);
  });

  it('writes namespaces where they change, and stanzas as jabber:client', () => {
    const xml = new XMLSerializer().serializeToString(
      build(x('iq', { type: 'get' }, x('query', { xmlns: 'q' }, x('item', {}, '<&')))),
    );
    expect(xml).toBe('<iq xmlns="jabber:client" type="get"><query xmlns="q"><item>&lt;&amp;</item></query></iq>');
  });
});

describe('statistics', () => {
  it('turns totals into rates between two looks', () => {
    const statistics = new Statistics();
    const entry = (received: number, lost: number, bytes: number) => [
      {
        id: 'i',
        type: 'inbound-rtp',
        kind: 'video',
        packetsReceived: received,
        packetsLost: lost,
        bytesReceived: bytes,
      },
      {
        id: 'p',
        type: 'candidate-pair',
        nominated: true,
        state: 'succeeded',
        currentRoundTripTime: 0.02,
        localCandidateId: 'l',
      },
      { id: 'l', type: 'local-candidate', protocol: 'udp', candidateType: 'host' },
    ];
    statistics.digest(entry(100, 0, 1000), 1000);
    expect(statistics.digest(entry(190, 10, 251_000), 3000)).toMatchObject({
      downKbps: 1000,
      lossDown: 10,
      rttMs: 20,
      transport: 'udp (host)',
      quality: 40,
    });
  });

  it('weighs loss more than delay', () => {
    expect(connectionQuality(0, 0, 100)).toBe(100);
    expect(connectionQuality(10, 0, 20)).toBe(40);
    expect(connectionQuality(0, 0, 350)).toBe(80);
    expect(connectionQuality(50, 50, 900)).toBe(0);
  });
});
