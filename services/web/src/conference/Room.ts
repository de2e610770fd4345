import type { Caps } from './caps';
import { Emitter } from './emitter';
import { log } from './log';
import type { XmppConnection } from './XmppConnection';
import {
  attr,
  bareJid,
  child,
  children,
  errorCondition,
  jsonMessage,
  NS,
  parseJsonObject,
  resourceOf,
  text,
  type XNode,
  x,
} from './xml';

export type VideoType = 'camera' | 'desktop';

export interface SourceState {
  muted: boolean;
  videoType: VideoType;
}

export interface Member {
  /** MUC resource, which is the endpoint id on the bridge as well. */
  id: string;
  /** Real JID, present in non-anonymous rooms. */
  jid: string | null;
  name: string;
  moderator: boolean;
  /** Recorders and transcribers: in the room, not in the call. */
  hidden: boolean;
  sources: Record<string, SourceState>;
  /** Milliseconds since the epoch, or null. */
  raisedHand: number | null;
  region: string | null;
}

export interface ChatMessage {
  id: string;
  /** Endpoint id of the author; null when the author has left. */
  from: string | null;
  fromName: string;
  own: boolean;
  /** Endpoint id of the other side of a private message. */
  privateWith: string | null;
  text: string;
  at: number;
}

export type JoinFailure =
  | 'password'
  | 'members-only'
  | 'full'
  | 'not-allowed'
  /** The focus closed the room between the request and the join: ask again. */
  | 'room-gone'
  | 'authentication'
  | 'display-name'
  | 'error';

type RoomEvents = {
  joined: [Member];
  joinFailed: [JoinFailure, string];
  memberJoined: [Member];
  memberChanged: [Member];
  memberLeft: [Member, { kicked: boolean; replaced: boolean }];
  selfChanged: [Member];
  focusLeft: [];
  /** `by` is the endpoint id of the person who did it. */
  kicked: [{ by: string | null; reason: string }];
  destroyed: [string];
  chat: [ChatMessage];
  chatError: [string];
  subject: [string];
  json: [string | null, Record<string, unknown>];
  focusProperties: [Record<string, string>];
  bridgeNotAvailable: [];
};

/** One conference room (MUC): presence in, presence out, chat, and what moderators may do. */
export class Room extends Emitter<RoomEvents> {
  readonly members = new Map<string, Member>();
  self: Member | null = null;
  focusSeen = false;

  private readonly presence = new Map<string, XNode>();
  private readonly sources: Record<string, SourceState> = {};
  private left = false;
  private readonly unsubscribe: (() => void)[];

  constructor(
    private readonly connection: XmppConnection,
    readonly jid: string,
    readonly nick: string,
    private readonly focusJid: string | null,
    private readonly hiddenDomain: string | null,
    caps: Caps,
  ) {
    super();
    this.presence.set('c', caps.element());
    this.unsubscribe = [
      connection.on('presence', (stanza) => this.onPresence(stanza)),
      connection.on('message', (stanza) => this.onMessage(stanza)),
    ];
  }

  get occupantJid(): string {
    return `${this.jid}/${this.nick}`;
  }

  get focusOccupant(): string {
    return `${this.jid}/focus`;
  }

  join(password?: string): void {
    const join = x('x', { xmlns: NS.muc }, password ? x('password', {}, password) : null);
    this.connection.send(x('presence', { to: this.occupantJid }, join, this.presenceChildren()));
  }

  leave(reason?: string): void {
    if (this.left) return;
    this.left = true;
    const status = reason ? x('status', {}, reason) : null;
    this.connection.send(x('presence', { to: this.occupantJid, type: 'unavailable' }, status));
    this.close();
  }

  close(): void {
    for (const off of this.unsubscribe) off();
    this.removeAll();
  }

  /** Changes are sent at once when joined; before that they become part of the join presence. */
  setName(name: string): void {
    if (name) this.presence.set('nick', x('nick', { xmlns: NS.nick }, name));
    else this.presence.delete('nick');
    this.sendPresence();
  }

  setSource(name: string, state: SourceState): void {
    this.sources[name] = state;
    this.sendPresence();
  }

  setProperty(name: string, value: string): void {
    this.presence.set(`p:${name}`, x(`jitsi_participant_${name}`, {}, value));
    this.sendPresence();
  }

  setStatsId(id: string): void {
    this.presence.set('stats-id', x('stats-id', {}, id));
  }

  sendChat(message: string, to: string | null): void {
    const id = this.connection.uniqueId();
    const target = to ? { type: 'chat', to: `${this.jid}/${to}` } : { type: 'groupchat', to: this.jid };
    this.connection.send(x('message', { ...target, id }, x('body', {}, message)));
    // A group message is shown from its echo; a private one has none.
    if (to) {
      this.emit('chat', {
        id,
        from: this.nick,
        fromName: this.self?.name ?? '',
        own: true,
        privateWith: to,
        text: message,
        at: Date.now(),
      });
    }
  }

