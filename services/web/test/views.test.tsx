import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import '../src/i18n';
import { App } from '../src/App';
import { ClientLimits } from '../src/conference/limits';
import { problemKey } from '../src/errors/problems';
import { receiveChat } from '../src/store/actions';
import { toast } from '../src/store/notices';
import { callDefaults, get, set, setPreferences, toParticipant } from '../src/store/store';
import type { Participant } from '../src/store/types';
import { completeDom } from './dom';

beforeAll(completeDom);

const person = (id: string, name: string, change: Partial<Participant> = {}): Participant => ({
  id,
  name,
  moderator: false,
  raisedHand: null,
  audioMuted: false,
  videoMuted: true,
  sharing: false,
  quality: null,
  active: true,
  ...change,
});

const MESSAGE = { id: '1', from: 'a', fromName: 'Ann', own: false, privateWith: null, text: 'hi', at: 1 };

function inCall(people: Participant[], more: object = {}) {
  set({
    ...callDefaults(),
    phase: 'call',
    room: 'Standup',
    selfId: 'self0000',
    signalling: 'online',
    media: 'connected',
    participants: Object.fromEntries(people.map((p) => [p.id, p])),
    order: people.map((p) => p.id),
    ...more,
  });
  render(<App />);
}

beforeEach(() => {
  localStorage.clear();
  setPreferences({ name: 'Sam', recent: [], layout: 'auto' });
  set({ ...callDefaults(), phase: 'home', problem: null, deviceProblems: {} });
});
afterEach(cleanup);

describe('home', () => {
  it('refuses names that cannot be rooms and says so', async () => {
    render(<App />);
    await userEvent.type(screen.getByLabelText('Room name'), '???');
    await userEvent.click(screen.getByRole('button', { name: 'Start' }));
    expect(screen.getByRole('alert')).toHaveTextContent('cannot be used');
  });

  it('takes over the suggestion and removes recent rooms', async () => {
    setPreferences({ recent: [{ name: 'OldRoom', at: 1 }] });
    render(<App />);
    await userEvent.click(screen.getByRole('button', { name: /^Use/ }));
    expect(screen.getByLabelText<HTMLInputElement>('Room name').value).toMatch(/^[A-Za-z]+\d{3}$/);
    await userEvent.click(screen.getByRole('button', { name: 'Remove OldRoom from recent rooms' }));
    expect(screen.queryByText('OldRoom')).toBeNull();
  });
});

describe('pre-join', () => {
  it('says how to go on when devices are denied', () => {
    set({ phase: 'prejoin', room: 'Standup', deviceProblems: { audio: 'denied', video: 'denied' } });
    render(<App />);
    expect(screen.getByRole('alert')).toHaveTextContent('blocked');
    expect(screen.getByTestId('join')).toHaveTextContent('Join without camera and microphone');
  });
});

