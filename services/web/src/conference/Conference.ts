import { type BreakoutCommand, breakoutCommand, readBreakoutNews } from './breakouts';
import { ConferenceRequest, ConferenceRequestError, type RequestOptions } from './ConferenceRequest';
import { Caps, clientFeatures } from './caps';
import type { ConferenceEvents, ConferenceProblem, SignallingState } from './conferenceEvents';
import { type MeshConfig, roomNode } from './config';
import { DomainServices } from './DomainServices';
import { Emitter } from './emitter';
import type { JoinFailure } from './joinFailure';
import type { LocalMedia } from './LocalMedia';
import { type Account, LoginError, logIn, logOut } from './Login';
import { ClientLimits } from './limits';
import { log } from './log';
import { MediaLink } from './MediaLink';
import { OwnMedia } from './OwnMedia';
import { openConnection } from './openConnection';
import { type Member, Room } from './Room';
import { whyUnreachable } from './reachability';
import { documentUrl } from './sharedDocument';
import { limited } from './texts';
import { ConnectionError, type ConnectionFailure, randomHex, type XmppConnection } from './XmppConnection';
import { attr, child, NS, resourceOf, text, x } from './xml';

export interface JoinOptions {
  room: string;
  name: string;
  password?: string | undefined;
  token?: string | undefined;
  /** Logs the call's own session in. */
  account?: Account | undefined;
  machineUid: string;
}

const JOIN_RETRIES = 3;

/** One call from joining to leaving: signalling, the room and the media, and how they go together. */
export class Conference extends Emitter<ConferenceEvents> {
  connection: XmppConnection | null = null;
  room: Room | null = null;
  signalling: SignallingState = 'connecting';
  readonly link: MediaLink;
  readonly own: OwnMedia;
  readonly services: DomainServices;

  private readonly caps: Caps;
  private request: ConferenceRequest | null = null;
  private joinAttempts = 0;
  private over = false;
  private startMutedApplied = false;
  private raisedHandAt: number | null = null;
  /** Address of the breakout room that the call is in; null in the main room. */
  private breakout: string | null = null;

  constructor(
    private readonly config: MeshConfig,
    private readonly options: JoinOptions,
    devices: LocalMedia,
  ) {
    super();
    this.caps = new Caps(clientFeatures(config.ssrcRewriting));
    this.services = new DomainServices(config, () => this.emit('localChanged'));
    this.link = new MediaLink(
      config,
      {
        tracks: () => ({
          audio: devices.audio,
          video: devices.video,
          desktop: this.own.desktopShared ? devices.desktop : null,
        }),
        iceServers: () => this.services.iceServers,
        onRejected: (kind) => this.own.onRejected(kind),
        onLost: (problem) => this.end(problem),
      },
      this,
    );
    this.own = new OwnMedia(devices, this.link, () => this.room, this);
  }

  get endpointId(): string {
    return this.room?.nick ?? '';
  }

  get roomJid(): string {
    return this.breakout ?? this.mainRoomJid;
  }

  private get mainRoomJid(): string {
    return `${roomNode(this.options.room)}@${this.config.mucDomain}`;
  }

  /** Goes through every step up to the join; problems arrive as events. */
  async join(): Promise<void> {
    this.own.adopt();
    try {
      await this.connect();
      await this.enterRoom(this.options.password);
    } catch (error) {
      this.onJoinError(error);
    }
  }

  /** Tries the same room again with a password. */
  async retryWithPassword(password: string): Promise<void> {
    this.over = false;
    try {
      if (!this.connection || this.connection.status === 'closed') await this.connect();
      await this.enterRoom(password);
    } catch (error) {
      this.onJoinError(error);
    }
  }

  leave(): void {
    this.over = true;
    this.request?.cancel();
    this.link.close();
    this.room?.leave();
    this.room = null;
    this.connection?.disconnect();
    this.connection = null;
    this.removeAll();
  }

