import { withParam } from './config';
import { log } from './log';
import { loginSession } from './loginSession';
import { IqError, type XmppConnection } from './XmppConnection';
import { attr, child, children, errorCondition, NS, text, x } from './xml';

export interface ConferenceReply {
  /** Bare JID under which the focus is known; null when the server did not say. */
  focusJid: string | null;
  vnode: string | null;
  /** Under which name the server knows this browser's login; null for a guest. */
  identity: string | null;
  properties: Record<string, string>;
}

/** Why the focus opened no conference, as the views tell it. */
export type FocusRefusal = 'refused' | 'focus-silent' | 'reservation' | 'not-started' | 'login-ended';

export type RequestFailure = FocusRefusal | 'not-authorized' | 'unreachable' | 'cancelled';

export class ConferenceRequestError extends Error {
  constructor(
    readonly reason: RequestFailure,
    readonly detail: string,
    /** Status of the HTTP answer; 0 where there was none. */
    readonly status = 0,
  ) {
    super(`conference request failed: ${reason} ${detail}`);
  }
}

export interface RequestOptions {
  roomJid: string;
  roomNode: string;
  focusAddress: string;
  httpUrl: string | null;
  token?: string | undefined;
  machineUid: string;
  startAudioMuted: number | null;
  startVideoMuted: number | null;
  /** Called each time that the room is not there yet and only a host may open it; without it that is a failure. */
  onWaitingForHost?: () => void;
  /** Called when the focus has not been ready for a while. */
  onSilent?: () => void;
}

interface Answer {
  ready: boolean;
  invalidSession: boolean;
  reply: ConferenceReply;
  sessionId: string | null;
}

const MAX_DELAY_MS = 120_000;
const MAX_SESSION_RETRY_MS = 60_000;
/** Answers that nothing is ready yet, after which people are told: the focus may have to start, but this is not it any more. */
const SILENT_AFTER = 3;
/** How often a guest asks whether the host has come. */
const HOST_PAUSE_MS = 5_000;

/** Asks the focus to open the conference; waits while it is not ready. */
export class ConferenceRequest {
  private cancelled = false;
  private answered = false;
  private wake: (() => void) | null = null;

  constructor(
    private readonly connection: XmppConnection,
    private readonly options: RequestOptions,
  ) {}

  cancel(): void {
    this.cancelled = true;
    this.wake?.();
  }

  /** Asks again at once instead of after the pause. False when the answer is there already: a login that came meanwhile needs a request of its own. */
  hurry(): boolean {
    this.wake?.();
    return !this.answered;
  }

  async run(): Promise<ConferenceReply> {
    let notReady = 0;
    for (let delay = 1000; ; delay = Math.min(delay * 2, MAX_DELAY_MS)) {
      const session = loginSession.get();
      const answer = await this.ask();
      if (this.cancelled) throw new ConferenceRequestError('cancelled', '');
      // The user signed in while this request was on its way: its answer is one for a guest.
      if (session === null && loginSession.get() !== null) {
        delay = 500;
        continue;
      }
      if (answer === 'waiting') {
        await this.pause(HOST_PAUSE_MS);
        delay = 500;
        continue;
      }
      if (answer.sessionId) loginSession.set(answer.sessionId);
      if (answer.invalidSession) {
        loginSession.clear();
        if (delay >= MAX_SESSION_RETRY_MS) throw new ConferenceRequestError('login-ended', 'invalid session');
      } else if (answer.reply.properties.live === 'false') {
        throw new ConferenceRequestError('not-started', 'the meeting has not started');
      } else if (answer.ready) {
        this.answered = true;
        return answer.reply;
      } else if (++notReady === SILENT_AFTER) this.options.onSilent?.();
      log('focus', `not ready, asking again in ${delay} ms`);
      await this.pause(delay);
    }
  }

  private async pause(delay: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
    if (this.cancelled) throw new ConferenceRequestError('cancelled', '');
  }

  private async ask(): Promise<Answer | 'waiting'> {
    try {
      return await (this.options.httpUrl ? this.overHttp(this.options.httpUrl) : this.overXmpp());
    } catch (error) {
      const waits = error instanceof ConferenceRequestError && error.reason === 'not-authorized';
      if (!waits || !this.options.onWaitingForHost || this.cancelled) throw error;
      this.options.onWaitingForHost();
      return 'waiting';
    }
  }

