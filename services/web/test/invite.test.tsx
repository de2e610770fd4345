import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import '../src/i18n';
import { App } from '../src/App';
import { credentialHeaders, readPeople, SearchError, searchPeople } from '../src/conference/directory';
import { ClientLimits } from '../src/conference/limits';
import { loginSession } from '../src/conference/loginSession';
import { startApplication } from '../src/store/actions';
import { copyInvite, copyInviteText, inviteMail, openInvite, setInviteQuery } from '../src/store/invitations';
import { pageToken } from '../src/store/pageToken';
import { callDefaults, get, set, setPreferences } from '../src/store/store';
import { completeDom } from './dom';

beforeAll(completeDom);

const ANN = {
  id: 'ann@x.test',
  type: 'user',
  name: 'Ann Green',
  email: 'ann@x.test',
  organization: 'X',
  department: 'Y',
};
const BOB = { id: 'Bob', type: 'user', name: 'Bob', numbers: [{ number: '+4930', kind: 'work' }] };
const CARL = { id: 'carl@x.test', type: 'user', name: 'Carl', email: 'carl@x.test' };

type Answer = { status?: number; body?: unknown; headers?: Record<string, string> };
let answers: Answer[] = [];
let asked: { url: URL; init: RequestInit }[] = [];

function withDirectory(config: object = {}): void {
  (window as unknown as { config: unknown }).config = {
    hosts: { domain: 'meet.test', anonymousdomain: 'guest.meet.test' },
    websocket: '/ws',
    peopleSearchUrl: `${location.origin}/people-search`,
    peopleSearchQueryTypes: ['user', 'conferenceRooms'],
    ...config,
  };
  answers = [];
  asked = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    asked.push({ url: new URL(url), init });
    if (init.signal?.aborted) throw new DOMException('aborted', 'AbortError');
    const { status = 200, body = [], headers = {} } = answers.shift() ?? {};
    return new Response(JSON.stringify(body), { status, headers });
  });
  startApplication((window as unknown as { config?: unknown }).config);
}

async function open(config: object = {}): Promise<void> {
  withDirectory(config);
  set({ ...callDefaults(), phase: 'call', room: 'Standup', selfId: 'self0000', signalling: 'online' });
  render(<App />);
  openInvite();
  await screen.findByRole('dialog', { name: 'Invite people' });
}

const box = () => screen.getByRole('combobox');
const status = () => screen.getByTestId('invite-status');
const headersOf = (index: number) => asked[index]?.init.headers as Record<string, string>;

async function find(text: string, ...with_: Answer[]): Promise<void> {
  answers.push(...with_);
  await userEvent.type(box(), text);
  await vi.waitFor(() => expect(status().dataset.search).not.toBe('searching'), { timeout: 20_000 });
}

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, '', '/');
  setPreferences({ name: 'Sam', recent: [], machineUid: 'machine-1' });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  set({ ...callDefaults(), phase: 'home' });
});

