import { MemoryStorageBackend, Strophe } from 'strophe.js';
import { withParam } from './config';
import { Emitter } from './emitter';
import { log } from './log';
import { attr, bareJid, build, child, errorCondition, NS, type XNode, x } from './xml';

export type ConnectionStatus = 'connecting' | 'online' | 'resuming' | 'closed';

export type ConnectionFailure =
  /** The server could not be reached or did not speak. */
  | 'unreachable'
  /** The token or the password was refused. */
  | 'not-authorized'
  /** The domain lets nobody in without an account. */
  | 'login-required'
  /** The server could not find out who this is; it may later. */
  | 'auth-silent'
  /** The stream is lost and could not be resumed. */
  | 'dropped'
  /** The same, and the server had said that it stops. */
  | 'server-down';

export interface XmppOptions {
  /** WebSocket (`ws:`, `wss:`) or BOSH (`http:`, `https:`) address, without query parameters of this class. */
  url: string;
  /** Domain that the stream is opened to. */
  domain: string;
  /** Domain that is pinged; `hosts.domain` even from a guest domain's session. */
  pingDomain: string;
  room: string;
  token?: string | undefined;
  /** Logs in with a password; without it as a guest. */
  account?: { username: string; password: string } | undefined;
  resume: boolean;
  /** How long the session may take to open; 15 s when it is not given. */
  connectTimeoutMs?: number;
}

export class IqError extends Error {
  constructor(
    /** Error condition of the stanza, or `timeout`, or `closed`. */
    readonly condition: string,
    readonly stanza: Element | null = null,
  ) {
    super(`iq failed: ${condition}`);
  }
}

type ConnectionEvents = {
  status: [ConnectionStatus];
  failed: [ConnectionFailure, string];
  presence: [Element];
  message: [Element];
};

interface BodyBuilder {
  attrs: (attributes: Record<string, string>) => BodyBuilder;
  tree: () => Element;
}

interface PendingIq {
  /** The address that was asked; undefined for the own server. */
  to: string | undefined;
  resolve: (stanza: Element) => void;
  reject: (error: IqError) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** Liveness (XEP-0199), as the clients in the field do it. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 5_000;
const PING_THRESHOLD = 2;
/** Servers keep a lost session for a minute; after that there is nothing to come back to. */
const RESUME_WINDOW_MS = 60_000;
/** Pauses between attempts grow; half of each is left to chance, so that a room does not come back at one moment. */
const RESUME_FIRST_PAUSE_MS = 1500;
const RESUME_LONGEST_PAUSE_MS = 8000;
const CONNECT_TIMEOUT_MS = 15_000;
/** Close codes of a server that stops (RFC 6455 section 7.4.1, and the registry's 1012). */
const GOING_AWAY = 1001;
const RESTARTING = 1012;

Strophe.setLogLevel(Strophe.LogLevel.FATAL);

/** Returns true when the IQ was taken (and answered). */
export type IqHandler = (iq: Element) => boolean;

/**
 * One XMPP session over WebSocket with stream management (XEP-0198) or over BOSH. The session survives cut sockets for as
 * long as the server keeps it: same JID, same handlers, nothing lost.
 */
export class XmppConnection extends Emitter<ConnectionEvents> {
  status: ConnectionStatus = 'connecting';
  /** Full JID once bound. */
  jid = '';

  private readonly connection: InstanceType<typeof Strophe.Connection>;
  private readonly baseUrl: string;
  private readonly pending = new Map<string, PendingIq>();
  private readonly iqHandlers: IqHandler[] = [];
  private outbox: Element[] = [];
  private nextId = 1;
  private readonly idPrefix = Math.random().toString(36).slice(2, 8);
  private attempts = 0;
  private lostAt = 0;
  private pingTimer: ReturnType<typeof setInterval> | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | null = null;
  private connectTimer: ReturnType<typeof setTimeout> | null = null;
  private pingFailures = 0;
  private lastReceived = 0;
  /** Kept here, since a failed attempt empties what the library knows. */
  private resumeId: string | null = null;
  private wanted = true;
  private everOnline = false;
  /** The server said that it stops. */
  private stopping = false;
  private settle: { resolve: () => void; reject: (error: Error) => void } | null = null;

