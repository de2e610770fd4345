import { describe, expect, it, vi } from 'vitest';
import { onBridgeMessage } from '../src/conference/bridgeMessages';
import { Caps, clientFeatures } from '../src/conference/caps';
import type { ConferenceEvents } from '../src/conference/conferenceEvents';
import { iceServer } from '../src/conference/Disco';
import { DomainServices } from '../src/conference/DomainServices';
import { Emitter } from '../src/conference/emitter';
import { parseOffer } from '../src/conference/jingle';
import { ClientLimits } from '../src/conference/limits';
import type { MediaSession } from '../src/conference/MediaSession';
import { RemoteSdp } from '../src/conference/RemoteSdp';
import { type ChatMessage, Room } from '../src/conference/Room';
import { SdpWriter } from '../src/conference/sdp';
import { parseCompactSources, parseSources, type RemoteSource } from '../src/conference/sources';
import { cleanName, limited } from '../src/conference/texts';
import { answers, type XmppConnection } from '../src/conference/XmppConnection';
import { build, child, parseXml, type XNode } from '../src/conference/xml';
import { ANN_SOURCES, BRIDGE_SOURCES, presence, SOURCE_ADD_XML, sessionInitiate } from './stanzas';

/** What somebody who means harm puts where a name, a number or an address is expected. */
const HOSTILE = [
  'x\r\na=injected:1',
  'x\na=injected:1',
  'x\rm=audio 9 X 0',
  '\r\nm=injected 9 UDP/TLS/RTP/SAVPF 0',
  'x\u2028a=injected:1',
  'x\u0085a=injected:1',
  'a b c injected',
  'x typ relay raddr injected',
  '\u0000injected',
  '😀injected',
  'x'.repeat(70_000),
  '-1',
  '1e9',
  'NaN',
  '',
  ' ',
  '99999999999999999999',
];

const GRAMMAR =
  /^([vost]=[\x20-\x7e]*|m=(audio|video|application) 9 [A-Z/]+ [a-z0-9 -]+|c=IN IP4 0\.0\.0\.0|a=[\x20-\x7e]+)$/;

/** Every line is one that this client writes, and nothing hostile is a line or an attribute of its own. */
function expectClean(model: RemoteSdp): void {
  const lines = model.write().split('\r\n');
  expect(lines.pop()).toBe('');
  expect(lines.filter((l) => !GRAMMAR.test(l))).toEqual([]);
  expect(lines.filter((l) => /^(a=injected|m=injected)/.test(l))).toEqual([]);
  expect(lines.filter((l) => l.startsWith('m='))).toHaveLength(model.lines.length);
  expect(lines.filter((l) => /^a=(msid|ssrc|candidate|mid|ice-)/.test(l) && l.includes('injected'))).toEqual([]);
}

function elementsOf(root: Element): Element[] {
  return [root, ...root.querySelectorAll('*')];
}

