import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readHash } from '../src/embed/address';
import { scopeOf } from '../src/embed/names';
import { JitsiMeetExternalAPI } from '../src/external/JitsiMeetExternalAPI';

const ORIGIN = 'https://meet.test:8443';
let api: JitsiMeetExternalAPI;
let parent: HTMLElement;
/** What the page sent to the frame. */
let sent: { method: string; params: { type: string; data: Record<string, unknown>; id: number } }[];
let scope = '';

function hear(method: string, params: unknown, origin = ORIGIN): void {
  const event = new MessageEvent('message', { data: JSON.stringify({ postis: true, scope, method, params }), origin });
  Object.defineProperty(event, 'source', { value: api.getIFrame().contentWindow });
  window.dispatchEvent(event);
}

const tell = (name: string, data: object = {}) => hear('message', { type: 'event', data: { ...data, name } });

beforeEach(() => {
  vi.useFakeTimers();
  parent = document.createElement('div');
  document.body.append(parent);
  api = new JitsiMeetExternalAPI('meet.test:8443', {
    roomName: 'acme/Stand up',
    parentNode: parent,
    width: 700,
    height: '50%',
    jwt: 't.o.k',
    userInfo: { displayName: 'Ann' },
    configOverwrite: { startWithAudioMuted: true, prejoinConfig: { enabled: false } },
  });
  scope = scopeOf(readHash(new URL(api.getIFrame().src).hash).id ?? '');
  sent = [];
  const window = api.getIFrame().contentWindow as Window;
  vi.spyOn(window, 'postMessage').mockImplementation(((text: string, to: string) => {
    expect(to).toBe(ORIGIN);
    const message = JSON.parse(text);
    if (message.method === '__ready__') hear('__ready__', message.params);
    else sent.push(message);
  }) as never);
  vi.advanceTimersByTime(200);
});

afterEach(() => {
  api.dispose();
  parent.remove();
  vi.useRealTimers();
});

describe('JitsiMeetExternalAPI', () => {
  it('puts the call into the node with its room, token and wishes', () => {
    const frame = api.getIFrame();
    const url = new URL(frame.src);

    expect(frame.parentNode).toBe(parent);
    expect(url.origin + url.pathname).toBe(`${ORIGIN}/acme/Stand%20up`);
    expect(url.searchParams.get('jwt')).toBe('t.o.k');
    expect(readHash(url.hash)).toMatchObject({
      displayName: 'Ann',
      config: { startWithAudioMuted: true, 'prejoinConfig.enabled': false },
    });
    expect([frame.style.width, frame.style.height]).toEqual(['700px', '50%']);
    for (const feature of ['camera', 'microphone', 'display-capture']) expect(frame.allow).toContain(feature);
  });

  it.each([
    ['toggleAudio', [], 'toggle-audio'],
    ['toggleVideo', [], 'toggle-video'],
    ['hangup', [], 'video-hangup'],
    ['displayName', ['Bob'], 'display-name'],
    ['subject', ['Plans'], 'subject'],
  ])('sends %s', (command, values, name) => {
    api.executeCommand(command, ...values);

    expect(sent.map((m) => m.params)).toEqual([{ type: 'event', data: { data: values, name } }]);
  });

  it('sends no command that it does not know', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    api.executeCommand('constructor');
    api.executeCommand('overwriteConfig', {});

    expect(sent).toEqual([]);
    expect(told).toHaveBeenCalledTimes(2);
  });

  it('tells listeners what happens, and knows who is there', () => {
    const heard: unknown[] = [];
    for (const event of [
      'videoConferenceJoined',
      'participantJoined',
      'participantLeft',
      'displayNameChange',
      'readyToClose',
    ])
      api.on(event, (data) => heard.push([event, data]));
    tell('video-conference-joined', { roomName: 'standup', id: 'me', displayName: 'Ann' });
    tell('participant-joined', { id: 'b', displayName: 'Bob' });
    tell('participant-joined', { id: 'c', displayName: '' });
    tell('display-name-change', { id: 'b', displayname: 'Rob' });
    tell('participant-left', { id: 'c' });
    tell('nothing-known', {});
    tell('constructor', {});

    expect(api.getParticipantsInfo()).toEqual([
      { participantId: 'me', displayName: 'Ann', formattedDisplayName: 'Ann (me)' },
      { participantId: 'b', displayName: 'Rob', formattedDisplayName: 'Rob' },
    ]);
    expect(api.getNumberOfParticipants()).toBe(2);
    tell('video-conference-left', { roomName: 'standup' });
    tell('video-ready-to-close');
    expect(api.getNumberOfParticipants()).toBe(0);
    expect(heard).toEqual([
      ['videoConferenceJoined', { roomName: 'standup', id: 'me', displayName: 'Ann' }],
      ['participantJoined', { id: 'b', displayName: 'Bob' }],
      ['participantJoined', { id: 'c', displayName: '' }],
      ['displayNameChange', { id: 'b', displayname: 'Rob' }],
      ['participantLeft', { id: 'c' }],
      ['readyToClose', {}],
    ]);
  });

  it('does not believe another origin', () => {
    const heard = vi.fn();
    api.on('readyToClose', heard);
    hear('message', { type: 'event', data: { name: 'video-ready-to-close' } }, 'https://evil.test');

    expect(heard).not.toHaveBeenCalled();
  });

  it('asks the call', async () => {
    const muted = api.isAudioMuted();
    expect(sent[0]?.params).toEqual({ type: 'request', data: { name: 'is-audio-muted' }, id: 1 });
    hear('message', { type: 'response', id: 1, result: true });

    expect(await muted).toBe(true);
  });

  it('lets listeners go, and survives one that throws', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    const kept = vi.fn();
    const gone = vi.fn();
    const once = vi.fn();
    api.on('audioMuteStatusChanged', () => {
      throw new Error('mine');
    });
    api.addEventListeners({ audioMuteStatusChanged: kept });
    api.addListener('audioMuteStatusChanged', gone);
    api.removeListener('audioMuteStatusChanged', gone);
    api.once('audioMuteStatusChanged', once);
    tell('audio-mute-status-changed', { muted: true });
    tell('audio-mute-status-changed', { muted: false });

    expect(kept.mock.calls).toEqual([[{ muted: true }], [{ muted: false }]]);
    expect(once).toHaveBeenCalledTimes(1);
    expect(gone).not.toHaveBeenCalled();
    expect(told).toHaveBeenCalledTimes(2);
  });

  it('is gone when it is disposed of', () => {
    const heard = vi.fn();
    api.on('readyToClose', heard);
    const window = api.getIFrame().contentWindow;
    api.dispose();

    expect(parent.children).toHaveLength(0);
    expect(window).not.toBeNull();
  });
});