  /** Signs a guest in: one who waits becomes the host, one who is in the call gets the rights of the account. Throws a LoginError. */
  async becomeHost(account: Account): Promise<void> {
    const { identity } = await logIn(this.config, this.options.room, this.options.machineUid, account);
    if (this.over) throw new LoginError('refused', 'the call was left');
    this.emit('identity', identity);
    if (this.request?.hurry()) return;
    if (this.connection) {
      await this.newRequest(this.connection)
        .run()
        .catch((error: unknown) => log('conference', 'the login was not taken note of', error));
    }
  }

  /** Ends the login. Gives the page that ends it elsewhere too, when there is one. */
  async logOut(): Promise<string | null> {
    const url = this.connection ? await logOut(this.connection, this.config.focusAddress) : null;
    this.emit('identity', null);
    return url;
  }

  endForAll(): void {
    const to = this.services.endConferenceAddress;
    if (to) this.connection?.send(x('message', { to }, x('end_conference')));
  }

  // ---- the room --------------------------------------------------------------------------------------------------

  /** What a moderator does with breakout rooms; the server refuses it from anybody else. */
  command(command: BreakoutCommand): void {
    const to = this.services.breakoutAddress;
    if (to) this.connection?.send(breakoutCommand(to, command));
  }

  /** Goes to a breakout room of this meeting, or back: same session and nick, another room with a conference of its own. */
  async switchRoom(jid: string): Promise<void> {
    const isBreakout = jid !== this.mainRoomJid;
    if (this.over || jid === this.roomJid || (isBreakout && !jid.endsWith(`@${this.services.breakoutAddress}`))) return;
    this.request?.cancel();
    this.link.reset();
    this.room?.leave('switch_room');
    this.room = null;
    this.breakout = isBreakout ? jid : null;
    this.joinAttempts = 0;
    this.emit('roomChanged', jid);
    try {
      await this.enterRoom(isBreakout ? undefined : this.options.password);
    } catch (error) {
      this.onJoinError(error);
    }
  }

  setName(name: string): void {
    this.options.name = name;
    this.room?.setName(name);
  }

  get handRaised(): boolean {
    return this.raisedHandAt !== null;
  }

  setHandRaised(raised: boolean): void {
    this.raisedHandAt = raised ? Date.now() : null;
    this.room?.setProperty('raisedHand', raised ? String(this.raisedHandAt) : '');
    this.emit('localChanged');
  }

  // ---- joining ---------------------------------------------------------------------------------------------------

  private async connect(): Promise<void> {
    const useGuest = this.config.anonymousDomain !== null && !this.options.token && !this.options.account;
    const connection = await openConnection(
      this.config,
      {
        domain: useGuest ? (this.config.anonymousDomain ?? this.config.domain) : this.config.domain,
        room: roomNode(this.options.room),
        token: this.options.token,
        account: this.options.account,
        resume: this.config.resumeStreams,
      },
      (opening) => this.listenTo(opening),
      () => !this.over,
    );
    void this.services.discover(connection);
  }

  private listenTo(connection: XmppConnection): void {
    this.connection = connection;
    connection.on('status', (status) => {
      if (connection !== this.connection) return;
      this.signalling = status;
      this.emit('signalling', status);
    });
    connection.on('failed', (reason, detail) => {
      if (connection === this.connection) this.onConnectionFailed(reason, detail);
    });
    connection.on('message', (stanza) => this.onServerMessage(stanza));
    connection.addIqHandler((iq) => this.onIq(iq));
  }

  private async enterRoom(password?: string): Promise<void> {
    const connection = this.connection;
    if (!connection) return;
    this.request = this.newRequest(connection, {
      onWaitingForHost: () => this.emit('waitingForHost'),
      onSilent: () => this.emit('focusSilent'),
    });
    const reply = await this.request.run();
    this.request = null;
    if (this.over) return;
    this.emit('identity', reply.identity);
    this.openRoom(connection, reply.focusJid ?? this.config.focusUserJid, password);
  }