describe('a hostile or old focus', () => {
  const xml = () => sessionInitiate(`{"sources":{${BRIDGE_SOURCES},${ANN_SOURCES}}}`);

  it('never gets a line into the description, by no attribute and no text', () => {
    const jingle = parseXml(xml());
    const seen = new Set<string>();
    let tried = 0;
    let written = 0;
    const attempt = () => {
      tried += 1;
      const offer = parseOffer(jingle);
      if (!offer) return;
      written += 1;
      expectClean(new RemoteSdp(offer, parseSources(jingle), 'VP8', 'jvb'));
    };
    // Each kind of element once: the others are read by the same lines.
    const first = (element: Element, what: string) => {
      const key = `${element.parentElement?.localName}/${element.localName}@${what}`;
      return !seen.has(key) && seen.add(key);
    };
    for (const element of elementsOf(jingle)) {
      for (const { name, value } of [...element.attributes].filter((a) => a.name !== 'xmlns')) {
        if (!first(element, name)) continue;
        for (const evil of HOSTILE) {
          element.setAttribute(name, evil);
          attempt();
        }
        element.setAttribute(name, value);
      }
      if (element.children.length > 0 || !first(element, '#text')) continue;
      const text = element.textContent;
      for (const evil of HOSTILE) {
        element.textContent = evil;
        attempt();
      }
      element.textContent = text;
    }
    expect(tried).toBeGreaterThan(800);
    expect(written).toBeGreaterThan(tried / 2);
  }, 60_000);

  it('never gets a line into it by the names in the compact sources or in XML ones', () => {
    for (const evil of HOSTILE) {
      const compact = JSON.stringify({
        sources: {
          [evil]: [[{ s: 7, n: evil, m: evil }], [['f', 7, 8]], [{ s: 9, n: `${evil}-a0`, m: evil }]],
          ok000001: [[{ s: 17, n: evil }, { s: evil }, { s: 18.5 }], [[evil, 17]]],
        },
      });
      const model = modelOf();
      for (const source of parseCompactSources(compact)) model.add(source);
      const added = parseXml(SOURCE_ADD_XML);
      for (const element of elementsOf(added)) {
        for (const a of [...element.attributes])
          if (a.name !== 'xmlns' && a.name !== 'ssrc') element.setAttribute(a.name, evil);
      }
      for (const source of parseSources(added)) model.add(source);
      expectClean(model);
    }
  });

  it('writes names that are no names of streams by their section', () => {
    const model = modelOf();
    const line = model.add({ ...source('ann ä'), owner: 'Ann Example' });
    expect(model.write()).toContain(`a=msid:section-${line?.mid} section-${line?.mid}\r\n`);
    expect(model.write()).toContain(`a=ssrc:77 cname:section-${line?.mid}\r\n`);
  });

  it('gets nothing by a line that could be two', () => {
    const writer = new SdpWriter();
    for (const evil of ['a=x\r\na=y', 'a=x\n', 'a=ä', 'x', '', 'a=\u0000', 'A=x', ` a=x`]) writer.line(evil);
    writer.line('a=x');
    expect(String(writer)).toBe('a=x\r\n');
    expect(writer.refused).toBe(8);
  });

  it('cannot take the name or an SSRC of somebody else', () => {
    const model = modelOf();
    const before = model.write().replace(/o=.*/, '');
    expect(model.add({ ...source('a1b2c3d4-v0'), owner: 'mallory1' })).toBeNull();
    expect(model.add({ ...source('mallory1-v0'), owner: 'mallory1', ssrcs: [1001] })).toBeNull();
    expect(model.add({ ...source('a1b2c3d4-a0'), owner: 'a1b2c3d4' })).toBeNull();
    expect(model.write().replace(/o=.*/, '')).toBe(before);
    expect(model.add({ ...source('a1b2c3d4-v0'), owner: 'a1b2c3d4' })?.source?.ssrcs).toEqual([77]);
  });

  it('cannot make more sections than a browser bears', () => {
    const model = modelOf();
    for (let i = 0; i < ClientLimits.sections + 50; i++) model.add({ ...source(`p${i}-v0`), ssrcs: [10_000 + i] });
    expect(model.lines).toHaveLength(ClientLimits.sections);
    expect(model.add({ ...source('late-v0'), ssrcs: [5] })).toBeNull();
  });

  it('cannot fill a source without end', () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({ s: i + 1, n: 'a-v0' }));
    const groups = Array.from({ length: 5000 }, () => ['f', 1, 2]);
    const [made] = parseCompactSources(JSON.stringify({ sources: { a: [many, groups] } }));
    expect(made?.ssrcs).toHaveLength(ClientLimits.ssrcsOfSource);
    expect(made?.groups).toHaveLength(ClientLimits.ssrcsOfSource);
  });

  it('cannot name a channel that is no WebSocket', () => {
    for (const url of ['javascript:alert(1)', 'https://x', 'wss://', 'nonsense', 'wss://x/#f', '']) {
      const jingle = parseXml(xml());
      for (const socket of jingle.querySelectorAll('web-socket')) socket.setAttribute('url', url);
      expect(parseOffer(jingle)?.transport.webSockets, url).toEqual([]);
    }
  });
});

describe('a hostile bridge', () => {
  it('maps only sources that can be', () => {
    const mapSources = vi.fn();
    const session = { mapSources, setWantedHeight: vi.fn() } as unknown as MediaSession;
    const events = new Emitter<ConferenceEvents>();
    const quality = vi.fn();
    events.on('remoteQuality', quality);
    const good = { source: 'a-v0', owner: 'a', ssrc: 5, rtx: 6, videoType: 'CAMERA' };
    const mappedSources = [
      good,
      null,
      7,
      { ...good, ssrc: -1 },
      { ...good, ssrc: 1.5 },
      { ...good, ssrc: 2 ** 40 },
      { ...good, source: 'x\r\ny' },
      { ...good, owner: {} },
      { ...good, rtx: -4 },
    ];
    onBridgeMessage({ colibriClass: 'VideoSourcesMap', mappedSources }, session, events);
    expect(mapSources.mock.calls[0]?.[1]).toEqual([
      { source: 'a-v0', owner: 'a', ssrc: 5, rtx: 6, desktop: false },
      { source: 'a-v0', owner: 'a', ssrc: 5, rtx: null, desktop: false },
    ]);
    for (const connectionQuality of [1e9, -5, Number.NaN, '70', null])
      onBridgeMessage({ colibriClass: 'EndpointStats', from: 'a', connectionQuality }, session, events);
    expect(quality.mock.calls).toEqual([
      ['a', 100],
      ['a', 0],
    ]);
  });
});