describe('inviting', () => {
  it('hands the link on by mail and as text, also without a directory', async () => {
    await open({ peopleSearchUrl: '' });
    const mail = new URL(screen.getByTestId('invite-mail').getAttribute('href') ?? '');
    expect(mail.searchParams.get('subject')).toBe('Call in Standup');
    expect(mail.searchParams.get('body')).toBe(`Sam invites you to a call.\r\n\r\nJoin here: ${location.origin}/`);
    expect(screen.queryByRole('combobox')).toBeNull();
    const user = userEvent.setup();
    const copied = vi.spyOn(navigator.clipboard, 'writeText');
    const dialog = within(screen.getByTestId('invite'));
    await user.click(dialog.getByRole('button', { name: 'Copy link' }));
    await user.click(dialog.getByRole('button', { name: 'Copy invitation' }));
    expect(copied.mock.calls.map(([text]) => text)).toEqual([
      `${location.origin}/`,
      `Sam invites you to a call.\n\nJoin here: ${location.origin}/`,
    ]);
  });

  it('is offered in the list of people, in the menu and to whoever is alone', async () => {
    withDirectory();
    set({ ...callDefaults(), phase: 'call', room: 'Standup', selfId: 'self0000', panel: 'people' });
    render(<App />);
    expect(within(screen.getByTestId('alone')).getByRole('button', { name: 'Invite people' })).toBeInTheDocument();
    await userEvent.click(screen.getByTestId('more'));
    expect(screen.getByRole('menuitem', { name: 'Invite people' })).toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await userEvent.click(screen.getByTestId('invite-people'));
    expect(screen.getByRole('dialog', { name: 'Invite people' })).toBeInTheDocument();
  });

  it('says so where the browser does not let the page copy', async () => {
    await open();
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('no', 'NotAllowedError'));
    await copyInvite();
    expect(get().toasts.at(-1)).toMatchObject({ tone: 'problem', text: expect.stringContaining('copy the address') });
    vi.stubGlobal('navigator', { clipboard: undefined });
    await copyInviteText();
    expect(get().toasts.at(-1)).toMatchObject({ tone: 'problem' });
  });

  it('asks once for what was typed, after a pause, and shows who was found', async () => {
    await open();
    loginSession.set('s-1');
    await find('ann', { body: [ANN, BOB, { type: 'videosipgw', id: 'x', name: 'A room' }] });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url.searchParams.get('query')).toBe('ann');
    expect(JSON.parse(asked[0]?.url.searchParams.get('queryTypes') ?? '')).toEqual(['user', 'conferenceRooms']);
    expect(headersOf(0)).toEqual({ Authorization: 'Session s-1', 'X-Machine-Uid': 'machine-1' });
    expect(screen.getAllByRole('option').map((o) => o.textContent)).toEqual([
      'AGAnn GreenX, Yann@x.test',
      'BBobNo mail addressWork +4930',
    ]);
    expect(status()).toHaveTextContent('2 people found.');
    expect(box()).toHaveAttribute('aria-expanded', 'true');
  });

  it('is worked by keys: pointing, choosing, taking back, closing the list and then the dialog', async () => {
    await open();
    await find('a', { body: [ANN, BOB, CARL] });
    const pointed = () => document.getElementById(box().getAttribute('aria-activedescendant') ?? '')?.textContent ?? '';
    await userEvent.keyboard('{Enter}');
    expect(screen.queryByTestId('invite-chosen')).toBeNull();
    await userEvent.keyboard('{ArrowDown}');
    expect(pointed()).toContain('Ann');
    await userEvent.keyboard('{Enter}{ArrowUp}');
    expect(pointed()).toContain('Carl');
    await userEvent.keyboard('{Enter}{ArrowDown}{ArrowDown}{Enter}');
    expect(pointed()).toContain('Bob');
    // Bob has no mail address, and nothing here invites without one.
    expect(screen.getAllByRole('option', { selected: true })).toHaveLength(2);
    expect(screen.getByTestId('invite-send')).toHaveTextContent('Write to 2 people');
    expect(screen.getByTestId('invite-send').getAttribute('href')).toMatch(/^mailto:ann@x\.test,carl@x\.test\?/);
    await userEvent.clear(box());
    expect(screen.queryByRole('option')).toBeNull();
    await userEvent.keyboard('{Backspace}');
    expect(screen.getByTestId('invite-chosen')).toHaveTextContent('Ann Green');
    expect(screen.getByTestId('invite-chosen')).not.toHaveTextContent('Carl');
    await find('a', { body: [ANN] });
    await userEvent.keyboard('{Escape}');
    expect(box()).toHaveAttribute('aria-expanded', 'false');
    expect(screen.getByRole('dialog')).toBeInTheDocument();
    await userEvent.keyboard('{ArrowDown}');
    expect(box()).toHaveAttribute('aria-expanded', 'true');
    await userEvent.click(screen.getByRole('button', { name: 'Do not invite Ann Green' }));
    expect(screen.queryByTestId('invite-send')).toBeNull();
  });

  it.each([
    [{ status: 503 }, 'slow', 'takes too long'],
    [{ status: 429 }, 'busy', 'Too many searches'],
    [{ status: 500 }, 'failed', 'cannot be searched'],
    [{ body: { people: [] } }, 'failed', 'cannot be searched'],
    [{ body: [] }, 'found', 'Nobody was found for “zz”.'],
    [{ body: [], headers: { 'X-Search-Incomplete': '1' } }, 'found', 'somebody may be missing'],
  ])('says in one sentence what went wrong: %o', async (answer, search, text) => {
    await open();
    await find('zz', answer as Answer);
    expect(status().dataset.search).toBe(search);
    expect(status()).toHaveTextContent(text);
    if (search === 'found') return;
    answers.push({ body: [ANN] });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('option')).toHaveTextContent('Ann Green');
  });

  it('offers to sign in where nobody is', async () => {
    await open();
    await find('ann', { status: 401, body: { message: 'x' } });
    expect(headersOf(0)).toEqual({});
    expect(status()).toHaveTextContent('Sign in to find people in the directory.');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(screen.getByRole('alert')).toHaveTextContent('Enter your user name and your password.');
    cleanup();
    await open();
    set({ signInUrl: 'https://login.test/' });
    await find('ann', { status: 401 });
    expect(screen.getByTestId('sign-in')).toBeInTheDocument();
    set({ signInUrl: null });
  });

  it('has people invited by the service of the server, as the directory described them', async () => {
    await open({ inviteServiceUrl: 'https://invite.test/send' });
    pageToken.set('a.b.c');
    await find('a', { body: [ANN, BOB] });
    await userEvent.click(screen.getAllByRole('option')[1] as HTMLElement);
    answers.push({ status: 500 }, { body: {} });
    await userEvent.click(screen.getByTestId('invite-send'));
    expect(await screen.findByRole('alert')).toHaveTextContent('could not be sent');
    await userEvent.click(screen.getByTestId('invite-send'));
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    const sent = asked.at(-1);
    expect(sent?.init.method).toBe('POST');
    expect(sent?.url.href).toBe('https://invite.test/send');
    expect(JSON.parse(String(sent?.init.body))).toEqual({ invited: [BOB], url: `${location.origin}/` });
    expect(headersOf(asked.length - 1)).toMatchObject({ Authorization: 'Bearer a.b.c' });
    expect(get().toasts.at(-1)?.text).toBe('1 person is invited');
  });

  it('takes no more people than can be invited at once', async () => {
    await open();
    const people = readPeople(
      Array.from({ length: ClientLimits.invitedPeople }, (_, i) => ({ ...ANN, id: `${i}`, email: `a${i}@x.test` })),
    );
    set({ invite: { ...get().invite, chosen: people } });
    await find('c', { body: [CARL] });
    await userEvent.click(screen.getByRole('option'));
    expect(screen.getByRole('alert')).toHaveTextContent('No more than 50 people');
    expect(get().invite.chosen).toHaveLength(ClientLimits.invitedPeople);
  });

  it('forgets an answer that comes after the next question', async () => {
    await open();
    let late: (answer: Response) => void = () => {};
    const first = new Promise<Response>((resolve) => {
      late = resolve;
    });
    const fetched = vi
      .fn()
      .mockReturnValueOnce(first)
      .mockResolvedValueOnce(new Response(JSON.stringify([CARL])));
    vi.stubGlobal('fetch', fetched);
    setInviteQuery('ann');
    await vi.waitFor(() => expect(fetched).toHaveBeenCalledTimes(1), { timeout: 20_000 });
    setInviteQuery('carl');
    await vi.waitFor(() => expect(get().invite.search).toBe('found'), { timeout: 20_000 });
    late(new Response(JSON.stringify([ANN])));
    await Promise.resolve();
    expect(get().invite.people.map((p) => p.name)).toEqual(['Carl']);
    const init = fetched.mock.calls[0]?.[1] as RequestInit | undefined;
    expect(init?.signal?.aborted).toBe(true);
  });
});

