import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeHash } from '../src/embed/address';
import { scopeOf } from '../src/embed/names';
import { startEmbedding } from '../src/store/embedding';
import { callDefaults, get, set } from '../src/store/store';
import type { Participant } from '../src/store/types';

const PORTAL = 'https://portal.test';
const scope = scopeOf(7);
let sent: {
  to: string;
  params: { type: string; data: Record<string, unknown>; id?: number; result?: unknown; error?: unknown };
}[];
let stop: () => void;
let parent: { postMessage: (text: string, to: string) => void };

function hear(method: string, params: unknown, origin = PORTAL): void {
  const event = new MessageEvent('message', { data: JSON.stringify({ postis: true, scope, method, params }), origin });
  Object.defineProperty(event, 'source', { value: parent });
  window.dispatchEvent(event);
}

const command = (name: string, ...data: unknown[]) => hear('message', { type: 'event', data: { name, data } });
const events = () => sent.filter((m) => m.params.type === 'event').map((m) => m.params.data);
const person = (id: string, more: Partial<Participant> = {}): Participant => ({
  id,
  name: id.toUpperCase(),
  moderator: false,
  raisedHand: null,
  audioMuted: true,
  videoMuted: true,
  sharing: false,
  quality: null,
  active: true,
  ...more,
});

function participants(...people: Participant[]): void {
  set({ participants: Object.fromEntries(people.map((p) => [p.id, p])), order: people.map((p) => p.id) });
}

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  parent = {
    postMessage: (text, to) => {
      const message = JSON.parse(text);
      if (message.method === '__ready__') hear('__ready__', message.params);
      else sent.push({ to, params: message.params });
    },
  };
  Object.defineProperty(window, 'parent', { value: parent, configurable: true });
  history.replaceState(null, '', `/Standup${writeHash(7, { userInfo: { displayName: 'Ann' } })}`);
  set({ ...callDefaults(), phase: 'prejoin', room: 'Standup', problem: null, audioMuted: false, videoMuted: false });
  stop = startEmbedding();
  vi.advanceTimersByTime(200);
});

afterEach(() => {
  stop();
  Object.defineProperty(window, 'parent', { value: window, configurable: true });
  history.replaceState(null, '', '/');
  vi.useRealTimers();
});

describe('a call in a page', () => {
  it('has the name that the page gave', () => expect(get().preferences.name).toBe('Ann'));

  it('tells of joining before the people who are there, and of those who come, change and go', () => {
    participants(person('bob'));
    set({ phase: 'call', selfId: 'me' });
    participants(person('bob', { name: 'Rob', moderator: true }), person('eve'));
    participants(person('eve', { raisedHand: 5 }));

    const told = events();
    expect(told[0]).toEqual({ name: 'video-conference-joined', roomName: 'Standup', id: 'me', displayName: 'Ann' });
    expect(told.slice(1).filter((e) => e.id !== 'me')).toEqual([
      { name: 'participant-joined', id: 'bob', displayName: 'BOB' },
      { name: 'display-name-change', id: 'bob', displayname: 'Rob' },
      { name: 'participant-role-changed', id: 'bob', role: 'moderator' },
      { name: 'participant-joined', id: 'eve', displayName: 'EVE' },
      { name: 'participant-left', id: 'bob' },
      { name: 'raise-hand-updated', id: 'eve', handRaised: 5 },
    ]);
    expect(sent.every((m) => m.to === PORTAL)).toBe(true);
  });

  it('tells of muting, of messages, of the subject and of the end', () => {
    set({ phase: 'call', selfId: 'me' });
    sent = [];
    set({ audioMuted: true });
    set({ videoMuted: true });
    const message = { id: '1', from: 'bob', fromName: 'Bob', own: false, privateWith: null, text: 'hello', at: 0 };
    set({ chat: [message] });
    set({ chat: [message, { ...message, id: '2', own: true, text: 'hi' }] });
    set({ subject: 'Plans' });
    set({ phase: 'left' });

    expect(events()).toEqual([
      { name: 'audio-mute-status-changed', muted: true },
      { name: 'video-mute-status-changed', muted: true },
      {
        name: 'incoming-message',
        from: 'bob',
        nick: 'Bob',
        message: 'hello',
        privateMessage: false,
        stamp: '1970-01-01T00:00:00.000Z',
      },
      { name: 'outgoing-message', message: 'hi', privateMessage: false },
      { name: 'subject-change', subject: 'Plans' },
      { name: 'video-conference-left', roomName: 'Standup' },
      { name: 'video-ready-to-close' },
    ]);
  });

  it.each([
    [{ kind: 'join', reason: 'password', detail: '' } as const, ['password-required']],
    [{ kind: 'unreachable', reason: 'unreachable', status: 0, detail: 'no way' } as const, ['error-occurred']],
    [{ kind: 'kicked', by: null, reason: 'enough' } as const, ['error-occurred', 'video-ready-to-close']],
  ])('tells what went wrong: %o', (problem, names) => {
    set({ phase: 'problem', problem });

    expect(events().map((e) => e.name)).toEqual(names);
  });

  it('does what the page asks for, and what somebody else asks for it does not', () => {
    command('display-name', 'Berta');
    expect(get().preferences.name).toBe('Berta');
    command('toggle-chat');
    expect(get().panel).toBe('chat');
    hear('message', { type: 'event', data: { name: 'toggle-chat', data: [] } }, 'https://evil.test');
    expect(get().panel).toBe('chat');
    command('display-name', 'x'.repeat(5000));
    expect(get().preferences.name).toHaveLength(256);
    command('display-name', { toString: 1 });
    command('nothing', 1);
    command('pin-participant', 'bob');
    expect(get().pinned).toBe('bob-v0');
    set({ phase: 'call', selfId: 'me' });
    command('video-hangup');
    expect(get().phase).toBe('left');
  });

  it('answers questions', async () => {
    set({ audioMuted: true });
    hear('message', { type: 'request', id: 1, data: { name: 'is-audio-muted' } });
    hear('message', { type: 'request', id: 2, data: { name: 'is-secret' } });
    await vi.advanceTimersByTimeAsync(10);

    expect(sent.filter((m) => m.params.type === 'response').map((m) => m.params)).toEqual([
      { type: 'response', id: 1, result: true },
      { type: 'response', id: 2, error: 'unknown request is-secret' },
    ]);
  });
});