  setSubject(subject: string): void {
    this.connection.send(x('message', { type: 'groupchat', to: this.jid }, x('subject', {}, subject)));
  }

  async kick(id: string): Promise<void> {
    const item = x('item', { nick: id, role: 'none' }, x('reason', {}, 'You have been kicked.'));
    await this.connection.iq(x('iq', { type: 'set', to: this.jid }, x('query', { xmlns: NS.mucAdmin }, item)));
  }

  async grantModerator(id: string): Promise<void> {
    const jid = this.members.get(id)?.jid;
    if (!jid) return;
    const item = x('item', { affiliation: 'owner', jid: bareJid(jid) });
    await this.connection.iq(x('iq', { type: 'set', to: this.jid }, x('query', { xmlns: NS.mucAdmin }, item)));
  }

  async mute(id: string, kind: 'audio' | 'video' | 'desktop', muted = true): Promise<void> {
    const xmlns = { audio: NS.muteAudio, video: NS.muteVideo, desktop: NS.muteDesktop }[kind];
    const mute = x('mute', { xmlns, jid: `${this.jid}/${id}` }, String(muted));
    await this.connection.iq(x('iq', { type: 'set', to: this.focusOccupant }, mute));
  }

  /** Start time of the meeting and such, from the room's discovery form. */
  async queryInfo(): Promise<Record<string, string>> {
    const reply = await this.connection.iq(
      x('iq', { type: 'get', to: this.jid }, x('query', { xmlns: NS.disco })),
      10_000,
    );
    const form = child(child(reply, 'query', NS.disco), 'x', 'jabber:x:data');
    return Object.fromEntries(
      children(form, 'field').map((f) => [attr(f, 'var') ?? '', text(child(f, 'value'))] as const),
    );
  }

  private presenceChildren(): XNode[] {
    const nodes = [...this.presence.values()];
    if (Object.keys(this.sources).length > 0) {
      const info = Object.fromEntries(
        Object.entries(this.sources).map(([name, s]) => [
          name,
          s.videoType === 'camera' ? { muted: s.muted } : { muted: s.muted, videoType: s.videoType },
        ]),
      );
      nodes.push(x('SourceInfo', {}, JSON.stringify(info)));
    }
    return nodes;
  }

  private sendPresence(): void {
    if (!this.self || this.left) return;
    this.connection.send(x('presence', { to: this.occupantJid }, this.presenceChildren()));
  }

  private onPresence(stanza: Element): void {
    const from = attr(stanza, 'from') ?? '';
    if (bareJid(from) !== this.jid) return;
    const type = attr(stanza, 'type');
    const id = resourceOf(from);
    if (type === 'error') {
      this.onPresenceError(stanza, id);
      return;
    }
    const user = child(stanza, 'x', NS.mucUser);
    const item = child(user, 'item');
    const status = new Set(children(user, 'status').map((s) => attr(s, 'code')));
    const isSelf = status.has('110') || id === this.nick;
    if (type === 'unavailable') {
      this.onUnavailable(stanza, id, isSelf, user, item, status);
      return;
    }
    if (!item) return;
    const realJid = attr(item, 'jid');
    if (id === 'focus' || this.isFocusJid(realJid)) {
      this.onFocusPresence(stanza, realJid);
      return;
    }
    const member = this.parseMember(stanza, id, item, realJid);
    if (isSelf) this.onSelf(member);
    else this.onMember(member);
  }

  private isFocusJid(jid: string | null): boolean {
    return this.focusJid !== null && (jid?.startsWith(`${this.focusJid}/`) ?? false);
  }

  private onFocusPresence(stanza: Element, realJid: string | null): void {
    if (this.focusJid && realJid && !this.isFocusJid(realJid)) {
      log('room', 'an occupant named focus is not the focus');
      return;
    }
    this.focusSeen = true;
    const properties = child(stanza, 'conference-properties', NS.focus);
    if (properties) {
      this.emit(
        'focusProperties',
        Object.fromEntries(children(properties, 'property').map((p) => [attr(p, 'key') ?? '', attr(p, 'value') ?? ''])),
      );
    }
    if (child(stanza, 'bridgeNotAvailable')) this.emit('bridgeNotAvailable');
  }

  private parseMember(stanza: Element, id: string, item: Element, jid: string | null): Member {
    const hand = text(child(stanza, 'jitsi_participant_raisedHand'));
    const domain = jid ? (bareJid(jid).split('@')[1] ?? '') : '';
    return {
      id,
      jid,
      name: text(child(stanza, 'nick', NS.nick)).slice(0, 100),
      moderator: attr(item, 'role') === 'moderator' || attr(item, 'affiliation') === 'owner',
      hidden: this.hiddenDomain !== null && domain === this.hiddenDomain,
      sources: parseSourceInfo(id, text(child(stanza, 'SourceInfo'))),
      raisedHand: handTime(hand),
      region: text(child(stanza, 'jitsi_participant_region')) || null,
    };
  }

