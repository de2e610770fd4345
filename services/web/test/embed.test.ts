import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../src/conference/config';
import { readHash, withOverwrites, writeHash } from '../src/embed/address';
import { EmbedLimits } from '../src/embed/limits';
import { scopeOf } from '../src/embed/names';
import { Wire, type WireOptions } from '../src/embed/Wire';

/** A window that hands messages on at once, with who sent them from where. */
class FakeWindow {
  readonly listeners = new Set<(event: MessageEvent) => void>();
  readonly heard: { text: string; to: string }[] = [];
  peer: FakeWindow | null = null;

  constructor(readonly origin: string) {}

  addEventListener(_type: string, listener: unknown): void {
    this.listeners.add(listener as (event: MessageEvent) => void);
  }

  removeEventListener(_type: string, listener: unknown): void {
    this.listeners.delete(listener as (event: MessageEvent) => void);
  }

  /** As the other side calls it: the message is dropped where its target is another origin. */
  postMessage(text: string, to: string): void {
    this.heard.push({ text, to });
    if (to === '*' || to === this.origin) this.hear(text, this.peer, this.peer?.origin ?? '');
  }

  hear(data: unknown, source: unknown, origin: string): void {
    for (const listener of [...this.listeners]) listener({ data, source, origin } as MessageEvent);
  }
}

const SCOPE = scopeOf(0);
const OUTER = 'https://portal.test';
const INNER = 'https://meet.test';
let outer: FakeWindow;
let inner: FakeWindow;
const open: Wire[] = [];

function wire(own: FakeWindow, other: FakeWindow, more: Partial<WireOptions> = {}): Wire {
  const made = new Wire({
    scope: SCOPE,
    target: () => other,
    source: own as unknown as Window,
    origin: null,
    onEvent: () => {},
    onRequest: () => undefined,
    ...more,
  });
  open.push(made);
  return made;
}

const packet = (params: unknown, scope = SCOPE) => JSON.stringify({ postis: true, scope, method: 'message', params });

beforeEach(() => {
  vi.useFakeTimers();
  outer = new FakeWindow(OUTER);
  inner = new FakeWindow(INNER);
  outer.peer = inner;
  inner.peer = outer;
});

afterEach(() => {
  for (const made of open.splice(0)) made.close();
  vi.useRealTimers();
});

