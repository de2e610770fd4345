import { BridgeChannel } from './BridgeChannel';
import { ConferenceRequest, ConferenceRequestError } from './ConferenceRequest';
import { Caps, clientFeatures } from './caps';
import { type MeshConfig, roomNode } from './config';
import { type ExternalService, iceServer, parseDisco, queryDomain, queryIceServers } from './Disco';
import { Emitter } from './emitter';
import type { LocalMedia } from './LocalMedia';
import { log } from './log';
import { type LocalSourceKind, type MappedSource, MediaSession, type RemoteTrack } from './MediaSession';
import { ReceiverConstraints, type Wish } from './ReceiverConstraints';
import { type ChatMessage, type JoinFailure, type Member, Room, type VideoType } from './Room';
import { type ConnectionStats, endpointStats, Statistics } from './Statistics';
import { ConnectionError, randomHex, XmppConnection } from './XmppConnection';
import { attr, bareJid, child, jsonMessage, NS, resourceOf, text, x } from './xml';

export type ConferenceProblem =
  | { kind: 'unreachable'; detail: string }
  | { kind: 'not-authorized'; detail: string }
  | { kind: 'dropped'; detail: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'join'; reason: JoinFailure; detail: string }
  | { kind: 'kicked'; by: string | null; reason: string }
  | { kind: 'ended'; reason: string }
  | { kind: 'focus-left'; detail: string }
  | { kind: 'no-bridge'; detail: string }
  | { kind: 'media'; detail: string };

/** Where the media is: not asked for yet, being built, flowing, or broken for the moment. */
export type MediaState = 'waiting' | 'connecting' | 'connected' | 'interrupted';

export type SignallingState = 'connecting' | 'online' | 'resuming' | 'closed';

type ConferenceEvents = {
  joined: [Member];
  selfChanged: [Member];
  memberJoined: [Member];
  memberChanged: [Member];
  memberLeft: [Member, { kicked: boolean; replaced: boolean }];
  trackAdded: [RemoteTrack];
  trackRemoved: [RemoteTrack];
  signalling: [SignallingState];
  media: [MediaState];
  dominantSpeaker: [string | null, string[]];
  forwardedSources: [string[]];
  endpointActive: [string, boolean];
  remoteQuality: [string, number];
  stats: [ConnectionStats];
  chat: [ChatMessage];
  chatError: [string];
  subject: [string];
  started: [number];
  mutedBy: [LocalSourceKind, string | null];
  unmuteRejected: [LocalSourceKind];
  localChanged: [];
  problem: [ConferenceProblem];
};

export interface JoinOptions {
  room: string;
  name: string;
  password?: string | undefined;
  token?: string | undefined;
  machineUid: string;
}

const JOIN_RETRIES = 3;
const MEDIA_RESTARTS = 3;
const INTERRUPTED_MS = 1500;
const STATS_INTERVAL_MS = 2000;
const STATS_BROADCAST_EVERY = 5;

/** One call from joining to leaving: signalling, room, media session and bridge channel, and how they go together. */
export class Conference extends Emitter<ConferenceEvents> {
  connection: XmppConnection | null = null;
  room: Room | null = null;
  session: MediaSession | null = null;
  channel: BridgeChannel | null = null;
  mediaState: MediaState = 'waiting';
  signalling: SignallingState = 'connecting';
  lastStats: ConnectionStats | null = null;
  /** Address of the component that ends a meeting for all; null when the server has none. */
  endConferenceAddress: string | null = null;
  audioMuted = true;
  videoMuted = true;
  desktopShared = false;

  private readonly caps: Caps;
  private readonly constraints: ReceiverConstraints;
  private readonly statistics = new Statistics();
  private readonly components = new Map<string, string>();
  private iceServers: RTCIceServer[] = [];
  private request: ConferenceRequest | null = null;
  private joinAttempts = 0;
  private mediaRestarts = 0;
  private over = false;
  private statsTimer: ReturnType<typeof setInterval> | null = null;
  private interruptedTimer: ReturnType<typeof setTimeout> | null = null;
  private restartTimer: ReturnType<typeof setTimeout> | null = null;
  private statsRound = 0;
  private forceMuted: Record<'audio' | 'video' | 'desktop', boolean> = { audio: false, video: false, desktop: false };
  private startMutedApplied = false;
  private raisedHandAt: number | null = null;