describe('call', () => {
  it('lets a guest wait for the host, and the host sign in', async () => {
    set({ ...callDefaults(), phase: 'waiting', room: 'Standup', signInUrl: null });
    render(<App />);
    expect(within(screen.getByTestId('waiting-for-host')).getByRole('status')).toHaveTextContent(
      /as soon as a host is here/,
    );
    expect(screen.queryByLabelText('Password')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'I am the host' }));
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(screen.getByRole('alert')).toHaveTextContent('Enter your user name and your password.');
  });

  it('leads to the provider where one signs people in', () => {
    set({
      ...callDefaults(),
      phase: 'problem',
      room: 'Standup',
      signInUrl: 'https://login.test/',
      problem: { kind: 'login-required', wrong: false, detail: '' },
    });
    render(<App />);
    expect(screen.getByTestId('sign-in')).toHaveTextContent('Sign in');
    expect(screen.queryByLabelText('Password')).toBeNull();
  });

  it('says in one sentence what is wrong with an invitation', () => {
    expect(problemKey({ kind: 'token', detail: 'Not acceptable by exp (3 sec since expired)' })).toBe('token-expired');
    expect(problemKey({ kind: 'token', detail: 'Invalid signature' })).toBe('token');
  });

  it('offers the link when one is alone', () => {
    inCall([]);
    expect(screen.getByTestId('alone')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Copy link' })).toBeInTheDocument();
  });

  it('names every control', () => {
    inCall([person('a', 'Ann')], { selfModerator: true });
    for (const button of screen.getAllByRole('button')) expect(button).toHaveAccessibleName();
  });

  it('puts a shared screen on stage and the others beside it', () => {
    inCall([person('a', 'Ann', { sharing: true }), person('b', 'Bob')]);
    expect(screen.getByTestId('stage')).toHaveAttribute('data-mode', 'stage');
    expect(screen.getByRole('group', { name: 'Screen of Ann' })).toBeInTheDocument();
    expect(within(screen.getByTestId('filmstrip')).getAllByTestId('tile')).toHaveLength(2);
  });

  it('shows what only moderators may do to moderators only', async () => {
    inCall([person('a', 'Ann', { sharing: true })]);
    await userEvent.click(within(screen.getByRole('group', { name: 'Ann' })).getByRole('button'));
    expect(screen.getByRole('menuitem', { name: 'Pin' })).toBeInTheDocument();
    expect(screen.queryByRole('menuitem', { name: 'Remove from call' })).toBeNull();
    cleanup();
    inCall([person('a', 'Ann', { sharing: true })], { selfModerator: true });
    await userEvent.click(within(screen.getByRole('group', { name: 'Ann' })).getByRole('button'));
    expect(screen.getByRole('menuitem', { name: 'Remove from call' })).toBeInTheDocument();
  });

  it('asks before it removes somebody', async () => {
    inCall([person('a', 'Ann', { sharing: true })], { selfModerator: true });
    await userEvent.click(within(screen.getByRole('group', { name: 'Ann' })).getByRole('button'));
    await userEvent.click(screen.getByRole('menuitem', { name: 'Remove from call' }));
    expect(screen.getByRole('dialog', { name: 'Remove Ann?' })).toBeInTheDocument();
  });

  it('opens panels by key, but not while somebody writes', async () => {
    inCall([person('a', 'Ann')]);
    await userEvent.keyboard('p');
    expect(screen.getByTestId('people-panel')).toBeInTheDocument();
    await userEvent.type(screen.getByRole('searchbox'), 'c');
    expect(screen.queryByTestId('chat-panel')).toBeNull();
  });

  it('sorts raised hands to the top of the list and finds people', async () => {
    inCall([person('a', 'Ann'), person('b', 'Bob', { raisedHand: 5 })], { panel: 'people' });
    const names = () => screen.getAllByTestId('person').map((p) => p.dataset.endpointId);
    expect(names()).toEqual(['self0000', 'b', 'a']);
    await userEvent.type(screen.getByRole('searchbox'), 'ann');
    expect(names()).toEqual(['self0000', 'a']);
  });

  it('makes links of addresses in chat and nothing else', () => {
    inCall([person('a', 'Ann')], {
      panel: 'chat',
      chat: [{ ...MESSAGE, text: 'see https://example.org/x <b>now</b>' }],
    });
    expect(screen.getByRole('link')).toHaveAttribute('href', 'https://example.org/x');
    expect(screen.getByTestId('chat-message')).toHaveTextContent('see https://example.org/x <b>now</b>');
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'blob:x/y',
    'file:///etc/passwd',
    '<a href="javascript:alert(1)">x</a>',
    '<img src=x onerror=alert(1)>',
  ])('makes nothing but text of %s in chat', (text) => {
    inCall([person('a', 'Ann')], { panel: 'chat', chat: [{ ...MESSAGE, text }] });
    const shown = screen.getByTestId('chat-message');
    expect(shown).toHaveTextContent(text, { normalizeWhitespace: false });
    expect(shown.querySelector('a, img, script')).toBeNull();
  });

  it('says which messages are private', () => {
    inCall([person('a', 'Ann')], { panel: 'chat', chat: [{ ...MESSAGE, privateWith: 'a' }] });
    expect(screen.getByTestId('chat-group')).toHaveAttribute('data-private', 'true');
  });

  it('keeps the newest messages when there are too many', () => {
    vi.useFakeTimers();
    for (let i = 0; i < ClientLimits.chatMessages + 5; i++) receiveChat({ ...MESSAGE, id: `m${i}` });
    vi.runAllTimers();
    vi.useRealTimers();
    expect(get().chat).toHaveLength(ClientLimits.chatMessages);
    expect(get().chat.at(-1)?.id).toBe(`m${ClientLimits.chatMessages + 4}`);
  });

  it('tells of lost signalling while the call goes on', () => {
    inCall([person('a', 'Ann')], { signalling: 'resuming' });
    expect(screen.getByTestId('reconnecting')).toHaveTextContent('Reconnecting');
    expect(screen.getByTestId('stage')).toBeInTheDocument();
  });
});

describe('problems', () => {
  it.each([
    [{ kind: 'kicked', by: null, reason: '' } as const, 'kicked', 'A moderator removed you'],
    [{ kind: 'join', reason: 'password', detail: '' } as const, 'password-required', 'Enter the password'],
    [{ kind: 'join', reason: 'full', detail: '' } as const, 'full', 'No more people'],
    [{ kind: 'join', reason: 'error', detail: 'conflict' } as const, 'join', 'conflict'],
    [{ kind: 'no-bridge', detail: '' } as const, 'no-bridge', 'nothing is there to carry'],
  ])('%o', (problem, key, text) => {
    expect(problemKey(problem)).toBe(key);
    set({ phase: 'problem', problem });
    render(<App />);
    expect(screen.getByRole('alert')).toHaveTextContent(text);
    expect(screen.getByRole('button', { name: 'Back to home' })).toBeInTheDocument();
  });
});

describe('participants', () => {
  it('come from presence: sources that are not announced are muted', () => {
    const member = {
      id: 'ann',
      jid: null,
      name: 'Ann',
      moderator: false,
      hidden: false,
      raisedHand: null,
      region: null,
      sources: { 'ann-a0': { muted: false, videoType: 'camera' as const } },
    };
    expect(toParticipant(member)).toMatchObject({ audioMuted: false, videoMuted: true, sharing: false });
    const sharing = { ...member, sources: { 'ann-v1': { muted: false, videoType: 'desktop' as const } } };
    expect(toParticipant(sharing)).toMatchObject({ audioMuted: true, sharing: true });
  });

  it('are announced politely', () => {
    vi.useFakeTimers();
    render(<App />);
    toast('Ann joined');
    toast('Bob joined');
    vi.advanceTimersByTime(1100);
    cleanup();
    render(<App />);
    expect(screen.getByTestId('announcement')).toHaveTextContent('Ann joined. Bob joined');
    vi.useRealTimers();
  });
});
