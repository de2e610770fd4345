import { EmbedLimits } from './limits';

/** A window as far as a wire needs one. */
export interface Target {
  postMessage(message: string, targetOrigin: string): void;
}

interface Packet {
  type: 'event' | 'request' | 'response';
  data?: unknown;
  id?: number;
  result?: unknown;
  error?: unknown;
}

export interface WireOptions {
  scope: string;
  /** Whom messages go to, looked up each time: a frame's window changes when it loads. */
  target: () => Target | null;
  /** Where messages arrive. */
  source: Pick<Window, 'addEventListener' | 'removeEventListener'>;
  /** The origin of the other side; null when it is not known before it speaks. Nothing is sent to or taken from another one. */
  origin: string | null;
  onEvent: (name: string, data: unknown) => void;
  /** Answers a question of the other side; undefined when it knows of none. */
  onRequest: (name: string, data: unknown) => unknown;
}

const HANDSHAKE = '__ready__';
const MESSAGE = 'message';
const HANDSHAKE_EVERY_MS = 50;

/**
 * Events and questions between a page and the frame of a call in it, with window.postMessage. The form is the one of Jitsi's iframe API: JSON texts
 * `{postis: true, scope, method, params}`; each side sends a number of its own as `__ready__` until it comes back, and only then anything else.
 */
export class Wire {
  private origin: string | null;
  private readonly number = `${Date.now()}${Math.random()}`;
  private readonly waiting: Packet[] = [];
  private readonly questions = new Map<number, (packet: Packet) => void>();
  private questionCount = 0;
  private ready = false;
  private answered: unknown = null;
  private answers = 0;
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly listener = (event: MessageEvent) => this.onMessage(event);

  constructor(private readonly options: WireOptions) {
    this.origin = options.origin;
    options.source.addEventListener('message', this.listener as EventListener);
    this.timer = setInterval(() => this.post(HANDSHAKE, this.number), HANDSHAKE_EVERY_MS);
  }

  sendEvent(name: string, data: unknown): void {
    this.send({ type: 'event', data: { ...record(data), name } });
  }

  /** What a command carries: its arguments as a list. */
  sendCommand(name: string, values: unknown[]): void {
    this.send({ type: 'event', data: { data: values, name } });
  }

  /** Rejects when the other side refuses; stays open while the other side is not there. */
  ask(name: string, data: Record<string, unknown> = {}): Promise<unknown> {
    if (this.questions.size >= EmbedLimits.openQuestions) return Promise.reject(new Error('too many open questions'));
    this.questionCount += 1;
    const id = this.questionCount;
    return new Promise((resolve, reject) => {
      this.questions.set(id, (packet) => {
        if (packet.error === undefined || packet.error === null) resolve(packet.result);
        else reject(packet.error instanceof Error ? packet.error : new Error(String(packet.error)));
      });
      this.send({ type: 'request', data: { ...data, name }, id });
    });
  }

  close(): void {
    clearInterval(this.timer);
    this.options.source.removeEventListener('message', this.listener as EventListener);
    this.questions.clear();
  }

  private send(packet: Packet): void {
    if (this.ready) this.post(MESSAGE, packet);
    else if (this.waiting.length < EmbedLimits.waitingMessages) this.waiting.push(packet);
  }

  private post(method: string, params: unknown): void {
    // The handshake says nothing about the call, so that it may go to a page that has not spoken yet.
    const to = this.origin ?? (method === HANDSHAKE ? '*' : null);
    if (to !== null)
      this.options
        .target()
        ?.postMessage(JSON.stringify({ postis: true, scope: this.options.scope, method, params }), to);
  }

  private onMessage(event: MessageEvent): void {
    if (event.source === null || event.source !== (this.options.target() as unknown)) return;
    if (this.origin !== null && event.origin !== this.origin) return;
    if (typeof event.data !== 'string' || event.data.length > EmbedLimits.messageLength) return;
    const message = parse(event.data);
    if (message.postis !== true || message.scope !== this.options.scope) return;
    // A page without an origin (a file, a sandbox) cannot be told apart from another one.
    if (this.origin === null && event.origin !== 'null') this.origin = event.origin;
    if (message.method === HANDSHAKE) this.onHandshake(message.params);
    else if (message.method === MESSAGE) this.onPacket(record(message.params) as Partial<Packet>);
  }

  private onHandshake(number: unknown): void {
    if (number !== this.number) {
      // A number of a frame that is gone would be sent to and fro for ever.
      if (number !== this.answered) [this.answered, this.answers] = [number, 0];
      this.answers += 1;
      if (this.answers <= EmbedLimits.handshakes) this.post(HANDSHAKE, number);
      return;
    }
    if (this.ready || this.origin === null) return;
    clearInterval(this.timer);
    this.ready = true;
    for (const packet of this.waiting.splice(0)) this.post(MESSAGE, packet);
  }

  private onPacket(packet: Partial<Packet>): void {
    const data = record(packet.data);
    const name = typeof data.name === 'string' ? data.name : '';
    if (packet.type === 'event') this.options.onEvent(name, data);
    else if (packet.type === 'request') void this.answer(packet.id ?? 0, name, data);
    else if (packet.type === 'response' && typeof packet.id === 'number') {
      const done = this.questions.get(packet.id);
      this.questions.delete(packet.id);
      done?.(packet as Packet);
    }
  }

  private async answer(id: number, name: string, data: Record<string, unknown>): Promise<void> {
    try {
      const result = await this.options.onRequest(name, data);
      this.send(
        result === undefined
          ? { type: 'response', id, error: `unknown request ${name}` }
          : { type: 'response', id, result },
      );
    } catch (error) {
      this.send({ type: 'response', id, error: error instanceof Error ? error.message : String(error) });
    }
  }
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function parse(text: string): Record<string, unknown> {
  try {
    return record(JSON.parse(text));
  } catch {
    return {};
  }
}