  constructor(
    private readonly config: MeshConfig,
    private readonly options: JoinOptions,
    readonly media: LocalMedia,
  ) {
    super();
    this.caps = new Caps(clientFeatures(config.ssrcRewriting));
    this.constraints = new ReceiverConstraints((message) => {
      if (!this.channel?.isOpen) return false;
      this.channel.send(message);
      return true;
    });
    media.on('ended', (kind) => void this.onDeviceEnded(kind));
  }

  get endpointId(): string {
    return this.room?.nick ?? '';
  }

  get roomJid(): string {
    return `${roomNode(this.options.room)}@${this.config.mucDomain}`;
  }

  /** Goes through every step up to the join; problems arrive as events. */
  async join(): Promise<void> {
    this.audioMuted = !this.media.audio?.enabled;
    this.videoMuted = this.media.video === null;
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
    const session = this.session;
    this.session = null;
    session?.close();
    this.channel?.close();
    this.channel = null;
    this.constraints.close();
    this.stopTimers();
    this.room?.leave();
    this.room = null;
    this.connection?.disconnect();
    this.connection = null;
    this.removeAll();
  }

  endForAll(): void {
    if (!this.endConferenceAddress) return;
    this.connection?.send(x('message', { to: this.endConferenceAddress }, x('end_conference')));
  }

  // ---- own media -------------------------------------------------------------------------------------------------

  async setAudioMuted(muted: boolean): Promise<void> {
    if (!muted) {
      await this.liftForcedMute('audio');
      if (!this.media.audio || this.media.audio.readyState === 'ended') await this.media.openAudio();
    }
    const track = this.media.audio;
    if (track) track.enabled = !muted;
    this.audioMuted = muted;
    if (!muted && track) await this.apply('a0', track);
    this.publish('a0', muted, 'camera');
  }

  async setVideoMuted(muted: boolean): Promise<void> {
    if (!muted) {
      await this.liftForcedMute('video');
      const track = this.media.video ?? (await this.media.openVideo());
      this.videoMuted = false;
      await this.apply('v0', track);
      this.publish('v0', false, 'camera');
    } else {
      this.videoMuted = true;
      this.publish('v0', true, 'camera');
      await this.apply('v0', null);
      this.media.closeVideo();
    }
  }

  /** Another microphone or camera while the call goes on. */
  async switchDevice(kind: 'audio' | 'video', deviceId: string): Promise<void> {
    if (kind === 'audio') {
      const track = await this.media.openAudio(deviceId);
      track.enabled = !this.audioMuted;
      await this.apply('a0', track);
    } else if (this.videoMuted) this.media.choice = { ...this.media.choice, camera: deviceId };
    else await this.apply('v0', await this.media.openVideo(deviceId));
    this.emit('localChanged');
  }

  async startDesktop(): Promise<void> {
    await this.liftForcedMute('desktop');
    const track = await this.media.openDesktop();
    await this.apply('v1', track);
    this.desktopShared = true;
    this.publish('v1', false, 'desktop');
    this.sendVideoType('v1', 'desktop');
  }

  async stopDesktop(): Promise<void> {
    if (!this.desktopShared) return;
    this.desktopShared = false;
    this.publish('v1', true, 'desktop');
    await this.apply('v1', null);
    this.media.closeDesktop();
    this.emit('localChanged');
  }

  private async apply(kind: LocalSourceKind, track: MediaStreamTrack | null): Promise<void> {
    await this.session?.setTrack(kind, track);
  }

  private publish(kind: LocalSourceKind, muted: boolean, videoType: VideoType): void {
    this.room?.setSource(`${this.endpointId}-${kind}`, { muted, videoType });
    this.emit('localChanged');
  }

  private sendVideoType(kind: LocalSourceKind, videoType: string): void {
    this.channel?.send({
      colibriClass: 'SourceVideoTypeMessage',
      sourceName: `${this.endpointId}-${kind}`,
      videoType,
    });
  }