  private onSelf(member: Member): void {
    const first = this.self === null;
    this.self = member;
    if (first) {
      log('room', 'joined');
      this.emit('joined', member);
      // Changes made while the join was under way are not in the presence that the room has.
      this.sendPresence();
    } else this.emit('selfChanged', member);
  }

  private onMember(member: Member): void {
    const known = this.members.has(member.id);
    this.members.set(member.id, member);
    this.emit(known ? 'memberChanged' : 'memberJoined', member);
  }

  private onUnavailable(
    stanza: Element,
    id: string,
    isSelf: boolean,
    user: Element | null,
    item: Element | null,
    status: Set<string | null>,
  ): void {
    if (child(stanza, 'ignore', 'http://jitsi.org/jitmeet/')) return;
    const destroy = child(user, 'destroy');
    if (destroy) {
      this.left = true;
      this.emit('destroyed', text(child(destroy, 'reason')));
      return;
    }
    const kicked = status.has('307');
    if (isSelf) {
      if (this.left) return;
      this.left = true;
      if (kicked) {
        this.emit('kicked', { by: attr(child(item, 'actor'), 'nick'), reason: text(child(item, 'reason')) });
      } else this.emit('destroyed', '');
      return;
    }
    if (id === 'focus') {
      this.focusSeen = false;
      this.emit('focusLeft');
      return;
    }
    const member = this.members.get(id);
    if (!member) return;
    this.members.delete(id);
    this.emit('memberLeft', member, { kicked, replaced: child(stanza, 'flip_device') !== null });
  }

  private onPresenceError(stanza: Element, id: string): void {
    if (this.self && id !== this.nick) return;
    const condition = errorCondition(stanza);
    const error = child(stanza, 'error');
    const detail = text(child(error, 'text'));
    log('room', 'join refused', `${condition} ${detail}`);
    this.emit('joinFailed', joinFailure(condition, error, detail), detail || condition);
  }

  private onMessage(stanza: Element): void {
    const from = attr(stanza, 'from') ?? '';
    if (bareJid(from) !== this.jid) return;
    const type = attr(stanza, 'type');
    const id = resourceOf(from) || null;
    const delay = child(stanza, 'delay', NS.delay);
    if (type === 'error') {
      this.emit('chatError', text(child(child(stanza, 'error'), 'text')) || errorCondition(stanza));
      return;
    }
    const subject = child(stanza, 'subject');
    const body = child(stanza, 'body');
    if (subject && !body) {
      this.emit('subject', text(subject));
      return;
    }
    const json = jsonMessage(stanza);
    if (json) {
      if (!delay && 'type' in json) this.emit('json', id, json);
      return;
    }
    const payload = body ? parseJsonObject(text(body)) : null;
    if (payload && typeof payload.type === 'string') return;
    if (!body || !text(body) || child(stanza, 'reactions') || child(stanza, 'retract')) return;
    this.emit('chat', this.chatMessage(stanza, type, id, text(body), delay));
  }

  private chatMessage(
    stanza: Element,
    type: string | null,
    id: string | null,
    body: string,
    delay: Element | null,
  ): ChatMessage {
    const stamp = delay ? Date.parse(attr(delay, 'stamp') ?? '') : Number.NaN;
    const member = id ? this.members.get(id) : undefined;
    const display = text(child(stanza, 'display-name'));
    const own = id === this.nick;
    return {
      id: attr(stanza, 'id') ?? this.connection.uniqueId(),
      from: id,
      fromName: (own ? this.self?.name : member?.name) || display || '',
      own,
      privateWith: type === 'chat' ? id : null,
      text: body,
      at: Number.isNaN(stamp) ? Date.now() : stamp,
    };
  }
}

function handTime(value: string): number | null {
  if (!value || value === 'false') return null;
  const at = Number(value);
  return Number.isFinite(at) && at > 0 ? at : null;
}

/** Entries under names that are not the sender's own are dropped, as every client does. */
export function parseSourceInfo(owner: string, source: string): Record<string, SourceState> {
  const info = source ? parseJsonObject(source) : null;
  const result: Record<string, SourceState> = {};
  for (const [name, value] of Object.entries(info ?? {})) {
    if (!name.startsWith(`${owner}-`) || typeof value !== 'object' || value === null) continue;
    const state = value as { muted?: unknown; videoType?: unknown };
    const videoType =
      typeof state.videoType === 'string' && state.videoType.startsWith('desktop') ? 'desktop' : 'camera';
    result[name] = { muted: state.muted !== false, videoType };
  }
  return result;
}

export function joinFailure(condition: string, error: Element | null, detail: string): JoinFailure {
  switch (condition) {
    case 'not-authorized':
      return 'password';
    case 'registration-required':
      return 'members-only';
    case 'service-unavailable':
      return 'full';
    case 'not-acceptable':
      return child(error, 'displayname-required') ? 'display-name' : 'error';
    case 'not-allowed':
      if (child(error, 'authentication-required')) return 'authentication';
      if (detail === 'Room creation is restricted' || child(error, 'room-does-not-exist')) return 'room-gone';
      return 'not-allowed';
    default:
      return 'error';
  }
}