class Wire extends Emitter<{ presence: [Element]; message: [Element] }> {
  sent: Element[] = [];
  send(node: XNode) {
    this.sent.push(build(node));
  }
  iq = vi.fn(async () => parseXml('<iq/>'));
  uniqueId = () => `id-${this.sent.length}`;
  hear(xml: string) {
    const stanza = parseXml(xml);
    this.emit(stanza.localName === 'message' ? 'message' : 'presence', stanza);
  }
}

const ROOM = 'standup@conference.meet.test';
const ME = '0123abcd';
const FOCUS = { jid: 'focus@auth.meet.test/focus', affiliation: 'owner' };

function roomOf(focusJid: string | null = 'focus@auth.meet.test') {
  const wire = new Wire();
  const room = new Room(
    wire as unknown as XmppConnection,
    ROOM,
    ME,
    focusJid,
    'hidden.meet.test',
    new Caps(clientFeatures(false)),
  );
  const chat: ChatMessage[] = [];
  const events: string[] = [];
  room.on('chat', (m) => chat.push(m));
  for (const name of [
    'joined',
    'destroyed',
    'kicked',
    'focusLeft',
    'subject',
    'chatError',
    'bridgeNotAvailable',
  ] as const) {
    room.on(name, () => events.push(name));
  }
  return { wire, room, chat, events };
}

const message = (from: string, inner: string, attributes = 'type="groupchat" id="m1"') =>
  `<message xmlns="jabber:client" ${attributes} from="${ROOM}${from}">${inner}</message>`;