  constructor(private readonly options: XmppOptions) {
    super();
    let url = withParam(options.url, 'room', options.room);
    if (options.token) url = withParam(url, 'token', options.token);
    this.baseUrl = url;
    this.connection = new Strophe.Connection(url, {
      enableStreamManagement: options.resume,
      // In memory on purpose: a page that is loaded again starts a session of its own.
      streamManagement: { storage: new MemoryStorageBackend() },
    });
    this.connection.xmlInput = (element: unknown) => this.onInput(element as Element);
    const management = this.connection.sm as unknown as {
      onEnabled?: () => void;
      onFailed?: (view: unknown, resumeFailed: boolean) => void;
      state?: { id: string | null; resumeSupported: boolean };
      _pendingResend?: unknown[];
    };
    if (management) {
      management.onEnabled = () => {
        this.resumeId = (management.state?.resumeSupported && management.state.id) || null;
      };
      management.onFailed = (_view, resumeFailed) => {
        this.resumeId = null;
        // What the lost session had not delivered belongs to an occupant that no longer exists.
        if (resumeFailed) management._pendingResend = [];
      };
    }
  }

  /** First eight characters of the session's node when they are lower-case hexadecimal: the nick and endpoint id. */
  get nick(): string {
    const node = this.jid.split('@')[0] ?? '';
    const head = node.slice(0, 8);
    return /^[0-9a-f]{8}$/.test(head) ? head : randomHex(8);
  }