describe('the directory', () => {
  const credential = { token: null, sessionId: 's-1', machineUid: 'm' };

  it('gets a session id on this server alone, and a token wherever the configuration says', () => {
    expect(credentialHeaders(`${location.origin}/people-search`, credential)).toHaveProperty('Authorization');
    expect(credentialHeaders('https://elsewhere.test/people', credential)).toEqual({});
    expect(credentialHeaders('https://elsewhere.test/people', { ...credential, token: 't' })).toEqual({
      Authorization: 'Bearer t',
    });
  });

  it('is given up when it takes too long', async () => {
    vi.useFakeTimers();
    vi.stubGlobal(
      'fetch',
      (_: string, init: RequestInit) =>
        new Promise((_resolve, reject) => {
          init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
        }),
    );
    const signal = new AbortController().signal;
    const found = expect(searchPeople('https://x.test/', ['user'], 'a', credential, signal)).rejects.toMatchObject({
      reason: 'slow',
    });
    await vi.advanceTimersByTimeAsync(10_000);
    await found;
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    await expect(searchPeople('https://x.test/', ['user'], 'a', credential, signal)).rejects.toBeInstanceOf(
      SearchError,
    );
  });

  it.each([
    [[null, 1, 'x', [], {}]],
    [[{ type: 'user' }]],
    [[{ type: 'user', name: '   ' }]],
    [[{ type: 'user', name: 'x'.repeat(257) }]],
    [[{ type: 'phone', name: 'Ann', number: '+49' }]],
    [[{ type: ['user'], name: 'Ann' }]],
  ])('leaves out what is no person: %o', (items) => {
    expect(readPeople(items)).toEqual([]);
  });

  it('shows nothing of somebody that cannot be what it is called', () => {
    const [person] = readPeople([
      {
        type: 'user',
        id: 7,
        name: 'Eve',
        email: 'eve@x.test?bcc=all@x.test',
        avatar: 'javascript:alert(1)',
        numbers: [null, { number: '+49', kind: 'fax' }, 'x', { number: 5 }],
      },
    ]);
    expect(person).toMatchObject({
      key: 'user 7',
      email: null,
      picture: null,
      numbers: [{ number: '+49', kind: null }],
    });
    expect(readPeople([{ ...ANN, avatar: 'data:image/png;base64,AAAA' }])[0]?.picture).toBe(
      'data:image/png;base64,AAAA',
    );
    expect(readPeople([ANN, { ...ANN, type: 'email', id: 'ann@x.test' }])).toHaveLength(1);
    expect(readPeople(Array.from({ length: 500 }, (_, id) => ({ ...BOB, id })))).toHaveLength(ClientLimits.foundPeople);
  });

  it('writes mails that say no more than they should', () => {
    set({ room: 'A & B?' });
    const people = readPeople([ANN, { ...ANN, email: "o'neil+x@x.test" }, BOB]);
    const mail = inviteMail(people);
    expect(mail).toMatch(/^mailto:ann@x\.test,o'neil%2Bx@x\.test\?subject=Call%20in%20A%20%26%20B%3F&body=/);
    expect(new URL(mail).searchParams.get('subject')).toBe('Call in A & B?');
  });
});
