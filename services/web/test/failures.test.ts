import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BridgeChannel } from '../src/conference/BridgeChannel';
import { Conference } from '../src/conference/Conference';
import type { ConferenceEvents, ConferenceProblem } from '../src/conference/conferenceEvents';
import { readConfig } from '../src/conference/config';
import { Emitter } from '../src/conference/emitter';
import { LocalMedia } from '../src/conference/LocalMedia';
import { MediaLink } from '../src/conference/MediaLink';
import type { XmppConnection } from '../src/conference/XmppConnection';
import { parseXml } from '../src/conference/xml';
import { problemCode } from '../src/errors/problems';
import { FakePeer, useFakePeer } from './fakePeer';
import { FakeSocket, FakeXmppServer, lastServer, useFakeXmpp } from './fakeXmpp';
import { BRIDGE_SOURCES, sessionInitiate } from './stanzas';

const place = { protocol: 'https:', host: 'meet.test', href: 'https://meet.test/Standup' };
const config = (more: object = {}) =>
  readConfig({ hosts: { domain: 'meet.test', muc: 'muc.meet.test' }, websocket: '/ws', ...more }, place);

const idOf = (xml: string) => /\bid="([^"]+)"/.exec(xml)?.[1] ?? '';
const FOCUS = 'focus@auth.meet.test/focus';

/** What the focus and the room answer; each may be an error. */
interface Script {
  focus?: string;
  room?: string;
}

const READY = `<conference xmlns="http://jitsi.org/protocol/focus" room="standup@muc.meet.test" ready="true" focusjid="${FOCUS}"/>`;
const error = (type: string, content: string) => `<error xmlns="jabber:client" type="${type}">${content}</error>`;
const condition = (name: string) => `<${name} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>`;

/** A person who joins, and the problems that are told; the server answers as the script has it. */
function joining(script: Script = {}, more: { token?: string; config?: object } = {}) {
  const problems: ConferenceProblem[] = [];
  const devices = new LocalMedia({ height: 360, audioProcessing: true });
  const options = { room: 'Standup', name: 'Sam', machineUid: 'm1', token: more.token };
  const conference = new Conference(config(more.config), options, devices);
  const silent = vi.fn();
  conference.on('problem', (problem) => problems.push(problem));
  conference.on('focusSilent', silent);
  const done = conference.join();
  const say = (xml: string) => lastServer().say(xml);
  const answer = (xml: string) => {
    if (xml.includes('<conference')) {
      const content = script.focus ?? READY;
      const type = content.startsWith('<error') ? 'error' : 'result';
      if (content)
        say(`<iq xmlns="jabber:client" type="${type}" id="${idOf(xml)}" from="focus.meet.test">${content}</iq>`);
    } else if (xml.startsWith('<presence') && script.room) {
      const to = /\bto="([^"]+)"/.exec(xml)?.[1];
      say(`<presence xmlns="jabber:client" type="error" from="${to}">${script.room}</presence>`);
    }
  };
  const listen = () => {
    for (const server of FakeXmppServer.servers) server.onStanza = answer;
  };
  return { conference, problems, silent, done, listen, codes: () => problems.map(problemCode) };
}

async function run(person: ReturnType<typeof joining>, ms = 1_000): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    person.listen();
    await vi.advanceTimersByTimeAsync(50);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  useFakeXmpp();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('what goes wrong on the way in', () => {
  it.each([
    [503, 'MESH-HTTP-503'],
    [404, 'MESH-HTTP-404'],
    [200, 'MESH-NET-4'],
    // The page is on another host than the server, here.
    [null, 'MESH-TLS-1'],
  ])('no session opens, and the address answers %s: %s', async (status, code) => {
    FakeSocket.refusing = true;
    vi.stubGlobal('fetch', async () => {
      if (status === null) throw new TypeError('Failed to fetch');
      return { status };
    });
    const person = joining();
    await run(person);
    expect(person.codes()).toEqual([code]);
  });

  it.each([
    ['not-authorized', undefined, 'MESH-AUTH-1'],
    ['not-authorized', 'a.b.c', 'MESH-AUTH-3'],
    ['temporary-auth-failure', undefined, 'MESH-AUTH-7'],
    ['temporary-auth-failure', 'a.b.c', 'MESH-AUTH-7'],
  ])('a login is refused with %s, with the token %s: %s', async (refuse, token, code) => {
    useFakeXmpp({ refuse });
    const person = joining({}, token === undefined ? {} : { token });
    await run(person);
    expect(person.codes()).toEqual([code]);
  });

  it('a domain that takes no guests wants an account', async () => {
    useFakeXmpp({ account: 'open sesame' });
    const person = joining();
    await run(person);
    expect(person.codes()).toEqual(['MESH-AUTH-1']);
  });

  it('focus refuses, with its condition', async () => {
    const person = joining({ focus: error('cancel', condition('internal-server-error')) });
    await run(person);
    expect(person.problems).toEqual([{ kind: 'refused', reason: 'refused', detail: 'internal-server-error' }]);
  });

  it('focus is silent: after a time-out that is said, by us or by who asked it', async () => {
    const asked = joining({ focus: error('wait', condition('remote-server-timeout')) });
    await run(asked);
    expect(asked.codes()).toEqual(['MESH-FOCUS-2']);
    const waited = joining({ focus: '' });
    await run(waited, 17_000);
    expect(waited.codes()).toEqual(['MESH-FOCUS-2']);
  });

  it('focus is not ready three times: people are told once, and it is asked again', async () => {
    const person = joining({ focus: READY.replace('true', 'false') });
    await run(person, 2_500);
    expect(person.silent).not.toHaveBeenCalled();
    await run(person, 20_000);
    expect(person.silent).toHaveBeenCalledTimes(1);
    expect(person.problems).toEqual([]);
    person.conference.leave();
  });

  it.each([
    ['the booking system', error('cancel', `${condition('not-allowed')}<reservation-error/>`), 'MESH-FOCUS-3'],
    [
      'an event that has not begun',
      READY.replace('/>', '><property name="live" value="false"/></conference>'),
      'MESH-FOCUS-5',
    ],
  ])('%s says no', async (_, focus, code) => {
    const person = joining({ focus });
    await run(person);
    expect(person.codes()).toEqual([code]);
  });

  it.each([
    ['its condition', condition('service-unavailable'), 'MESH-ROOM-3'],
    [
      'its code',
      `${condition('resource-constraint')}<code xmlns="urn:jitsimesh:errors">MESH-ROOM-8</code>`,
      'MESH-ROOM-8',
    ],
    [
      'its condition where the code is another’s',
      `${condition('forbidden')}<code xmlns="urn:else">MESH-ROOM-3</code>`,
      'MESH-ROOM-4',
    ],
    [
      'its condition where the code is none',
      `${condition('forbidden')}<code xmlns="urn:jitsimesh:errors">x</code>`,
      'MESH-ROOM-4',
    ],
  ])('the room refuses, known by %s', async (_, content, code) => {
    const person = joining({ room: error('cancel', content) });
    await run(person);
    expect(person.codes()).toEqual([code]);
  });

  it('over HTTP, what is between says that nobody is ready', async () => {
    vi.stubGlobal('fetch', async () => ({ status: 503, ok: false, text: async () => 'No service' }));
    const person = joining({}, { config: { conferenceRequestUrl: '/conference-request/v1' } });
    await run(person);
    expect(person.codes()).toEqual(['MESH-HTTP-503']);
  });
});