  /** After a moderator muted a source, the focus has to be asked before sending again. */
  private async liftForcedMute(kind: 'audio' | 'video' | 'desktop'): Promise<void> {
    if (!this.forceMuted[kind]) return;
    await this.room?.mute(this.endpointId, kind, false);
    this.forceMuted[kind] = false;
  }

  private async onDeviceEnded(kind: 'audio' | 'video' | 'desktop'): Promise<void> {
    if (kind === 'desktop') await this.stopDesktop();
    else if (kind === 'video') await this.setVideoMuted(true);
    else await this.setAudioMuted(true);
  }

  // ---- the room --------------------------------------------------------------------------------------------------

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

  /** What is on screen, and how large. */
  setWish(wish: Wish): void {
    this.constraints.set({ ...wish, lastN: wish.lastN < 0 ? this.config.lastN : wish.lastN });
  }

  // ---- joining ---------------------------------------------------------------------------------------------------

  private async connect(): Promise<void> {
    const url = this.config.websocketUrl ?? this.config.boshUrl ?? '';
    const useGuest = this.config.anonymousDomain !== null && !this.options.token;
    const connection = new XmppConnection({
      url,
      domain: useGuest ? (this.config.anonymousDomain ?? this.config.domain) : this.config.domain,
      pingDomain: this.config.domain,
      room: roomNode(this.options.room),
      token: this.options.token,
      resume: this.config.resumeStreams && this.config.websocketUrl !== null,
    });
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
    await connection.connect();
    void this.discover(connection);
  }

  private async discover(connection: XmppConnection): Promise<void> {
    if (this.components.size === 0) {
      const disco = await queryDomain(connection, this.config.domain);
      this.learn(disco.components);
    }
    // A server with room metadata sends TURN servers there.
    const servers = await queryIceServers(connection, this.config.domain);
    if (servers.length > 0) this.iceServers = servers;
  }

  private learn(components: Map<string, string>): void {
    for (const [type, address] of components) this.components.set(type, address);
    this.endConferenceAddress = this.components.get('end_conference') ?? null;
    this.emit('localChanged');
  }

  private async enterRoom(password?: string): Promise<void> {
    const connection = this.connection;
    if (!connection) return;
    const node = roomNode(this.options.room);
    this.request = new ConferenceRequest(connection, {
      roomJid: this.roomJid,
      roomNode: node,
      focusAddress: this.config.focusAddress,
      httpUrl: this.config.conferenceRequestUrl,
      token: this.options.token,
      machineUid: this.options.machineUid,
      startAudioMuted: this.config.startAudioMuted,
      startVideoMuted: this.config.startVideoMuted,
    });
    const reply = await this.request.run();
    this.request = null;
    if (this.over) return;
    this.openRoom(connection, reply.focusJid ?? this.config.focusUserJid, password);
  }

  private openRoom(connection: XmppConnection, focusJid: string | null, password?: string): void {
    const nick = this.room?.nick ?? connection.nick;
    this.room?.close();
    const room = new Room(connection, this.roomJid, nick, focusJid, this.config.hiddenDomain, this.caps);
    this.room = room;
    room.on('joined', (self) => this.onJoined(room, self));
    room.on('joinFailed', (reason, detail) => this.onJoinFailed(reason, detail));
    room.on('selfChanged', (self) => this.emit('selfChanged', self));
    room.on('memberJoined', (member) => this.emit('memberJoined', member));
    room.on('memberChanged', (member) => this.emit('memberChanged', member));
    room.on('memberLeft', (member, how) => {
      // The focus sends no source-remove for somebody who left the room.
      this.session?.removeOwner(member.id);
      this.emit('memberLeft', member, how);
    });
    room.on('chat', (message) => this.emit('chat', message));
    room.on('chatError', (message) => this.emit('chatError', message));
    room.on('subject', (subject) => this.emit('subject', subject));
    room.on('kicked', ({ by, reason }) => this.end({ kind: 'kicked', by, reason }));
    room.on('destroyed', (reason) => this.end({ kind: 'ended', reason }));
    room.on('bridgeNotAvailable', () => this.end({ kind: 'no-bridge', detail: '' }));
    room.on('focusLeft', () => this.end({ kind: 'focus-left', detail: '' }));
    room.setStatsId(`web-${randomHex(3)}`);
    room.setName(this.options.name);
    room.setProperty('codecList', 'vp8,vp9,h264,av1');
    room.setSource(`${nick}-a0`, { muted: this.audioMuted, videoType: 'camera' });
    room.setSource(`${nick}-v0`, { muted: this.videoMuted, videoType: 'camera' });
    room.join(password);
  }