  private properties(): Record<string, string | number | boolean> {
    const { startAudioMuted, startVideoMuted } = this.options;
    return {
      rtcstatsEnabled: false,
      ...(startAudioMuted === null ? {} : { startAudioMuted }),
      ...(startVideoMuted === null ? {} : { startVideoMuted }),
    };
  }

  private async overXmpp(): Promise<Answer> {
    const { focusAddress, roomJid, machineUid, token } = this.options;
    const properties = Object.entries(this.properties()).map(([name, value]) => x('property', { name, value }));
    const request = x(
      'iq',
      { type: 'set', to: focusAddress },
      x(
        'conference',
        {
          xmlns: NS.focus,
          room: roomJid,
          'machine-uid': machineUid,
          token: token ?? null,
          'session-id': loginSession.get(),
        },
        properties,
      ),
    );
    try {
      return parseConferenceResult(await this.connection.iq(request, 15_000));
    } catch (error) {
      if (error instanceof IqError) return answerForIqError(error);
      throw error;
    }
  }

  private async overHttp(url: string): Promise<Answer> {
    const { roomJid, roomNode, machineUid, token } = this.options;
    const sessionId = loginSession.get();
    let response: Response;
    try {
      response = await fetch(withParam(url, 'room', roomNode), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
        body: JSON.stringify({
          room: roomJid,
          machineUid,
          ...(sessionId ? { sessionId } : {}),
          properties: this.properties(),
        }),
      });
    } catch (error) {
      throw new ConferenceRequestError('unreachable', String(error));
    }
    if (response.status === 403 || response.status === 401) throw new ConferenceRequestError('not-authorized', '');
    if (!response.ok) {
      const body = await response.text();
      if (response.status === 400 && body.includes('invalid-session')) return invalidSession();
      const between =
        response.status === 404 || response.status === 429 || (response.status >= 502 && response.status <= 504);
      if (body.includes('reservation-error')) throw new ConferenceRequestError('reservation', limitedText(body));
      throw new ConferenceRequestError(between ? 'unreachable' : 'refused', `HTTP ${response.status}`, response.status);
    }
    return parseHttpReply(await response.json());
  }
}

export function parseConferenceResult(iq: Element): Answer {
  const conference = child(iq, 'conference', NS.focus);
  const properties = Object.fromEntries(
    children(conference, 'property').map((p) => [attr(p, 'name') ?? '', attr(p, 'value') ?? '']),
  );
  return {
    ready: attr(conference, 'ready') === 'true',
    invalidSession: false,
    sessionId: attr(conference, 'session-id'),
    reply: {
      focusJid: attr(conference, 'focusjid'),
      vnode: attr(conference, 'vnode'),
      identity: attr(conference, 'identity'),
      properties,
    },
  };
}

export function parseHttpReply(body: unknown): Answer {
  const reply = (body ?? {}) as Record<string, unknown>;
  const raw = (reply.properties ?? {}) as Record<string, unknown>;
  const properties = Object.fromEntries(Object.entries(raw).map(([k, v]) => [k, String(v)]));
  const optional = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  return {
    ready: reply.ready === true,
    invalidSession: false,
    sessionId: optional(reply.sessionId),
    reply: {
      focusJid: optional(reply.focusJid),
      vnode: optional(reply.vnode),
      identity: optional(reply.identity),
      properties,
    },
  };
}

function invalidSession(): Answer {
  return {
    ready: false,
    invalidSession: true,
    sessionId: null,
    reply: { focusJid: null, vnode: null, identity: null, properties: {} },
  };
}

/** Nobody answered: the focus itself, or whoever passes requests on to it. */
const SILENCE = new Set(['timeout', 'remote-server-timeout', 'remote-server-not-found']);

const limitedText = (body: string) => body.slice(0, 200);

function answerForIqError(error: IqError): Answer {
  const stanza = error.stanza;
  const details = stanza ? child(stanza, 'error') : null;
  if (child(details, 'session-invalid', NS.focus) || error.condition === 'not-acceptable') return invalidSession();
  if (error.condition === 'not-authorized') throw new ConferenceRequestError('not-authorized', '');
  const reservation = child(details, 'reservation-error');
  if (reservation) throw new ConferenceRequestError('reservation', text(child(details, 'text')));
  const condition = stanza ? errorCondition(stanza) : error.condition;
  throw new ConferenceRequestError(SILENCE.has(condition) ? 'focus-silent' : 'refused', condition);
}