describe('a server that stops', () => {
  it.each([
    [1001, 'MESH-SERVER-1'],
    [1012, 'MESH-SERVER-1'],
    [1006, 'MESH-NET-2'],
  ])('closes with %d, and does not know the session when it is back: %s', async (closeCode, code) => {
    useFakeXmpp({ knownSession: false });
    const person = joining();
    await run(person, 200);
    lastServer().cut(closeCode);
    await run(person, 5_000);
    expect(person.codes()).toEqual([code]);
  });

  it('and was only quick: a session that is resumed forgets it', async () => {
    const person = joining();
    await run(person, 200);
    lastServer().cut(1001);
    await run(person, 5_000);
    expect(person.problems).toEqual([]);
    FakeSocket.refusing = true;
    lastServer().cut();
    await run(person, 90_000);
    expect(person.codes()).toEqual(['MESH-NET-2']);
  });
});

describe('media', () => {
  const link = () => {
    const events = new Emitter<ConferenceEvents>();
    const lost: ConferenceProblem[] = [];
    const media = new MediaLink(
      config(),
      {
        tracks: () => ({ audio: null, video: null, desktop: null }),
        iceServers: () => [],
        onRejected: () => {},
        onLost: (problem) => lost.push(problem),
      },
      events,
    );
    const connection = {
      jid: 'me@meet.test/r',
      iq: async () => parseXml('<iq type="result"/>'),
      replyResult: () => {},
      replyError: () => {},
      ping: async () => {},
    } as unknown as XmppConnection;
    const offer = (xml: string) => {
      const iq = parseXml(`<iq xmlns="jabber:client" type="set" from="standup@muc.meet.test/focus">${xml}</iq>`);
      media.onJingle(connection, iq, iq.firstElementChild as Element, '0123abcd');
    };
    return { media, lost, offer, events };
  };

  beforeEach(() => useFakePeer());

  it('that cannot be set up is told at once', async () => {
    const { lost, offer } = link();
    offer('<jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" sid="s1"/>');
    await vi.advanceTimersByTimeAsync(10);
    expect(lost.map(problemCode)).toEqual(['MESH-ICE-2']);
  });

  it('without its channel is told after a moment, until the channel is back', async () => {
    const { media, offer, events } = link();
    const told = vi.fn();
    events.on('channelLost', told);
    offer(sessionInitiate(`{"sources":{${BRIDGE_SOURCES}}}`));
    await vi.advanceTimersByTimeAsync(10);
    FakePeer.last.connectionState = 'connected';
    FakePeer.last.onconnectionstatechange?.();
    await vi.advanceTimersByTimeAsync(7_000);
    expect(told).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told.mock.calls).toEqual([[true]]);
    (media.channel as BridgeChannel).emit('open');
    expect(told.mock.calls).toEqual([[true], [false]]);
    media.close();
  });

  it('that never flows ends the call after the new attempts, as a path that is missing', async () => {
    const { media, offer, lost } = link();
    for (let attempt = 0; attempt < 4; attempt++) {
      offer(sessionInitiate(`{"sources":{${BRIDGE_SOURCES}}}`).replace('sid="7k2q0h1v3m"', `sid="s${attempt}"`));
      await vi.advanceTimersByTimeAsync(10);
      FakePeer.last.connectionState = 'failed';
      FakePeer.last.onconnectionstatechange?.();
      await vi.advanceTimersByTimeAsync(20_000);
    }
    expect(lost.map(problemCode)).toEqual(['MESH-ICE-1']);
    media.close();
  });
});