  private onJoined(room: Room, self: Member): void {
    this.joinAttempts = 0;
    this.emit('joined', self);
    room.queryInfo().then(
      (info) => {
        const started = Number(info['muc#roominfo_created_timestamp']);
        if (Number.isFinite(started) && started > 0) this.emit('started', started);
      },
      (error: unknown) => log('room', 'no room information', error),
    );
  }

  private onJoinFailed(reason: JoinFailure, detail: string): void {
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
    this.emit('problem', { kind: 'join', reason, detail });
  }

  private onJoinError(error: unknown): void {
    if (this.over) return;
    log('conference', 'join failed', error);
    if (error instanceof ConnectionError) {
      const kind = error.reason === 'not-authorized' ? 'not-authorized' : 'unreachable';
      this.emit('problem', { kind, detail: error.detail });
    } else if (error instanceof ConferenceRequestError) {
      if (error.reason === 'cancelled') return;
      const kind = error.reason === 'not-authorized' ? 'not-authorized' : 'refused';
      this.emit('problem', { kind, detail: error.detail });
    } else this.emit('problem', { kind: 'refused', detail: String(error) });
  }

  private onConnectionFailed(reason: string, detail: string): void {
    if (this.over) return;
    this.end({ kind: reason === 'not-authorized' ? 'not-authorized' : 'dropped', detail });
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
    const from = attr(stanza, 'from') ?? '';
    const pushed = child(stanza, 'query', NS.disco);
    if (pushed && from === this.config.domain) {
      this.learn(parseDisco(pushed).components);
      return;
    }
    if (bareJid(from) !== this.components.get('room_metadata')) return;
    const message = jsonMessage(stanza);
    if (message?.type !== 'room_metadata') return;
    const metadata = (message.metadata ?? {}) as Record<string, unknown>;
    if (Array.isArray(metadata.services)) {
      const servers = metadata.services.flatMap((s: Record<string, unknown>) =>
        iceServer(
          Object.fromEntries(
            ['type', 'host', 'port', 'transport', 'username', 'password'].map((k) => [k, s[k] ? String(s[k]) : null]),
          ) as unknown as ExternalService,
        ),
      );
      if (servers.length > 0) this.iceServers = servers;
    }
    this.applyStartMuted((metadata.startMuted ?? {}) as Record<string, unknown>);
  }

