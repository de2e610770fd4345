import type { Caps } from './caps';
import { Emitter } from './emitter';
import { joinFailure } from './joinFailure';
import { ClientLimits } from './limits';
import { log } from './log';
import type { RoomEvents } from './roomEvents';
import { validName } from './sources';
import { cleanName, limited } from './texts';
import type { XmppConnection } from './XmppConnection';
import {
  attr,
  bareJid,
  child,
  children,
  errorCondition,
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

/** One conference room (MUC): presence in, presence out, chat, and what moderators may do. */
export class Room extends Emitter<RoomEvents> {
  readonly members = new Map<string, Member>();
  self: Member | null = null;

  private readonly presence = new Map<string, XNode>();
  private readonly sources: Record<string, SourceState> = {};
  private left = false;
  /** Nick of the occupant that is the focus by its real address. */
  private focusNick: string | null = null;
  /** The subject ends what the room tells of its past (XEP-0045 section 7.1): what comes later was said now. */
  private pastOver = false;
  /** Ids of own messages, newest last: a refusal of something else is nobody's business. */
  private readonly sentIds: string[] = [];
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

  get focusSeen(): boolean {
    return this.focusNick !== null;
  }

  get focusOccupant(): string {
    return `${this.jid}/${this.focusNick ?? 'focus'}`;
  }

  /** Whether an address is that of the focus in this room; not before the focus was seen. */
  isFocus(from: string): boolean {
    return this.focusNick !== null && from === this.focusOccupant;
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
    this.sentIds.push(id);
    if (this.sentIds.length > ClientLimits.sentMessages) this.sentIds.shift();
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
    // The room's own element comes first and is a child of the stanza; what a participant sent along comes later or deeper.
    const user = child(stanza, 'x', NS.mucUser);
    const item = child(user, 'item', NS.mucUser);
    const status = new Set(children(user, 'status', NS.mucUser).map((s) => attr(s, 'code')));
    const isSelf = status.has('110') || id === this.nick;
    if (type === 'unavailable') {
      this.onUnavailable(stanza, id, isSelf, user, item, status);
      return;
    }
    if (type !== null || !item || id === '') return;
    const realJid = attr(item, 'jid');
    if (this.isFocusItem(id, item)) {
      this.onFocusPresence(stanza, id);
      return;
    }
    if (id === 'focus') {
      log('room', 'an occupant named focus is not the focus');
      return;
    }
    const member = this.parseMember(stanza, id, item, realJid);
    if (isSelf) this.onSelf(member);
    else this.onMember(member);
  }

  /** By the real address that the room tells; where the server did not say which one that is, the owner of that nick. */
  private isFocusItem(id: string, item: Element): boolean {
    if (this.focusJid === null) return id === 'focus' && attr(item, 'affiliation') === 'owner';
    const jid = attr(item, 'jid');
    return jid !== null && bareJid(jid).toLowerCase() === bareJid(this.focusJid).toLowerCase();
  }

  private onFocusPresence(stanza: Element, id: string): void {
    this.focusNick = id;
    const properties = child(stanza, 'conference-properties', NS.focus);
    if (properties) {
      this.emit(
        'focusProperties',
        Object.fromEntries(children(properties, 'property').map((p) => [attr(p, 'key') ?? '', attr(p, 'value') ?? ''])),
      );
    }
    const document = text(child(stanza, 'etherpad', NS.etherpad)).trim();
    if (document) this.emit('document', document);
    if (child(stanza, 'bridgeNotAvailable')) this.emit('bridgeNotAvailable');
  }

  private parseMember(stanza: Element, id: string, item: Element, jid: string | null): Member {
    const hand = text(child(stanza, 'jitsi_participant_raisedHand'));
    const domain = jid ? (bareJid(jid).split('@')[1] ?? '') : '';
    return {
      id,
      jid,
      name: cleanName(text(child(stanza, 'nick', NS.nick))),
      moderator: attr(item, 'role') === 'moderator' || attr(item, 'affiliation') === 'owner',
      hidden: this.hiddenDomain !== null && domain === this.hiddenDomain,
      sources: parseSourceInfo(id, text(child(stanza, 'SourceInfo'))),
      raisedHand: handTime(hand),
      region: limited(text(child(stanza, 'jitsi_participant_region')), ClientLimits.idLength) || null,
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
    if (!known && this.members.size >= ClientLimits.members) return;
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
    const destroy = child(user, 'destroy', NS.mucUser);
    if (destroy) {
      this.left = true;
      this.emit(
        'destroyed',
        limited(text(child(destroy, 'reason')), ClientLimits.chatLength),
        attr(destroy, 'jid') ?? null,
      );
      return;
    }
    const kicked = status.has('307');
    if (isSelf) {
      if (this.left) return;
      this.left = true;
      if (kicked) {
        const reason = limited(text(child(item, 'reason', NS.mucUser)), ClientLimits.chatLength);
        this.emit('kicked', { by: attr(child(item, 'actor', NS.mucUser), 'nick'), reason });
      } else this.emit('destroyed', '', null);
      return;
    }
    if (id === this.focusNick) {
      this.focusNick = null;
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
    const code = text(child(error, 'code', NS.errors)) || null;
    this.emit(
      'joinFailed',
      joinFailure(condition, error, detail),
      limited(detail || condition, ClientLimits.chatLength),
      code,
    );
  }

  private onMessage(stanza: Element): void {
    const from = attr(stanza, 'from') ?? '';
    if (bareJid(from) !== this.jid) return;
    const type = attr(stanza, 'type');
    const id = resourceOf(from) || null;
    if (type === 'error') {
      if (!this.sentIds.includes(attr(stanza, 'id') ?? '')) return;
      const detail = text(child(child(stanza, 'error'), 'text', NS.stanzas)) || errorCondition(stanza);
      this.emit('chatError', limited(detail, ClientLimits.chatLength));
      return;
    }
    // A participant's elements may be called so in a namespace of their own.
    const namespace = stanza.namespaceURI ?? undefined;
    const subject = child(stanza, 'subject', namespace);
    const body = text(child(stanza, 'body', namespace));
    if (subject && !child(stanza, 'body', namespace)) {
      if (type !== 'groupchat') return;
      this.pastOver = true;
      this.emit('subject', limited(text(subject), ClientLimits.chatLength));
      return;
    }
    if (child(stanza, 'json-message', NS.jitmeet)) return;
    if (!body || typeof parseJsonObject(body)?.type === 'string') return;
    if (child(stanza, 'reactions') || child(stanza, 'retract')) return;
    // Whatever its type says, what was not sent to all is private; the room itself has nothing to say in private.
    if (type !== 'groupchat' && id === null) return;
    this.emit('chat', this.chatMessage(stanza, type === 'groupchat' ? null : id, id, body));
  }

  private chatMessage(stanza: Element, privateWith: string | null, id: string | null, body: string): ChatMessage {
    const member = id ? this.members.get(id) : undefined;
    const own = id === this.nick;
    // The room names authors that are not here: those of the past, and visitors.
    const display = member || own ? '' : cleanName(text(child(stanza, 'display-name', NS.displayName)));
    return {
      id: limited(attr(stanza, 'id') ?? this.connection.uniqueId(), ClientLimits.idLength),
      from: id,
      fromName: (own ? this.self?.name : member?.name) || display,
      own,
      privateWith,
      text: limited(body, ClientLimits.chatLength),
      at: this.timeOf(stanza, privateWith),
    };
  }

  /** When a message was said: the room's word for it while it tells its past, else now. */
  private timeOf(stanza: Element, privateWith: string | null): number {
    const now = Date.now();
    if (this.pastOver || privateWith !== null) return now;
    const delays = children(stanza, 'delay', NS.delay).filter((d) => (attr(d, 'from') ?? this.jid) === this.jid);
    const stamp = Date.parse(attr(delays[delays.length - 1], 'stamp') ?? '');
    return Number.isNaN(stamp) ? now : Math.min(stamp, now);
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
  for (const [name, value] of Object.entries(info ?? {}).slice(0, ClientLimits.sourcesOfMember)) {
    if (!name.startsWith(`${owner}-`) || !validName(name) || typeof value !== 'object' || value === null) continue;
    const state = value as { muted?: unknown; videoType?: unknown };
    const videoType =
      typeof state.videoType === 'string' && state.videoType.startsWith('desktop') ? 'desktop' : 'camera';
    result[name] = { muted: state.muted !== false, videoType };
  }
  return result;
}