  get stanzasWaiting(): number {
    return this.outbox.length;
  }

  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.open();
    });
  }

  /** Takes IQ requests (`get`, `set`); what no handler takes is answered with service-unavailable. */
  addIqHandler(handler: IqHandler): void {
    this.iqHandlers.push(handler);
  }

  /** Sends now, or as soon as the session is resumed. */
  send(node: XNode): void {
    const element = build(node);
    if (this.status === 'online') this.connection.send(element);
    else if (this.status !== 'closed') this.outbox.push(element);
  }

  /** Rejects with an IqError on an error answer, on timeout and when the session ends. */
  iq(node: XNode, timeoutMs = 10_000): Promise<Element> {
    if (this.status === 'closed') return Promise.reject(new IqError('closed'));
    const id = (node.attrs.id as string | undefined) ?? this.uniqueId();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(new IqError('timeout'));
      }, timeoutMs);
      this.pending.set(id, { to: node.attrs.to as string | undefined, resolve, reject, timer });
      this.send({ ...node, attrs: { ...node.attrs, id } });
    });
  }

  replyResult(iq: Element): void {
    this.send(x('iq', { type: 'result', id: attr(iq, 'id'), to: attr(iq, 'from') }));
  }

  replyError(iq: Element, type: string, condition: string, ...extra: XNode[]): void {
    this.send(
      x(
        'iq',
        { type: 'error', id: attr(iq, 'id'), to: attr(iq, 'from') },
        x('error', { type }, x(condition, { xmlns: NS.stanzas }), extra),
      ),
    );
  }

  uniqueId(): string {
    return `${this.idPrefix}-${this.nextId++}`;
  }

  disconnect(): void {
    this.wanted = false;
    this.stopTimers();
    if (this.status === 'online') {
      if (this.endBosh()) this.dropSocket();
      else this.connection.disconnect();
    } else this.dropSocket();
    this.close();
  }

  /** Ends a session over BOSH by a beacon: a page that is left sends no other request any more. */
  private endBosh(): boolean {
    const { service } = this.connection;
    if (!service.startsWith('http') || typeof navigator.sendBeacon !== 'function') return false;
    const protocol = (this.connection as unknown as { _proto: { _buildBody: () => BodyBuilder } })._proto;
    return navigator.sendBeacon(service, Strophe.serialize(protocol._buildBody().attrs({ type: 'terminate' }).tree()));
  }

  /** Cuts the socket as a dead network would; used by liveness and by tests of resumption. */
  dropSocket(): void {
    (this.connection as unknown as { _doDisconnect: () => void })._doDisconnect();
  }

  private open(): void {
    const { domain, account } = this.options;
    this.connectTimer = setTimeout(() => this.dropSocket(), this.options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS);
    const jid = account ? `${account.username}@${domain}` : domain;
    this.connection.connect(
      jid,
      account?.password ?? '',
      (status: number, condition?: string | null, element?: Element) => this.onStatus(status, condition ?? '', element),
    );
  }

  private onStatus(status: number, condition: string, element?: Element): void {
    switch (status) {
      case Strophe.Status.CONNECTED:
        this.onConnected();
        break;
      case Strophe.Status.AUTHFAIL:
        log('xmpp', 'authentication failed', condition);
        this.fail(isTemporary(element) ? 'auth-silent' : 'not-authorized', element ? textOf(element) : condition);
        break;
      case Strophe.Status.ERROR:
        // A stream error after login ends the session for good.
        this.resumeId = null;
        this.stopping ||= condition === 'system-shutdown';
        log('xmpp', 'stream error', condition);
        break;
      case Strophe.Status.CONNFAIL:
        if (condition === Strophe.ErrorCondition.NO_AUTH_MECH || condition === 'x-strophe-bad-non-anon-jid') {
          this.fail('login-required', condition);
        } else {
          this.stopping ||= condition === 'system-shutdown';
          log('xmpp', 'connection failed', condition);
        }
        break;
      case Strophe.Status.DISCONNECTED:
        this.onDisconnected(condition);
        break;
      default:
        break;
    }
  }

  private onConnected(): void {
    this.clearConnectTimer();
    const resumed = this.connection.restored;
    if (this.everOnline && !resumed) {
      // The server no longer knew the session: what is bound now is somebody else.
      this.failDropped('the session could not be resumed');
      return;
    }
    this.jid = this.connection.jid;
    this.everOnline = true;
    this.attempts = 0;
    this.pingFailures = 0;
    this.lastReceived = Date.now();
    this.stopping = false;
    this.watchClose();
    log('xmpp', resumed ? 'resumed' : 'connected');
    const everything = (stanza: Element) => {
      this.dispatch(stanza);
      return true;
    };
    this.connection.addHandler(everything, null, null, null);
    this.setStatus('online');
    const waiting = this.outbox;
    this.outbox = [];
    for (const element of waiting) this.connection.send(element);
    this.startPings();
    this.settle?.resolve();
    this.settle = null;
  }

  private onDisconnected(condition: string): void {
    this.stopTimers();
    if (this.status === 'closed') return;
    if (!this.wanted) {
      this.close();
      return;
    }
    log('xmpp', 'socket lost', condition);
    if (!this.everOnline) {
      this.fail('unreachable', condition);
      return;
    }
    if (this.status === 'online') this.lostAt = Date.now();
    if (this.resumeId === null || Date.now() - this.lostAt > RESUME_WINDOW_MS) {
      this.failDropped(condition);
      return;
    }
    this.setStatus('resuming');
    // One failure may be told twice, as an error and as a close.
    if (!this.retryTimer) this.scheduleResume();
  }

  /** The library tells nobody with which code a WebSocket was closed (RFC 6455 section 7.4.1). */
  private watchClose(): void {
    const { socket } = (this.connection as unknown as { _proto: { socket?: WebSocket | null } })._proto;
    if (!socket) return;
    const tell = socket.onclose;
    socket.onclose = (event) => {
      this.stopping ||= event.code === GOING_AWAY || event.code === RESTARTING;
      tell?.call(socket, event);
    };
  }

  private failDropped(detail: string): void {
    this.fail(this.stopping ? 'server-down' : 'dropped', detail);
  }

  private scheduleResume(): void {
    if (typeof navigator !== 'undefined' && navigator.onLine === false) {
      window.addEventListener(
        'online',
        () => {
          if (this.status === 'resuming' && !this.retryTimer) this.scheduleResume();
        },
        { once: true },
      );
      return;
    }
    const pause = Math.min(RESUME_LONGEST_PAUSE_MS, RESUME_FIRST_PAUSE_MS * 1.7 ** this.attempts);
    this.attempts += 1;
    const delay = pause / 2 + Math.random() * pause;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = null;
      if (!this.wanted || this.status === 'closed') return;
      this.connection.service = withParam(this.baseUrl, 'previd', this.resumeId ?? '');
      this.open();
    }, delay);
  }

  private startPings(): void {
    if (this.pingTimer) clearInterval(this.pingTimer);
    let lastCheck = Date.now();
    this.pingTimer = setInterval(() => {
      const quiet = this.lastReceived < lastCheck;
      lastCheck = Date.now();
      if (!quiet) {
        this.pingFailures = 0;
        return;
      }
      this.ping(PING_TIMEOUT_MS).then(
        () => {
          this.pingFailures = 0;
        },
        () => {
          this.pingFailures += 1;
          if (this.pingFailures < PING_THRESHOLD || this.status !== 'online') return;
          log('xmpp', 'no answer to pings, cutting the socket');
          this.dropSocket();
        },
      );
    }, PING_INTERVAL_MS);
  }

  /** Resolves when the server answers. */
  async ping(timeoutMs: number): Promise<void> {
    await this.iq(x('iq', { type: 'get', to: this.options.pingDomain }, x('ping', { xmlns: NS.ping })), timeoutMs);
  }

  private onInput(element: Element): void {
    this.lastReceived = Date.now();
    // Pushed discovery comes before the bind result, when stanza handlers do not run yet.
    if (this.status === 'connecting' && element.nodeName === 'message') this.emit('message', element);
  }

  /** Never throws: the library would take the handler away, and the call would hear nothing any more. */
  private dispatch(stanza: Element): void {
    try {
      if (stanza.localName === 'iq') this.dispatchIq(stanza);
      else if (stanza.localName === 'presence') this.emit('presence', stanza);
      else if (stanza.localName === 'message') this.emit('message', stanza);
    } catch (error) {
      log('xmpp', 'a stanza was passed over', error);
    }
  }

  private dispatchIq(iq: Element): void {
    const type = attr(iq, 'type');
    if (type === 'get' || type === 'set') {
      try {
        for (const handler of this.iqHandlers) if (handler(iq)) return;
      } catch (error) {
        log('xmpp', 'a request was not understood', error);
        this.replyError(iq, 'cancel', 'internal-server-error');
        return;
      }
      if (child(iq, 'ping', NS.ping)) this.replyResult(iq);
      else this.replyError(iq, 'cancel', 'service-unavailable');
      return;
    }
    const id = attr(iq, 'id') ?? '';
    const waiting = this.pending.get(id);
    if (!waiting) return;
    if (!answers(attr(iq, 'from'), waiting.to)) {
      log('xmpp', 'an answer came from another address than was asked');
      return;
    }
    this.pending.delete(id);
    clearTimeout(waiting.timer);
    if (type === 'error') waiting.reject(new IqError(errorCondition(iq), iq));
    else waiting.resolve(iq);
  }

  private fail(reason: ConnectionFailure, detail: string): void {
    if (this.status === 'closed') return;
    this.wanted = false;
    this.stopTimers();
    this.close();
    this.dropSocket();
    if (this.settle) {
      this.settle.reject(new ConnectionError(reason, detail));
      this.settle = null;
    } else this.emit('failed', reason, detail);
  }

  private close(): void {
    if (this.status === 'closed') return;
    this.setStatus('closed');
    for (const [, waiting] of this.pending) {
      clearTimeout(waiting.timer);
      waiting.reject(new IqError('closed'));
    }
    this.pending.clear();
    this.outbox = [];
  }

  private setStatus(status: ConnectionStatus): void {
    if (this.status === status) return;
    this.status = status;
    this.emit('status', status);
  }

  private clearConnectTimer(): void {
    if (this.connectTimer) clearTimeout(this.connectTimer);
    this.connectTimer = null;
  }

  private stopTimers(): void {
    this.clearConnectTimer();
    if (this.pingTimer) clearInterval(this.pingTimer);
    if (this.retryTimer) clearTimeout(this.retryTimer);
    this.pingTimer = null;
    this.retryTimer = null;
  }
}

/**
 * Whether an answer is from whom it was asked for: ids can be guessed, addresses are stamped by the server (RFC 6120 section 8.1.2.1, where none
 * means the own server). A domain may answer under a resource of its own; an occupant never for its room.
 */
export function answers(from: string | null, to: string | undefined): boolean {
  if (from === null || from === to) return true;
  if (to === undefined) return !from.includes('@');
  const isDomain = !to.includes('@') && !to.includes('/');
  const asked = isDomain || to.includes('/') ? bareJid(to) : to;
  if (to.includes('/') && from.slice(from.indexOf('/')) !== to.slice(to.indexOf('/'))) return false;
  return (isDomain || to.includes('/') ? bareJid(from) : from).toLowerCase() === asked.toLowerCase();
}

export class ConnectionError extends Error {
  constructor(
    readonly reason: ConnectionFailure,
    readonly detail: string,
  ) {
    super(`connection failed: ${reason} ${detail}`);
  }
}

export function randomHex(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(length / 2)));
  return [...bytes]
    .map((b) => b.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, length);
}

const isTemporary = (failure: Element | undefined) => child(failure, 'temporary-auth-failure') !== null;

function textOf(element: Element): string {
  const message = child(element, 'text');
  return message?.textContent ?? '';
}
