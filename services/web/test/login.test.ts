import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConferenceRequest, type RequestOptions } from '../src/conference/ConferenceRequest';
import { type MeshConfig, readConfig } from '../src/conference/config';
import { localPart, logIn, logOut, signInAddress, tokenName, webAddress } from '../src/conference/Login';
import { loginSession } from '../src/conference/loginSession';
import { XmppConnection } from '../src/conference/XmppConnection';
import { FakeXmppServer, lastServer, useFakeXmpp } from './fakeXmpp';

const place = { protocol: 'https:', host: 'meet.test', href: 'https://meet.test/Standup' };
const config = (more: object = {}): MeshConfig =>
  readConfig(
    {
      hosts: { domain: 'meet.test', anonymousdomain: 'guest.meet.test', muc: 'muc.meet.test' },
      websocket: '/ws',
      ...more,
    },
    place,
  );

/** PLAIN as RFC 4616 writes it: [authzid] NUL authcid NUL password. */
const ANN = '\0ann\0open sesame';

const idOf = (xml: string) => /\bid="([^"]+)"/.exec(xml)?.[1] ?? '';
const conferences = (server: FakeXmppServer) => server.sent.filter((xml) => xml.includes('<conference'));

function answersWith(...contents: string[]): (xml: string) => void {
  return (xml) => {
    if (!xml.includes('<conference') && !xml.includes('<logout')) return;
    const content = contents.length > 1 ? contents.shift() : contents[0];
    const type = content?.startsWith('<error') ? 'error' : 'result';
    lastServer().say(
      `<iq xmlns="jabber:client" type="${type}" id="${idOf(xml)}" from="focus.meet.test">${content}</iq>`,
    );
  };
}

const REFUSED = '<error type="auth"><not-authorized xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>';
const ready = (attributes = '') =>
  `<conference xmlns="http://jitsi.org/protocol/focus" room="standup@muc.meet.test" ready="true" ${attributes}/>`;

const options = (more: Partial<RequestOptions> = {}): RequestOptions => ({
  roomJid: 'standup@muc.meet.test',
  roomNode: 'standup',
  focusAddress: 'focus.meet.test',
  httpUrl: null,
  machineUid: 'm1',
  startAudioMuted: null,
  startVideoMuted: null,
  ...more,
});

async function guest(): Promise<XmppConnection> {
  const connection = new XmppConnection({
    url: 'wss://meet.test/ws',
    domain: 'guest.meet.test',
    pingDomain: 'meet.test',
    room: 'standup',
    resume: false,
  });
  await connection.connect();
  return connection;
}

describe('where the browser keeps nothing', () => {
  const denied = () => {
    throw new DOMException('Access is denied for this document.', 'SecurityError');
  };

  it('a login lasts as long as the page, and a sign-in elsewhere is not offered', async () => {
    for (const method of ['getItem', 'setItem', 'removeItem'] as const)
      vi.spyOn(Storage.prototype, method).mockImplementation(denied);
    expect(loginSession.get()).toBeNull();
    loginSession.set('s1');
    expect(loginSession.get()).toBe('s1');
    loginSession.clear();
    expect(loginSession.get()).toBeNull();
    const url = 'https://login.test/?room={room}&code_challenge={code_challenge}';
    expect(await signInAddress(config({ tokenAuthUrl: url }), 'Standup')).toBeNull();
  });
});