  private newRequest(
    connection: XmppConnection,
    more: Pick<RequestOptions, 'onWaitingForHost' | 'onSilent'> = {},
  ): ConferenceRequest {
    return new ConferenceRequest(connection, {
      roomJid: this.roomJid,
      roomNode: roomNode(this.options.room),
      focusAddress: this.config.focusAddress,
      httpUrl: this.config.conferenceRequestUrl,
      token: this.options.token,
      machineUid: this.options.machineUid,
      startAudioMuted: this.config.startAudioMuted,
      startVideoMuted: this.config.startVideoMuted,
      ...more,
    });
  }

  private openRoom(connection: XmppConnection, focusJid: string | null, password?: string): void {
    const nick = this.room?.nick ?? connection.nick;
    this.room?.close();
    const room = new Room(connection, this.roomJid, nick, focusJid, this.config.hiddenDomain, this.caps);
    this.room = room;
    room.on('joined', (self) => this.onJoined(room, self));
    room.on('joinFailed', (reason, detail, code) => this.onJoinFailed(reason, detail, code));
    room.on('selfChanged', (self) => this.emit('selfChanged', self));
    room.on('memberJoined', (member) => this.emit('memberJoined', member));
    room.on('memberChanged', (member) => this.emit('memberChanged', member));
    room.on('memberLeft', (member, how) => {
      // The focus sends no source-remove for somebody who left the room.
      this.link.session?.removeOwner(member.id);
      this.emit('memberLeft', member, how);
    });
    room.on('chat', (message) => this.emit('chat', message));
    room.on('chatError', (message) => this.emit('chatError', message));
    room.on('document', (name) => this.emit('document', documentUrl(this.config.documentsUrl, name)));
    room.on('subject', (subject) => this.emit('subject', subject));
    room.on('kicked', ({ by, reason }) => this.end({ kind: 'kicked', by, reason }));
    room.on('destroyed', (reason, alternate) => {
      // A breakout room was removed: its people go back to the main room.
      if (this.breakout !== null && alternate === this.mainRoomJid) void this.switchRoom(alternate);
      else this.end({ kind: 'ended', reason });
    });
    room.on('bridgeNotAvailable', () => this.end({ kind: 'no-bridge', detail: '' }));
    room.on('focusLeft', () => this.end({ kind: 'focus-left', detail: '' }));
    room.setStatsId(`web-${randomHex(3)}`);
    room.setName(this.options.name);
    room.setProperty('codecList', 'vp8,vp9,h264,av1');
    room.setSource(`${nick}-a0`, { muted: this.own.audioMuted, videoType: 'camera' });
    room.setSource(`${nick}-v0`, { muted: this.own.videoMuted, videoType: 'camera' });
    room.join(password);
  }

  private onJoined(room: Room, self: Member): void {
    this.joinAttempts = 0;
    this.emit('joined', self);
    room.queryInfo().then(
      (info) => {
        const started = Number(info['muc#roominfo_created_timestamp']);
        if (Number.isFinite(started) && started > 0) this.emit('started', started);
        const meeting = limited(info['muc#roominfo_meetingId'] ?? '', ClientLimits.idLength);
        if (meeting) this.emit('meetingId', meeting);
      },
      (error: unknown) => log('room', 'no room information', error),
    );
  }

  private onJoinFailed(reason: JoinFailure, detail: string, code: string | null): void {
    if (reason === 'room-gone' && this.joinAttempts < JOIN_RETRIES) {
      this.joinAttempts += 1;
      setTimeout(
        () => {
          if (!this.over) this.enterRoom(this.options.password).catch((error: unknown) => this.onJoinError(error));
        },
        500 + Math.random() * 2900,
      );
      return;
    }
    if (this.breakout !== null) void this.switchRoom(this.mainRoomJid);
    else this.emit('problem', { kind: 'join', reason, detail, code });
  }

  private onJoinError(error: unknown): void {
    if (this.over) return;
    log('conference', 'join failed', error);
    if (error instanceof ConnectionError) {
      const problem = this.connectionProblem(error.reason, error.detail);
      if (problem) this.emit('problem', problem);
      else void this.tellUnreachable(error.detail);
    } else if (error instanceof ConferenceRequestError) this.onRequestFailed(error);
    else this.emit('problem', { kind: 'refused', reason: 'refused', detail: String(error) });
  }

