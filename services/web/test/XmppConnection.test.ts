import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type IqError, XmppConnection } from '../src/conference/XmppConnection';
import { x } from '../src/conference/xml';
import { FakeSocket, FakeXmppServer, lastServer, useFakeXmpp } from './fakeXmpp';

function make(): XmppConnection {
  return new XmppConnection({
    url: 'wss://meet.test/xmpp-websocket',
    domain: 'meet.test',
    pingDomain: 'meet.test',
    room: 'standup',
    resume: true,
  });
}

describe('XmppConnection', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    useFakeXmpp();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('connects anonymously, names the room in the address and takes the nick from the node', async () => {
    const connection = make();
    await connection.connect();
    expect(lastServer().url).toBe('wss://meet.test/xmpp-websocket?room=standup');
    expect(lastServer().sent.some((s) => s.includes('mechanism="ANONYMOUS"'))).toBe(true);
    expect(connection.nick).toBe('0123abcd');
    expect(connection.status).toBe('online');
    connection.disconnect();
  });

  it('turns on stream management before anything else is sent', async () => {
    const connection = make();
    await connection.connect();
    connection.send(x('message', { to: 'a@b' }));
    await vi.advanceTimersByTimeAsync(10);
    const sent = lastServer().sent;
    expect(sent.findIndex((s) => s.startsWith('<enable'))).toBeLessThan(
      sent.findIndex((s) => s.startsWith('<message')),
    );
    connection.disconnect();
  });

  it('resumes after a cut: same JID, waiting stanzas delivered, previd in the address', async () => {
    const connection = make();
    const statuses: string[] = [];
    await connection.connect();
    connection.on('status', (s) => statuses.push(s));
    const jid = connection.jid;
    lastServer().cut();
    expect(connection.status).toBe('resuming');
    connection.send(x('message', { to: 'a@b', id: 'while-away' }));
    await vi.advanceTimersByTimeAsync(4000);
    expect(connection.status).toBe('online');
    expect(connection.jid).toBe(jid);
    expect(FakeXmppServer.servers).toHaveLength(2);
    expect(lastServer().url).toContain('previd=sm-1');
    expect(lastServer().sent.some((s) => s.startsWith('<resume'))).toBe(true);
    expect(lastServer().sent.some((s) => s.includes('while-away'))).toBe(true);
    expect(statuses).toEqual(['resuming', 'online']);
    connection.disconnect();
  });

  it('names the lost session in every attempt, also after failed ones', async () => {
    const connection = make();
    await connection.connect();
    FakeSocket.refusing = true;
    lastServer().cut();
    await vi.advanceTimersByTimeAsync(10_000);
    FakeSocket.refusing = false;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(connection.status).toBe('online');
    expect(FakeXmppServer.servers.length).toBeGreaterThan(3);
    for (const server of FakeXmppServer.servers.slice(1)) expect(server.url).toContain('previd=sm-1');
    connection.disconnect();
  });

  it('goes on trying for a minute while the server cannot be reached, then gives up', async () => {
    const connection = make();
    const failed = vi.fn();
    connection.on('failed', failed);
    await connection.connect();
    FakeSocket.refusing = true;
    lastServer().cut();
    await vi.advanceTimersByTimeAsync(50_000);
    expect(failed).not.toHaveBeenCalled();
    expect(FakeXmppServer.servers.length).toBeGreaterThan(6);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(failed).toHaveBeenCalledWith('dropped', expect.any(String));
  });

  it('sends again what the lost socket had not delivered', async () => {
    const connection = make();
    await connection.connect();
    connection.send(x('message', { to: 'a@b', id: 'lost' }));
    await vi.advanceTimersByTimeAsync(1);
    lastServer().cut();
    await vi.advanceTimersByTimeAsync(4000);
    expect(lastServer().sent.filter((s) => s.includes('id="lost"'))).toHaveLength(1);
    connection.disconnect();
  });

  it('says dropped when the server no longer knows the session', async () => {
    useFakeXmpp({ knownSession: false });
    const connection = make();
    const failed = vi.fn();
    connection.on('failed', failed);
    await connection.connect();
    lastServer().cut();
    await vi.advanceTimersByTimeAsync(4000);
    expect(failed).toHaveBeenCalledWith('dropped', expect.any(String));
    expect(connection.status).toBe('closed');
  });

  it('matches IQ answers, errors and silence', async () => {
    const connection = make();
    await connection.connect();
    lastServer().onStanza = (xml) => {
      const id = /id="([^"]+)"/.exec(xml)?.[1];
      if (xml.includes('fine')) lastServer().say(`<iq xmlns="jabber:client" type="result" id="${id}"/>`);
      if (xml.includes('bad')) {
        lastServer().say(
          `<iq xmlns="jabber:client" type="error" id="${id}"><error type="cancel"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`,
        );
      }
    };
    await expect(connection.iq(x('iq', { type: 'get' }, x('fine')))).resolves.toBeInstanceOf(Element);
    await expect(connection.iq(x('iq', { type: 'get' }, x('bad')))).rejects.toMatchObject({
      condition: 'item-not-found',
    });
    const silent = connection.iq(x('iq', { type: 'get' }, x('silent')), 1000).catch((e: IqError) => e.condition);
    await vi.advanceTimersByTimeAsync(1001);
    await expect(silent).resolves.toBe('timeout');
    connection.disconnect();
  });

  it('answers requests that nobody takes with service-unavailable', async () => {
    const connection = make();
    await connection.connect();
    lastServer().say('<iq xmlns="jabber:client" type="get" id="q1" from="x@y"><odd xmlns="odd"/></iq>');
    await vi.advanceTimersByTimeAsync(1);
    expect(lastServer().sent.at(-1)).toContain('service-unavailable');
    expect(lastServer().sent.at(-1)).toContain('id="q1"');
    connection.disconnect();
  });

  it('cuts the socket after two pings without an answer, then resumes', async () => {
    const connection = make();
    await connection.connect();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(FakeXmppServer.servers.length).toBeGreaterThan(1);
    connection.disconnect();
  });

  it('takes an answer only from whom it asked', async () => {
    const connection = make();
    await connection.connect();
    let id = '';
    lastServer().onStanza = (xml) => {
      id = /id="([^"]+)"/.exec(xml)?.[1] ?? id;
    };
    const answer = connection.iq(x('iq', { type: 'get', to: 'focus.meet.test' }, x('q')));
    await vi.advanceTimersByTimeAsync(1);
    for (const from of ['mallory@meet.test/r', 'standup@muc.meet.test/mallory1', 'meet.test']) {
      lastServer().say(`<iq xmlns="jabber:client" type="result" id="${id}" from="${from}"><forged/></iq>`);
    }
    lastServer().say(`<iq xmlns="jabber:client" type="result" id="${id}" from="focus.meet.test"><real/></iq>`);
    expect((await answer).firstElementChild?.localName).toBe('real');
    connection.disconnect();
  });

  it('goes on after a stanza that a handler cannot bear, and answers a request exactly once', async () => {
    const connection = make();
    await connection.connect();
    const heard: string[] = [];
    connection.addIqHandler((iq) => {
      if (iq.querySelector('bad')) throw new Error('cannot be read');
      return false;
    });
    connection.on('message', (stanza) => {
      heard.push(stanza.getAttribute('id') ?? '');
      if (heard.length === 1) throw new Error('cannot be read');
    });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    lastServer().say('<iq xmlns="jabber:client" type="set" id="q1" from="x@y"><bad xmlns="odd"/></iq>');
    lastServer().say('<message xmlns="jabber:client" id="m1" from="x@y"/>');
    lastServer().say('<message xmlns="jabber:client" id="m2" from="x@y"/>');
    lastServer().say('<iq xmlns="jabber:client" type="get" id="q2" from="x@y"><ping xmlns="urn:xmpp:ping"/></iq>');
    await vi.advanceTimersByTimeAsync(1);
    expect(heard).toEqual(['m1', 'm2']);
    const answers = lastServer().sent.filter((s) => /id="q[12]"/.test(s));
    expect(answers).toHaveLength(2);
    expect(answers[0]).toContain('internal-server-error');
    expect(answers[1]).toContain('type="result"');
    connection.disconnect();
  });
});