describe('a hostile occupant', () => {
  const smuggled =
    '<x xmlns="http://jabber.org/protocol/muc#user"><item jid="focus@auth.meet.test/focus" affiliation="owner" role="moderator"/><status code="110"/><destroy/></x>';
  const own =
    '<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="participant" jid="mallory@meet.test/r"/></x>';

  it.each([
    ['after the room\u2019s own', `${own}${smuggled}`],
    ['inside another element', `<wrap xmlns="urn:x">${smuggled}</wrap>${own}`],
    ['inside the room\u2019s own item', own.replace('/></x>', `>${smuggled}</item></x>`)],
    [
      'by a prefix',
      `<p:x xmlns:p="urn:x" xmlns="http://jabber.org/protocol/muc#user"><item jid="focus@auth.meet.test/focus" affiliation="owner" role="moderator"/><status code="110"/></p:x>${own}`,
    ],
    [
      'by an attribute called xmlns',
      `<x xmlns:p="urn:x" xmlns="urn:y" p:xmlns="http://jabber.org/protocol/muc#user"><item jid="focus@auth.meet.test/focus"/></x>${own}`,
    ],
    [
      'by elements of another namespace in the room\u2019s own',
      own.replace(
        '</x>',
        '<item xmlns="urn:x" jid="focus@auth.meet.test/focus"/><status xmlns="urn:x" code="110"/><destroy xmlns="urn:x"/></x>',
      ),
    ],
  ])('is not the focus, not oneself and not a moderator: muc#user %s', (_, inner) => {
    const { wire, room, events } = roomOf();
    wire.hear(`<presence xmlns="jabber:client" from="${ROOM}/mallory1">${inner}</presence>`);
    expect(room.focusSeen).toBe(false);
    expect(room.self).toBeNull();
    expect(room.members.get('mallory1')).toMatchObject({ moderator: false, jid: 'mallory@meet.test/r' });
    wire.hear(`<presence xmlns="jabber:client" type="unavailable" from="${ROOM}/mallory1">${inner}</presence>`);
    expect(events).toEqual([]);
  });

  it('cannot end the call by leaving under the nick of the focus', () => {
    const { wire, room, events } = roomOf();
    wire.hear(presence('focus', '', { jid: 'mallory@meet.test/x' }));
    wire.hear(presence('focus', '<bridgeNotAvailable/>', { jid: 'mallory@meet.test/x' }));
    wire.hear(presence('focus').replace('<presence', '<presence type="unavailable"'));
    expect(events).toEqual([]);
    expect(room.isFocus(`${ROOM}/focus`)).toBe(false);
    wire.hear(presence('focus2', '', FOCUS));
    expect(room.isFocus(`${ROOM}/focus`)).toBe(false);
    expect(room.isFocus(`${ROOM}/focus2`)).toBe(true);
    wire.hear(presence('focus2', '', FOCUS).replace('<presence', '<presence type="unavailable"'));
    expect(events).toEqual(['focusLeft']);
  });

  it('is not the focus where the server does not say which that is, unless it owns the room', () => {
    const { wire, room } = roomOf(null);
    wire.hear(presence('focus', '', { jid: 'mallory@meet.test/x' }));
    expect(room.focusSeen).toBe(false);
    wire.hear(presence('focus', '', FOCUS));
    expect(room.focusSeen).toBe(true);
  });

  it.each(['', 'type="normal"', 'type="chat"', 'type="headline"', 'type="nonsense"'])(
    'says in private what it does not say to all: %s',
    (type) => {
      const { wire, chat } = roomOf();
      wire.hear(message('/mallory1', '<body>psst</body>', type));
      expect(chat.map((m) => m.privateWith)).toEqual(['mallory1']);
      wire.hear(message('', '<body>notice</body>', type));
      expect(chat).toHaveLength(1);
    },
  );

  it('does not choose its time and its name once the past is told', () => {
    const { wire, chat } = roomOf();
    wire.hear(presence('mallory1', '', { jid: 'm@meet.test/r' }));
    const forged =
      '<body>x</body><display-name xmlns="http://jitsi.org/protocol/display-name">The host</display-name><delay xmlns="urn:xmpp:delay" from="ROOM" stamp="2020-01-01T00:00:00Z"/>'.replace(
        'ROOM',
        ROOM,
      );
    wire.hear(message('/gone0001', forged));
    expect(chat[0]).toMatchObject({ at: Date.UTC(2020, 0, 1), fromName: 'The host' });
    wire.hear(message('', '<subject/>'));
    const before = Date.now();
    for (const type of ['type="groupchat"', 'type="chat"', '']) wire.hear(message('/mallory1', forged, type));
    for (const m of chat.slice(1)) {
      expect(m.at).toBeGreaterThanOrEqual(before);
      expect(m.fromName).toBe('');
    }
    expect(chat).toHaveLength(4);
  });

  it('does not say when the past was, nor that it is to come', () => {
    const { wire, chat } = roomOf();
    wire.hear(
      message(
        '/gone0001',
        '<body>x</body><delay xmlns="urn:xmpp:delay" from="mallory@meet.test" stamp="2020-01-01T00:00:00Z"/>',
      ),
    );
    wire.hear(message('/gone0001', '<body>y</body><delay xmlns="urn:xmpp:delay" stamp="2999-01-01T00:00:00Z"/>'));
    wire.hear(message('/gone0001', '<body>z</body><delay xmlns="urn:xmpp:delay" stamp="nonsense"/>'));
    for (const m of chat) expect(Math.abs(m.at - Date.now())).toBeLessThan(10_000);
  });

  it('changes no subject in private, and says nothing in a namespace of its own', () => {
    const { wire, chat, events } = roomOf();
    wire.hear(message('/mallory1', '<subject>pwned</subject>', 'type="chat"'));
    wire.hear(message('/mallory1', '<subject>pwned</subject>', ''));
    wire.hear(message('/mallory1', '<body xmlns="urn:x">x</body>'));
    expect(events).toEqual([]);
    expect(chat).toEqual([]);
  });

  it('cannot say that a message was refused', () => {
    const { wire, room, events } = roomOf();
    const refusal = (id: string) =>
      message(
        '/mallory1',
        '<error type="cancel"><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">call 0900</text></error>',
        `type="error" id="${id}"`,
      );
    wire.hear(refusal('id-0'));
    expect(events).toEqual([]);
    room.sendChat('hi', 'mallory1');
    wire.hear(refusal('id-0'));
    expect(events).toEqual(['chatError']);
  });

  it('has a bounded name, text and number of sources', () => {
    const { wire, room, chat } = roomOf();
    const info = JSON.stringify(
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`mallory1-v${i}`, { muted: false }])),
    );
    const nick = `\u202eevil\u0007 ${'😀'.repeat(5000)}`.replace('\u0007', ' ');
    wire.hear(
      presence(
        'mallory1',
        `<nick xmlns="http://jabber.org/protocol/nick">${nick}</nick><SourceInfo>${info}</SourceInfo>`,
      ),
    );
    const member = room.members.get('mallory1');
    expect([...(member?.name ?? '')]).toHaveLength(ClientLimits.nameLength);
    expect(member?.name.startsWith('evil 😀')).toBe(true);
    expect(Object.keys(member?.sources ?? {})).toHaveLength(ClientLimits.sourcesOfMember);
    wire.hear(message('/mallory1', `<body>${'😀'.repeat(50_000)}</body>`));
    expect([...(chat[0]?.text ?? '')]).toHaveLength(ClientLimits.chatLength);
    const stanza = parseXml(presence('m'));
    for (let i = 0; i < ClientLimits.members + 20; i++) {
      stanza.setAttribute('from', `${ROOM}/m${i}`);
      wire.emit('presence', stanza);
    }
    expect(room.members.size).toBe(ClientLimits.members);
  });
});

