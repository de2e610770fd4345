import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import '../src/i18n';
import { App } from '../src/App';
import { joinFailure } from '../src/conference/joinFailure';
import { whyUnreachable } from '../src/conference/reachability';
import { parseXml } from '../src/conference/xml';
import { type ErrorKey, errorCodes } from '../src/errors/codes';
import { loginKey, problemCode, problemKey } from '../src/errors/problems';
import en from '../src/i18n/en.json';
import { signIn } from '../src/store/actions';
import { problemDetails } from '../src/store/details';
import { callDefaults, set, setPreferences } from '../src/store/store';
import type { Problem } from '../src/store/types';
import { completeDom } from './dom';

beforeAll(completeDom);

beforeEach(() => {
  localStorage.clear();
  setPreferences({ name: 'Sam', recent: [] });
  set({ ...callDefaults(), phase: 'home', problem: null, problemAt: null, deviceProblems: {} });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const PROBLEMS: [Problem, string][] = [
  [{ kind: 'config', detail: 'config.js: hosts.domain is missing' }, 'MESH-SETUP-1'],
  [{ kind: 'unsupported', detail: '' }, 'MESH-SETUP-2'],
  [{ kind: 'unreachable', reason: 'unreachable', status: 0, detail: '' }, 'MESH-NET-1'],
  [{ kind: 'unreachable', reason: 'offline', status: 0, detail: '' }, 'MESH-NET-3'],
  [{ kind: 'unreachable', reason: 'untrusted', status: 0, detail: '' }, 'MESH-TLS-1'],
  [{ kind: 'unreachable', reason: 'answers', status: 502, detail: '' }, 'MESH-HTTP-502'],
  [{ kind: 'unreachable', reason: 'answers', status: 503, detail: '' }, 'MESH-HTTP-503'],
  [{ kind: 'unreachable', reason: 'answers', status: 404, detail: '' }, 'MESH-HTTP-404'],
  [{ kind: 'unreachable', reason: 'answers', status: 200, detail: '' }, 'MESH-NET-4'],
  [{ kind: 'unreachable', reason: 'answers', status: 400, detail: '' }, 'MESH-NET-4'],
  [{ kind: 'dropped', detail: '' }, 'MESH-NET-2'],
  [{ kind: 'server-down', detail: '' }, 'MESH-SERVER-1'],
  [{ kind: 'auth-silent', detail: '' }, 'MESH-AUTH-7'],
  [{ kind: 'login-required', wrong: false, detail: '' }, 'MESH-AUTH-1'],
  [{ kind: 'login-required', wrong: true, detail: '' }, 'MESH-AUTH-2'],
  [{ kind: 'token', detail: 'Invalid signature' }, 'MESH-AUTH-3'],
  [{ kind: 'token', detail: 'Not acceptable by exp (3 sec since expired)' }, 'MESH-AUTH-4'],
  [{ kind: 'join', reason: 'token-room', detail: '' }, 'MESH-AUTH-5'],
  [{ kind: 'refused', reason: 'login-ended', detail: '' }, 'MESH-AUTH-6'],
  [{ kind: 'join', reason: 'password', detail: '' }, 'MESH-ROOM-1'],
  [{ kind: 'join', reason: 'members-only', detail: '' }, 'MESH-ROOM-2'],
  [{ kind: 'join', reason: 'full', detail: '' }, 'MESH-ROOM-3'],
  [{ kind: 'join', reason: 'banned', detail: '' }, 'MESH-ROOM-4'],
  [{ kind: 'join', reason: 'room-gone', detail: '' }, 'MESH-ROOM-5'],
  [{ kind: 'join', reason: 'display-name', detail: '' }, 'MESH-ROOM-6'],
  [{ kind: 'join', reason: 'error', detail: 'conflict' }, 'MESH-ROOM-7'],
  [{ kind: 'join', reason: 'error', detail: '', code: 'MESH-ROOM-8' }, 'MESH-ROOM-8'],
  [{ kind: 'join', reason: 'full', detail: '', code: 'no such code' }, 'MESH-ROOM-3'],
  [{ kind: 'kicked', by: null, reason: '' }, 'MESH-ROOM-9'],
  [{ kind: 'ended', reason: '' }, 'MESH-ROOM-10'],
  [{ kind: 'refused', reason: 'refused', detail: 'internal-server-error' }, 'MESH-FOCUS-1'],
  [{ kind: 'refused', reason: 'focus-silent', detail: 'timeout' }, 'MESH-FOCUS-2'],
  [{ kind: 'refused', reason: 'reservation', detail: '' }, 'MESH-FOCUS-3'],
  [{ kind: 'focus-left', detail: '' }, 'MESH-FOCUS-4'],
  [{ kind: 'refused', reason: 'not-started', detail: '' }, 'MESH-FOCUS-5'],
  [{ kind: 'no-bridge', detail: '' }, 'MESH-BRIDGE-1'],
  [{ kind: 'media', reason: 'ice', detail: '' }, 'MESH-ICE-1'],
  [{ kind: 'media', reason: 'negotiation', detail: '' }, 'MESH-ICE-2'],
];

/** What is not shown as a page of its own. */
const ELSEWHERE = /^(device-|channel$|http-(400|405)$)/;

describe('a problem', () => {
  it.each(PROBLEMS)('%o is told with its code', (problem, code) => {
    set({ phase: 'problem', problem, room: 'Standup' });
    render(<App />);
    expect(problemCode(problem)).toBe(code);
    expect(screen.getByTestId('error-code')).toHaveTextContent(`Code ${code}`);
    expect(screen.getByTestId('problem').dataset.problem).toBe(problemKey(problem));
    expect(screen.getByRole('heading', { level: 1 }).textContent).not.toMatch(/problem\./);
    // One sentence that says what to do: nothing is left of a placeholder, and no key stands in its place.
    const [alert] = screen.getAllByRole('alert');
    expect(alert?.textContent).not.toMatch(/[{}]|problem\.|undefined/);
  });

  it('has a page for each code, in one sentence', () => {
    const shown = new Set(PROBLEMS.map(([problem]) => problemKey(problem)));
    const texts = en.problem as unknown as Record<string, { title: string; text: string }>;
    for (const key of Object.keys(errorCodes) as ErrorKey[]) {
      if (ELSEWHERE.test(key)) continue;
      expect(texts[key]?.title, key).toBeTruthy();
      expect(texts[key]?.text.replaceAll(/\{\{\w+\}\}/g, '').match(/\. [A-Z]/g) ?? [], key).toEqual([]);
      if (!key.startsWith('http-')) expect(shown.has(key) || key === 'password-tries', key).toBe(true);
    }
  });

  it('names every device problem with its code before joining', () => {
    for (const problem of ['denied', 'missing', 'busy', 'insecure', 'failed'] as const) {
      set({ phase: 'prejoin', room: 'Standup', deviceProblems: { audio: problem } });
      render(<App />);
      expect(screen.getByTestId('device-problem')).toHaveTextContent(errorCodes[`device-${problem}`]);
      cleanup();
    }
  });

  it('says while joining that the focus is silent, and that it is asked again', () => {
    set({ phase: 'joining', room: 'Standup', focusSilent: true });
    render(<App />);
    expect(screen.getByTestId('focus-silent')).toHaveTextContent('MESH-FOCUS-2');
  });

  it('says in the call that the bridge channel is lost, while the media is there', () => {
    set({ ...callDefaults(), phase: 'call', signalling: 'online', media: 'connected', channelLost: true });
    render(<App />);
    expect(screen.getByTestId('channel-lost')).toHaveTextContent('MESH-BRIDGE-2');
    cleanup();
    set({ media: 'interrupted' });
    render(<App />);
    expect(screen.queryByTestId('channel-lost')).toBeNull();
    expect(screen.getByTestId('media-interrupted')).toHaveTextContent('MESH-ICE-1');
  });

  it('has a code where a sign-in within the call fails', async () => {
    expect([loginKey('wrong'), loginKey('auth-silent'), loginKey('unreachable'), loginKey('refused')]).toEqual([
      'login-wrong',
      'auth-silent',
      'unreachable',
      'refused',
    ]);
    expect(await signIn('', '')).toBe('Enter your user name and your password.');
  });
});

describe('the details', () => {
  const FACTS = {
    phase: 'problem',
    problem: { kind: 'no-bridge', detail: '' },
    problemAt: '2026-11-30T12:00:00.000Z',
    room: 'Standup',
    meetingId: '7f0c-meeting',
    selfId: '0123abcd',
  } as const;

  it('hold what an operator asks for, and nothing that lets somebody in', () => {
    history.replaceState(null, '', '/Standup?jwt=a.b.c');
    set(FACTS);
    const details = problemDetails();
    for (const line of [
      'code: MESH-BRIDGE-1',
      'time: 2026-11-30T12:00:00.000Z',
      'room: Standup',
      'meeting: 7f0c-meeting',
      'participant: 0123abcd',
    ])
      expect(details.split('\n')).toContain(line);
    expect(details).not.toContain('a.b.c');
    history.replaceState(null, '', '/');
  });

  it('are copied by one button', async () => {
    const user = userEvent.setup();
    set(FACTS);
    render(<App />);
    await user.click(screen.getByRole('button', { name: 'Copy details' }));
    expect(await navigator.clipboard.readText()).toBe(problemDetails());
    expect(screen.getByRole('button', { name: 'Details copied' })).toBeInTheDocument();
  });

  it('are offered after a call that went to its end too', async () => {
    const user = userEvent.setup();
    set({ ...FACTS, phase: 'left', problem: null, problemAt: null, joinedAt: Date.now() });
    render(<App />);
    await user.click(screen.getByRole('button', { name: 'Copy details' }));
    const copied = await navigator.clipboard.readText();
    expect(copied).toContain('code: none');
    expect(copied).toContain('participant: 0123abcd');
  });

  it('are shown where the browser does not let the page copy', async () => {
    const user = userEvent.setup();
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('no', 'NotAllowedError'));
    set(FACTS);
    render(<App />);
    await user.click(screen.getByRole('button', { name: 'Copy details' }));
    expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Details, to be copied' }).value).toContain(
      'meeting: 7f0c-meeting',
    );
    expect(screen.queryByRole('button', { name: 'Details copied' })).toBeNull();
  });
});