  private onRequestFailed({ reason, detail, status }: ConferenceRequestError): void {
    if (reason === 'cancelled') return;
    if (reason === 'not-authorized') this.emit('problem', { kind: 'login-required', wrong: false, detail });
    else if (reason !== 'unreachable') this.emit('problem', { kind: 'refused', reason, detail });
    else if (status === 0) void this.tellUnreachable(detail);
    else this.emit('problem', { kind: 'unreachable', reason: 'answers', status, detail });
  }

  private async tellUnreachable(detail: string): Promise<void> {
    const why = await whyUnreachable(this.config);
    log('xmpp', 'unreachable', why);
    if (!this.over) this.emit('problem', { kind: 'unreachable', ...why, detail });
  }

  private onConnectionFailed(reason: ConnectionFailure, detail: string): void {
    if (this.over) return;
    this.end(this.connectionProblem(reason, detail) ?? { kind: 'dropped', detail });
  }

  /** What a refused login, or the word of a server that stops, means for people; null when it was something else. */
  private connectionProblem(reason: ConnectionFailure, detail: string): ConferenceProblem | null {
    if (reason === 'server-down' || reason === 'auth-silent') return { kind: reason, detail };
    if (reason !== 'not-authorized' && reason !== 'login-required') return null;
    if (this.options.account) return { kind: 'login-required', wrong: true, detail };
    if (this.options.token || (reason === 'not-authorized' && detail)) return { kind: 'token', detail };
    return { kind: 'login-required', wrong: false, detail };
  }

  /** Ends the call on this side and says why. */
  private end(problem: ConferenceProblem): void {
    if (this.over) return;
    log('conference', 'ended', problem);
    this.emit('problem', problem);
    this.leave();
  }

  // ---- what the server sends -------------------------------------------------------------------------------------

  private onServerMessage(stanza: Element): void {
    const news = readBreakoutNews(stanza, this.services.breakoutAddress, this.config.hiddenDomain);
    if (news?.kind === 'rooms') this.emit('breakoutRooms', news.rooms, news.counter);
    else if (news) void this.switchRoom(news.room);
    const metadata = this.services.onMessage(stanza);
    const policy = metadata?.startMuted;
    if (metadata)
      this.applyStartMuted(typeof policy === 'object' && policy !== null ? (policy as Record<string, unknown>) : {});
  }

  /** The policy is for people who come in, not for those who are there when it changes. */
  private applyStartMuted(policy: Record<string, unknown>): void {
    if (this.startMutedApplied || this.room?.self) return;
    this.startMutedApplied = true;
    if (policy.audio === true) void this.own.setAudioMuted(true);
    if (policy.video === true) void this.own.setVideoMuted(true);
  }

  private onIq(iq: Element): boolean {
    if (this.connection && this.caps.answer(this.connection, iq)) return true;
    const from = attr(iq, 'from') ?? '';
    const jingle = child(iq, 'jingle', NS.jingle);
    if (jingle) return this.onJingle(iq, jingle, from);
    for (const [xmlns, kind] of [
      [NS.muteAudio, 'audio'],
      [NS.muteVideo, 'video'],
      [NS.muteDesktop, 'desktop'],
    ] as const) {
      const mute = child(iq, 'mute', xmlns);
      if (!mute) continue;
      if (!this.room?.isFocus(from)) return false;
      this.connection?.replyResult(iq);
      const actor = attr(mute, 'actor');
      const failed = (error: unknown) => log('media', 'muting failed', error);
      if (text(mute).trim() === 'true') this.own.onMuted(kind, actor ? resourceOf(actor) : null).catch(failed);
      return true;
    }
    return false;
  }

  private onJingle(iq: Element, jingle: Element, from: string): boolean {
    const { connection, room } = this;
    if (!connection || !room) return false;
    if (!room.isFocus(from)) {
      const initiate = attr(jingle, 'action') === 'session-initiate';
      connection.replyError(iq, 'cancel', initiate ? 'not-allowed' : 'item-not-found');
    } else this.link.onJingle(connection, iq, jingle, this.endpointId);
    return true;
  }
}