  /** The policy is for people who come in, not for those who are there when it changes. */
  private applyStartMuted(policy: Record<string, unknown>): void {
    if (this.startMutedApplied || this.room?.self) return;
    this.startMutedApplied = true;
    if (policy.audio === true) void this.setAudioMuted(true);
    if (policy.video === true) void this.setVideoMuted(true);
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
      if (from !== this.room?.focusOccupant) return false;
      this.connection?.replyResult(iq);
      if (text(mute).trim() === 'true') void this.onMuted(kind, attr(mute, 'actor'));
      return true;
    }
    return false;
  }

  private async onMuted(kind: 'audio' | 'video' | 'desktop', actor: string | null): Promise<void> {
    this.forceMuted[kind] = true;
    if (kind === 'audio') await this.setAudioMuted(true);
    else if (kind === 'video') await this.setVideoMuted(true);
    else await this.stopDesktop();
    const source = { audio: 'a0', video: 'v0', desktop: 'v1' } as const;
    this.emit('mutedBy', source[kind], actor ? resourceOf(actor) : null);
  }

  private onJingle(iq: Element, jingle: Element, from: string): boolean {
    const connection = this.connection;
    const room = this.room;
    if (!connection || !room) return false;
    const action = attr(jingle, 'action') ?? '';
    if (action === 'session-initiate') {
      if (from !== room.focusOccupant || !room.focusSeen) {
        connection.replyError(iq, 'cancel', 'not-allowed');
        return true;
      }
      if (this.session?.sid === attr(jingle, 'sid')) {
        connection.replyError(iq, 'cancel', 'service-unavailable');
        return true;
      }
      connection.replyResult(iq);
      void this.startSession(jingle, from);
      return true;
    }
    if (from !== room.focusOccupant || !this.session || this.session.sid !== attr(jingle, 'sid')) {
      connection.replyError(iq, 'cancel', 'item-not-found');
      return true;
    }
    connection.replyResult(iq);
    if (action === 'session-terminate') this.onTerminated(jingle);
    else this.session.onJingle(action, jingle);
    return true;
  }

  private onTerminated(jingle: Element): void {
    log('media', 'the focus ended the session', child(jingle, 'reason')?.firstElementChild?.localName ?? '');
    this.closeSession();
    this.setMediaState('waiting');
  }

  // ---- media session ---------------------------------------------------------------------------------------------

  private async startSession(jingle: Element, from: string): Promise<void> {
    const connection = this.connection;
    if (!connection) return;
    this.closeSession();
    const session = MediaSession.fromOffer(connection, from, jingle, {
      endpointId: this.endpointId,
      iceServers: this.iceServers,
      forceRelay: this.config.forceRelay,
      simulcast: this.config.simulcast,
      lastN: this.config.lastN,
      preferredVideo: 'VP8',
    });
    if (!session) {
      log('media', 'the offer cannot be understood');
      return;
    }
    this.session = session;
    this.setMediaState('connecting');
    session.on('trackAdded', (track) => this.emit('trackAdded', track));
    session.on('trackRemoved', (track) => this.emit('trackRemoved', track));
    session.on('connected', () => {
      if (this.interruptedTimer) clearTimeout(this.interruptedTimer);
      this.setMediaState('connected');
    });
    session.on('interrupted', () => {
      if (this.interruptedTimer) clearTimeout(this.interruptedTimer);
      this.interruptedTimer = setTimeout(() => this.setMediaState('interrupted'), INTERRUPTED_MS);
    });
    session.on('failed', (what) => void this.onMediaFailed(session, what));
    session.on('sourceRejected', (kind) => {
      this.publish(kind, true, kind === 'v1' ? 'desktop' : 'camera');
      if (kind === 'a0') this.audioMuted = true;
      if (kind === 'v0') this.videoMuted = true;
      if (kind === 'v1') this.desktopShared = false;
      this.emit('unmuteRejected', kind);
    });
    this.openChannel(session);
    try {
      await session.accept({ audio: this.media.audio, video: this.media.video });
      if (this.desktopShared && this.media.desktop) await session.setTrack('v1', this.media.desktop);
      // What was switched while the answer was on its way.
      if (this.media.audio) await session.setTrack('a0', this.media.audio);
      await session.setTrack('v0', this.media.video);
    } catch (error) {
      if (session.isClosed) return;
      log('media', 'accepting failed', error);
      await this.onMediaFailed(session, 'negotiation');
    }
    this.startStatistics();
  }

  private openChannel(session: MediaSession): void {
    const { offer } = session;
    const sockets = offer.transport.webSockets;
    const usable = sockets.find((u) => new URL(u).hostname !== this.config.ignoreBridgeDomain) ?? sockets[0];
    if (offer.data && (this.config.preferSctp || !usable)) this.channel = BridgeChannel.overDataChannel(session.peer);
    else if (usable) this.channel = BridgeChannel.overWebSocket(usable);
    else {
      log('bridge', 'no channel offered');
      return;
    }
    const channel = this.channel;
    channel.on('open', () => {
      this.constraints.resend();
      if (this.desktopShared) this.sendVideoType('v1', 'desktop');
    });
    channel.on('message', (message) => this.onBridgeMessage(session, message));
  }

  private onBridgeMessage(session: MediaSession, message: Record<string, unknown> & { colibriClass: string }): void {
    switch (message.colibriClass) {
      case 'DominantSpeakerEndpointChangeEvent':
        if (message.silence === true) return;
        this.emit(
          'dominantSpeaker',
          typeof message.dominantSpeakerEndpoint === 'string' ? message.dominantSpeakerEndpoint : null,
          stringList(message.previousSpeakers),
        );
        break;
      case 'ForwardedSources':
        this.emit('forwardedSources', stringList(message.forwardedSources));
        break;
      case 'SenderSourceConstraints':
        if (typeof message.sourceName === 'string' && typeof message.maxHeight === 'number') {
          session.setWantedHeight(message.sourceName, message.maxHeight);
        }
        break;
      case 'EndpointConnectivityStatusChangeEvent':
        this.emit('endpointActive', String(message.endpoint), String(message.active) !== 'false');
        break;
      case 'EndpointStats':
        if (typeof message.from === 'string' && typeof message.connectionQuality === 'number') {
          this.emit('remoteQuality', message.from, message.connectionQuality);
        }
        break;
      case 'VideoSourcesMap':
        session.mapSources('video', mappedSources(message.mappedSources));
        break;
      case 'AudioSourcesMap':
        session.mapSources('audio', mappedSources(message.mappedSources));
        break;
      default:
        break;
    }
  }

  private async onMediaFailed(session: MediaSession, what: 'ice' | 'negotiation'): Promise<void> {
    if (session !== this.session || this.over) return;
    this.setMediaState('interrupted');
    if (what === 'ice' && this.config.inPlaceIceRestart) {
      try {
        await session.requestIceRestart();
        this.restartTimer = setTimeout(() => {
          if (session === this.session && session.peer.connectionState !== 'connected') {
            void this.restartSession(session, 'ICE FAILED');
          }
        }, 15_000);
        return;
      } catch (error) {
        log('media', 'no ICE restart within the session', error);
      }
    }
    await this.restartSession(session, what === 'ice' ? 'ICE FAILED' : 'negotiation failed');
  }

  /** Waits until signalling answers (the network may be gone altogether), then asks for a new session. */
  private async restartSession(session: MediaSession, why: string): Promise<void> {
    if (this.mediaRestarts >= MEDIA_RESTARTS) {
      this.end({ kind: 'media', detail: `${why}, after ${MEDIA_RESTARTS} new attempts` });
      return;
    }
    this.mediaRestarts += 1;
    const delay = 2000 * 2 ** (this.mediaRestarts - 1);
    try {
      await this.connection?.ping(15_000);
    } catch {
      log('media', 'signalling does not answer either, waiting for it');
    }
    this.restartTimer = setTimeout(() => {
      if (session !== this.session || this.over) return;
      this.closeSession(false);
      session.terminate('connectivity-error', why, true).then(
        () => this.setMediaState('waiting'),
        (error: unknown) => this.end({ kind: 'media', detail: `${why}: ${String(error)}` }),
      );
    }, delay);
  }

  private closeSession(closePeer = true): void {
    if (this.restartTimer) clearTimeout(this.restartTimer);
    this.channel?.close();
    this.channel = null;
    if (closePeer) this.session?.close();
    this.session = null;
  }

  private setMediaState(state: MediaState): void {
    if (state === this.mediaState) return;
    this.mediaState = state;
    if (state === 'connected') this.mediaRestarts = 0;
    this.emit('media', state);
  }

  private startStatistics(): void {
    if (this.statsTimer) return;
    this.statsTimer = setInterval(() => {
      const session = this.session;
      if (!session || session.isClosed) return;
      this.statistics.read(session).then(
        (stats) => {
          this.lastStats = stats;
          this.emit('stats', stats);
          if (this.statsRound++ % STATS_BROADCAST_EVERY === 0) this.channel?.send(endpointStats(stats));
        },
        (error: unknown) => log('stats', 'not read', error),
      );
    }, STATS_INTERVAL_MS);
  }

  private stopTimers(): void {
    for (const timer of [this.interruptedTimer, this.restartTimer]) if (timer) clearTimeout(timer);
    if (this.statsTimer) clearInterval(this.statsTimer);
    this.statsTimer = null;
  }
}

function stringList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}

function mappedSources(value: unknown): MappedSource[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const { source, owner, ssrc, rtx, videoType } = (entry ?? {}) as Record<string, unknown>;
    if (typeof source !== 'string' || typeof owner !== 'string' || typeof ssrc !== 'number') return [];
    const retransmission = Number(rtx);
    return [
      {
        source,
        owner,
        ssrc,
        rtx: Number.isFinite(retransmission) && retransmission > 0 ? retransmission : null,
        desktop: String(videoType).toUpperCase().startsWith('DESKTOP'),
      },
    ];
  });
}