describe('Wire', () => {
  it('says nothing but the handshake before the other side has answered, and then all of it in order', () => {
    const told: unknown[] = [];
    const frame = wire(inner, outer);
    frame.sendEvent('first', { a: 1 });
    frame.sendEvent('second', {});
    vi.advanceTimersByTime(500);
    expect(outer.heard.every((m) => m.text.includes('__ready__'))).toBe(true);

    wire(outer, inner, { origin: INNER, onEvent: (name) => told.push(name) });
    vi.advanceTimersByTime(200);

    expect(told).toEqual(['first', 'second']);
    expect(outer.heard.filter((m) => m.text.includes('"event"')).every((m) => m.to === OUTER)).toBe(true);
  });

  it('carries questions and their answers, refusals too', async () => {
    wire(inner, outer, {
      onRequest: (name) => {
        if (name === 'throws') throw new Error('not now');
        return name === 'known' ? false : undefined;
      },
    });
    const page = wire(outer, inner, { origin: INNER });
    const known = page.ask('known');
    const unknown = expect(page.ask('unknown')).rejects.toThrow('unknown request unknown');
    const throws = expect(page.ask('throws')).rejects.toThrow('not now');
    await vi.advanceTimersByTimeAsync(300);

    expect(await known).toBe(false);
    await unknown;
    await throws;
  });

  it('listens to the window and the origin that it belongs to alone', () => {
    const told: string[] = [];
    wire(outer, inner, { origin: INNER, onEvent: (name) => told.push(name) });
    const event = packet({ type: 'event', data: { name: 'joined' } });

    outer.hear(event, inner, 'https://evil.test');
    outer.hear(event, new FakeWindow(INNER), INNER);
    outer.hear(event, null, INNER);
    outer.hear(packet({ type: 'event', data: { name: 'joined' } }, scopeOf(1)), inner, INNER);
    outer.hear({ postis: true }, inner, INNER);
    outer.hear('{', inner, INNER);
    outer.hear('null', inner, INNER);
    outer.hear(packet(null), inner, INNER);
    outer.hear(packet({ type: 'response', id: 7, result: 1 }), inner, INNER);
    outer.hear(`${event}${' '.repeat(EmbedLimits.messageLength)}`, inner, INNER);
    expect(told).toEqual([]);

    outer.hear(event, inner, INNER);
    expect(told).toEqual(['joined']);
  });

  it('keeps to the page that spoke first, also when another one takes its place in the window', () => {
    const commands: string[] = [];
    const frame = wire(inner, outer, { onEvent: (name) => commands.push(name) });
    wire(outer, inner, { origin: INNER });
    vi.advanceTimersByTime(200);
    frame.sendEvent('participant-joined', { displayName: 'Ann' });

    inner.hear(packet({ type: 'event', data: { name: 'toggle-audio' } }), outer, 'https://evil.test');

    expect(commands).toEqual([]);
    expect(outer.heard.filter((m) => m.text.includes('Ann')).map((m) => m.to)).toEqual([OUTER]);
  });

  it('tells nothing to a page without an origin', () => {
    const frame = wire(inner, outer);
    frame.sendEvent('participant-joined', { displayName: 'Ann' });
    inner.hear(JSON.stringify({ postis: true, scope: SCOPE, method: '__ready__', params: 'x' }), outer, 'null');
    vi.advanceTimersByTime(500);

    expect(outer.heard.some((m) => m.text.includes('Ann'))).toBe(false);
  });

  it('sends a number that nobody owns to and fro for a while only', () => {
    wire(inner, outer);
    wire(outer, inner, { origin: INNER });
    const before = outer.heard.length;
    inner.hear(JSON.stringify({ postis: true, scope: SCOPE, method: '__ready__', params: 'gone' }), outer, OUTER);

    expect(outer.heard.length - before).toBeLessThanOrEqual(EmbedLimits.handshakes);
  });

  it('keeps no more than its bounds while nobody answers', async () => {
    const page = wire(outer, inner, { origin: INNER });
    for (let i = 0; i < 10 * EmbedLimits.waitingMessages; i += 1) page.sendCommand('toggle-audio', []);
    const asked = Array.from({ length: EmbedLimits.openQuestions + 1 }, () => page.ask('is-audio-muted'));
    await expect(asked.at(-1)).rejects.toThrow('too many');
    let heard = 0;
    wire(inner, outer, { onEvent: () => (heard += 1) });
    vi.advanceTimersByTime(200);

    expect(heard).toBe(EmbedLimits.waitingMessages);
  });

  it('is understood by the library that Jitsi uses for it', async () => {
    // @ts-expect-error: it comes without types.
    const { default: Postis } = await import('postis');
    const other = Postis({ scope: SCOPE, window: outer, windowForEventListening: inner });
    const told: unknown[] = [];
    const commands: unknown[] = [];
    other.listen('message', (message: unknown) => commands.push(message));
    const page = wire(outer, inner, { origin: INNER, onEvent: (name, data) => told.push([name, data]) });
    page.sendCommand('display-name', ['Ann']);
    other.ready(() =>
      other.send({ method: 'message', params: { type: 'event', data: { name: 'video-ready-to-close' } } }),
    );
    vi.advanceTimersByTime(500);
    other.destroy(() => {});

    expect(commands).toEqual([{ type: 'event', data: { data: ['Ann'], name: 'display-name' } }]);
    expect(told).toEqual([['video-ready-to-close', { name: 'video-ready-to-close' }]]);
  });
});

describe('what an address hands over', () => {
  it('is what the page around wrote', () => {
    const hash = writeHash(3, {
      config: { startWithAudioMuted: true, prejoinConfig: { enabled: false }, subject: 'A & B = "C"' },
      userInfo: { displayName: 'Ännchen 😀', email: undefined },
    });

    expect(readHash(hash)).toEqual({
      id: '3',
      displayName: 'Ännchen 😀',
      config: { startWithAudioMuted: true, 'prejoinConfig.enabled': false, subject: 'A & B = "C"' },
    });
  });

  it.each([
    '#config.websocket="wss://evil.test"',
    '#config.hosts.domain="evil.test"',
    '#config.tokenAuthUrl="https://evil.test"',
    '#config.__proto__.polluted=true',
    '#config.constructor=1',
    '#userInfo.displayName=5',
    '#userInfo.displayName=%zz',
    '#=&&==',
    `#config.subject="${'x'.repeat(EmbedLimits.addressLength)}"`,
  ])('leaves out %s', (hash) => {
    expect(readHash(hash)).toEqual({ id: null, displayName: '', config: {} });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('changes the configuration in these places alone', () => {
    const config = {
      hosts: { domain: 'meet.test' },
      websocket: '/ws',
      prejoinConfig: { enabled: true, hideDisplayName: true },
    };
    const changed = withOverwrites(config, { 'prejoinConfig.enabled': false, startWithVideoMuted: true });

    expect(changed).toEqual({
      ...config,
      prejoinConfig: { enabled: false, hideDisplayName: true },
      startWithVideoMuted: true,
    });
    expect(config.prejoinConfig.enabled).toBe(true);
    const place = { protocol: 'https:', host: 'meet.test', href: 'https://meet.test/x' };
    expect(readConfig(changed, place)).toMatchObject({ prejoin: false, startWithVideoMuted: true });
    expect(readConfig(config, place).prejoin).toBe(true);
    expect(withOverwrites(undefined, { startWithVideoMuted: true })).toBeUndefined();
  });
});