describe('answers to requests', () => {
  it.each([
    [null, 'focus.meet.test', true],
    ['focus.meet.test', 'focus.meet.test', true],
    ['focus.meet.test/x', 'focus.meet.test', true],
    ['Focus.Meet.test', 'focus.meet.test', true],
    ['meet.test', undefined, true],
    ['mallory@meet.test/r', undefined, false],
    ['mallory@meet.test/r', 'focus.meet.test', false],
    ['standup@muc.meet.test/mallory1', 'standup@muc.meet.test', false],
    ['standup@muc.meet.test/mallory1', 'standup@muc.meet.test/focus', false],
    ['standup@muc.meet.test', 'standup@muc.meet.test', true],
    ['standup@muc.meet.test/focus', 'standup@muc.meet.test/focus', true],
    ['other@muc.meet.test/focus', 'standup@muc.meet.test/focus', false],
  ])('from %s to what %s was asked: %s', (from, to, expected) => {
    expect(answers(from, to)).toBe(expected);
  });
});

describe('what components say', () => {
  const made = () => {
    const services = new DomainServices({ domain: 'meet.test' } as never, () => {});
    services.onMessage(
      parseXml(
        '<message xmlns="jabber:client" from="meet.test"><query xmlns="http://jabber.org/protocol/disco#info"><identity category="component" type="room_metadata" name="metadata.meet.test"/><identity category="component" type="end_conference" name="room@muc.meet.test/mallory1"/></query></message>',
      ),
    );
    return services;
  };
  const metadata = (from: string, value: unknown) =>
    parseXml(
      `<message xmlns="jabber:client" from="${from}"><json-message xmlns="http://jitsi.org/jitmeet">${JSON.stringify({ type: 'room_metadata', metadata: value })}</json-message></message>`,
    );

  it('is heard from their own address alone', () => {
    const services = made();
    expect(services.onMessage(metadata('metadata.meet.test', { a: 1 }))).toEqual({ a: 1 });
    for (const from of [
      'metadata.meet.test/x',
      'mallory@meet.test',
      'standup@muc.meet.test/mallory1',
      'meet.test',
      '',
    ]) {
      expect(services.onMessage(metadata(from, { a: 1 })), from).toBeNull();
    }
    expect(services.endConferenceAddress).toBeNull();
  });

  it.each([null, 7, 'x', [], { services: 7 }, { services: [null, 7, 'x', {}, { type: 'turn', host: {} }] }])(
    'may be anything: %j',
    (value) => {
      const services = made();
      expect(() => services.onMessage(metadata('metadata.meet.test', value))).not.toThrow();
      expect(services.iceServers).toEqual([]);
    },
  );

  it.each([
    { host: 'a b' },
    { host: 'turn.meet.test?transport=udp' },
    { host: 'x\r\ny' },
    { port: '0' },
    { port: '99999' },
    { port: 'x' },
    { transport: 'tls' },
    { type: 'https' },
  ])('gives no server to the browser that it would refuse: %j', (change) => {
    const good = { type: 'turn', host: 'turn.meet.test', port: '3478', transport: 'udp', username: 'u', password: 'p' };
    expect(iceServer(good)).toHaveLength(1);
    expect(iceServer({ ...good, ...change })).toEqual([]);
  });
});

describe('texts', () => {
  it('are cut between characters', () => {
    expect(limited('a😀b', 2)).toBe('a😀');
    expect(limited('ab', 2)).toBe('ab');
    expect(cleanName('  A\u202e\u0000 nn\n\tB ')).toBe('A nn B');
  });
});

function source(name: string): RemoteSource {
  return { name, owner: name.split('-')[0] ?? '', kind: 'video', videoType: 'camera', ssrcs: [77], groups: [] };
}

function modelOf(): RemoteSdp {
  const jingle = parseXml(sessionInitiate(`{"sources":{${BRIDGE_SOURCES},${ANN_SOURCES}}}`));
  const offer = parseOffer(jingle);
  if (!offer || !child(jingle, 'content')) throw new Error('offer not understood');
  return new RemoteSdp(offer, parseSources(jingle), 'VP8', 'jvb');
}