describe('signing in', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    sessionStorage.clear();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('opens the room with the account and keeps the session id', async () => {
    useFakeXmpp({ account: ANN, jid: 'ann@meet.test/r' });
    const done = logIn(config(), 'Standup', 'm1', { username: 'ann', password: 'open sesame' });
    await vi.waitFor(() => expect(FakeXmppServer.servers).toHaveLength(1));
    lastServer().onStanza = answersWith(ready('session-id="s-1" identity="ann@meet.test"'));
    expect(await done).toEqual({ identity: 'ann@meet.test' });
    expect(loginSession.get()).toBe('s-1');
    expect(conferences(lastServer())[0]).toContain('machine-uid="m1"');
  });

  it('tells a wrong password from a server that is away', async () => {
    useFakeXmpp({ account: ANN });
    const wrong = logIn(config(), 'Standup', 'm1', { username: 'ann', password: 'guess' });
    await expect(wrong).rejects.toMatchObject({ reason: 'wrong' });
    expect(loginSession.get()).toBeNull();
  });

  it('says so when the server gives no session', async () => {
    useFakeXmpp({ account: ANN, jid: 'ann@meet.test/r' });
    const done = logIn(config(), 'Standup', 'm1', { username: 'ann', password: 'open sesame' });
    await vi.waitFor(() => expect(FakeXmppServer.servers).toHaveLength(1));
    lastServer().onStanza = answersWith(ready());
    await expect(done).rejects.toMatchObject({ reason: 'refused' });
  });

  it('needs an account where the domain takes no guests', async () => {
    useFakeXmpp({ account: ANN });
    await expect(guest()).rejects.toMatchObject({ reason: 'login-required' });
  });

  it('lets a guest wait, ask every five seconds, and come in with the host', async () => {
    useFakeXmpp();
    const connection = await guest();
    const waited = vi.fn();
    lastServer().onStanza = answersWith(REFUSED, REFUSED, ready());
    const done = new ConferenceRequest(connection, options({ onWaitingForHost: waited })).run();
    await vi.advanceTimersByTimeAsync(4_900);
    expect(conferences(lastServer())).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(conferences(lastServer())).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await done).properties).toEqual({});
    expect(waited).toHaveBeenCalledTimes(2);
    connection.disconnect();
  });

  it('asks at once, with the session id, when the guest turned out to be the host', async () => {
    useFakeXmpp();
    const connection = await guest();
    lastServer().onStanza = answersWith(REFUSED, ready('session-id="s-1" identity="ann@meet.test"'));
    const request = new ConferenceRequest(connection, options({ onWaitingForHost: () => {} }));
    const done = request.run();
    await vi.advanceTimersByTimeAsync(100);
    loginSession.set('s-1');
    request.hurry();
    expect((await done).identity).toBe('ann@meet.test');
    expect(conferences(lastServer())[1]).toContain('session-id="s-1"');
    connection.disconnect();
  });

  it.each([
    ['refused', REFUSED],
    ['let in as a guest', ready()],
  ])('asks again when the user signed in while the request of the guest was on its way, and %s', async (_, first) => {
    useFakeXmpp();
    const connection = await guest();
    lastServer().onStanza = () => {};
    const request = new ConferenceRequest(connection, options({ onWaitingForHost: () => {} }));
    const done = request.run();
    await vi.advanceTimersByTimeAsync(100);
    loginSession.set('s-1');
    expect(request.hurry()).toBe(true);
    const answer = answersWith(first, ready('session-id="s-1" identity="ann@meet.test"'));
    lastServer().onStanza = answer;
    answer(conferences(lastServer())[0] ?? '');
    await vi.advanceTimersByTimeAsync(100);
    expect((await done).identity).toBe('ann@meet.test');
    expect(conferences(lastServer())[1]).toContain('session-id="s-1"');
    expect(request.hurry()).toBe(false);
    connection.disconnect();
  });

  it('stops waiting when the guest leaves', async () => {
    useFakeXmpp();
    const connection = await guest();
    lastServer().onStanza = answersWith(REFUSED);
    const request = new ConferenceRequest(connection, options({ onWaitingForHost: () => {} }));
    const done = expect(request.run()).rejects.toMatchObject({ reason: 'cancelled' });
    await vi.advanceTimersByTimeAsync(100);
    request.cancel();
    await done;
    connection.disconnect();
  });

  it('ends the session at the focus, and forgets it even where the focus knows none', async () => {
    useFakeXmpp();
    const connection = await guest();
    loginSession.set('s-1');
    lastServer().onStanza = answersWith(
      '<logout xmlns="http://jitsi.org/protocol/focus" logout-url="https%3A%2F%2Flogin.test%2Fout"/>',
    );
    expect(await logOut(connection, 'focus.meet.test')).toBe('https://login.test/out');
    expect(lastServer().sent.find((xml) => xml.includes('<logout'))).toContain('session-id="s-1"');
    loginSession.set('s-2');
    lastServer().onStanza = answersWith(REFUSED);
    expect(await logOut(connection, 'focus.meet.test')).toBeNull();
    expect(loginSession.get()).toBeNull();
    connection.disconnect();
  });

  it('leads to the provider with its placeholders filled, and to pages alone', async () => {
    expect(await signInAddress(config(), 'Stand up')).toBeNull();
    const url = await signInAddress(
      config({ tokenAuthUrl: 'https://login.test/{room}?state={state}&c={code_challenge}' }),
      'Stand up',
    );
    const parsed = new URL(url ?? '');
    expect(parsed.pathname).toBe('/Stand%20up');
    expect(JSON.parse(parsed.searchParams.get('state') ?? '')).toMatchObject({ room: 'Stand up', platform: 'browser' });
    expect(parsed.searchParams.get('c')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await signInAddress(config({ tokenAuthUrl: 'javascript:alert(1)' }), 'x')).toBeNull();
    expect(webAddress('data:text/html,x')).toBeNull();
  });

  it('takes the name of a token, and nothing of what is none', () => {
    const token = (payload: string) =>
      `h.${btoa(String.fromCharCode(...new TextEncoder().encode(payload))).replaceAll('=', '')}.s`;
    expect(tokenName(token('{"context":{"user":{"name":" Ann Übel "}}}'))).toBe('Ann Übel');
    for (const wrong of [
      null,
      '',
      'x',
      'a.b.c',
      token('[]'),
      token('null'),
      token('{"context":{"user":{"name":7}}}'),
    ]) {
      expect(tokenName(wrong)).toBeNull();
    }
    expect(config({ tokenLogoutUrl: 'https://meet.test/oidc/logout' }).tokenLogoutUrl).toBe(
      'https://meet.test/oidc/logout',
    );
  });

  it('takes the local part of what people type', () => {
    expect([' ann ', 'ann@meet.test', ''].map(localPart)).toEqual(['ann', 'ann', '']);
  });
});