describe('why no session could be opened', () => {
  const here = 'https://meet.test';
  const config = { websocketUrl: 'wss://meet.test/xmpp-websocket', boshUrl: 'https://meet.test/http-bind' };
  const asked = (...answers: (number | Error)[]) => {
    const calls: [string, RequestInit][] = [];
    vi.stubGlobal('fetch', async (url: URL, init: RequestInit) => {
      calls.push([url.href, init]);
      const answer = answers.shift();
      if (answer === undefined || answer instanceof Error) throw answer ?? new TypeError('Failed to fetch');
      return { status: answer };
    });
    return calls;
  };

  it('is how the address of BOSH answers, asked for without cookies', async () => {
    const calls = asked(503);
    expect(await whyUnreachable(config, here)).toEqual({ reason: 'answers', status: 503 });
    expect(calls).toHaveLength(1);
    expect(calls[0]?.[0]).toBe(config.boshUrl);
    expect(calls[0]?.[1]).toMatchObject({ credentials: 'omit', cache: 'no-store' });
  });

  it('is asked of the WebSocket over HTTP where there is no BOSH', async () => {
    const calls = asked(426);
    expect(await whyUnreachable({ ...config, boshUrl: null }, here)).toEqual({ reason: 'answers', status: 426 });
    expect(calls[0]?.[0]).toBe('https://meet.test/xmpp-websocket');
  });

  it('can be a certificate only where another host is asked, that does not answer at all', async () => {
    asked();
    expect(await whyUnreachable(config, here)).toEqual({ reason: 'unreachable', status: 0 });
    const calls = asked();
    expect(await whyUnreachable(config, 'https://page.test')).toEqual({ reason: 'untrusted', status: 0 });
    expect(calls.map(([, init]) => init.mode)).toEqual(['cors', 'no-cors']);
    asked(new TypeError('CORS'), 0);
    expect(await whyUnreachable(config, 'https://page.test')).toEqual({ reason: 'answers', status: 0 });
    asked();
    const plain = { websocketUrl: null, boshUrl: 'http://xmpp.test/http-bind' };
    expect(await whyUnreachable(plain, 'http://page.test')).toEqual({ reason: 'unreachable', status: 0 });
  });

  it('is the network where the browser says so, and then nobody is asked', async () => {
    const calls = asked(200);
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    expect(await whyUnreachable(config, here)).toEqual({ reason: 'offline', status: 0 });
    expect(calls).toHaveLength(0);
  });

  it('is not waited for without end', async () => {
    vi.useFakeTimers();
    vi.stubGlobal(
      'fetch',
      (_: URL, { signal }: RequestInit) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted')))),
    );
    const why = whyUnreachable(config, here);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await why).toEqual({ reason: 'unreachable', status: 0 });
    vi.useRealTimers();
  });
});

describe('a refused join', () => {
  const error = (content: string) => parseXml(`<error xmlns="jabber:client">${content}</error>`);

  it('tells a token for another room, a ban and too many passwords from the rest', () => {
    expect(joinFailure('not-allowed', error(''), 'Room and token mismatched')).toBe('token-room');
    expect(joinFailure('not-allowed', error('<room-mismatch xmlns="http://jitsi.org/jitmeet"/>'), '')).toBe(
      'token-room',
    );
    expect(joinFailure('forbidden', error(''), '')).toBe('banned');
    expect(joinFailure('resource-constraint', error(''), 'Too many passwords')).toBe('password-tries');
    expect(joinFailure('resource-constraint', error(''), '')).toBe('error');
    expect(joinFailure('not-allowed', error(''), '')).toBe('error');
  });
});
