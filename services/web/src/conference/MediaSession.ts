import { Emitter } from './emitter';
import { type Offer, parseOffer, parseTransport } from './jingle';
import {
  acceptContents,
  localTransport,
  randomSimulcastSsrcs,
  sourceContents,
  transportInfoContent,
  withSimulcast,
} from './LocalSdp';
import { type LocalSource, LocalSources } from './LocalSources';
import { log } from './log';
import { NegotiationQueue } from './NegotiationQueue';
import { type MediaLine, RemoteSdp } from './RemoteSdp';
import { RemoteTracks } from './RemoteTracks';
import { SessionWire } from './SessionWire';
import { BRIDGE_OWNER, type MediaKind, parseSources, type RemoteSource } from './sources';
import type { LocalSourceKind, MappedSource, RemoteTrack } from './tracks';
import { IqError, type XmppConnection } from './XmppConnection';
import { attr, child, NS, x } from './xml';

export interface MediaSessionOptions {
  endpointId: string;
  iceServers: RTCIceServer[];
  forceRelay: boolean;
  simulcast: boolean;
  lastN: number;
  /** Codec that own video is sent in, when offered. */
  preferredVideo: string;
}

type SessionEvents = {
  trackAdded: [RemoteTrack];
  trackRemoved: [RemoteTrack];
  /** ICE or DTLS gave up, or the negotiation failed. */
  failed: ['ice' | 'negotiation'];
  connected: [];
  interrupted: [];
  sourceRejected: [LocalSourceKind];
};

/**
 * The media session with the bridge: the focus' offer in Jingle becomes a peer connection, and what changes on either
 * side goes through one queue, one negotiation at a time.
 */
export class MediaSession extends Emitter<SessionEvents> {
  readonly peer: RTCPeerConnection;
  private readonly remote: RemoteSdp;
  private readonly simulcastSsrcs = randomSimulcastSsrcs();
  private readonly locals: LocalSources;
  private readonly tracks: RemoteTracks;
  private readonly wire: SessionWire;
  // Nothing changes the session before the focus has taken the answer.
  private readonly queue: NegotiationQueue;
  private renegotiationWaits = false;
  private closed = false;
  private accepted = false;
  private everConnected = false;

  private constructor(
    connection: XmppConnection,
    peerJid: string,
    readonly offer: Offer,
    sources: RemoteSource[],
    private readonly options: MediaSessionOptions,
  ) {
    super();
    this.remote = new RemoteSdp(offer, sources, options.preferredVideo, BRIDGE_OWNER);
    this.peer = new RTCPeerConnection({
      iceServers: options.iceServers,
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
      iceTransportPolicy: options.forceRelay ? 'relay' : 'all',
    });
    this.peer.onconnectionstatechange = () => this.onConnectionState();
    this.wire = new SessionWire(connection, peerJid, offer);
    this.locals = new LocalSources(options.endpointId, (line) => this.transceiver(line));
    this.tracks = new RemoteTracks(
      (line) => this.transceiver(line)?.receiver,
      (track) => this.emit('trackAdded', track),
      (track) => this.emit('trackRemoved', track),
    );
    this.queue = new NegotiationQueue((error) => this.onFailure(error));
  }

  /** Null when the offer cannot be understood. */
  static fromOffer(
    connection: XmppConnection,
    peerJid: string,
    jingle: Element,
    options: MediaSessionOptions,
  ): MediaSession | null {
    const offer = parseOffer(jingle);
    if (!offer) return null;
    return new MediaSession(connection, peerJid, offer, parseSources(jingle), options);
  }

  get sid(): string {
    return this.offer.sid;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  get remoteTracks(): ReadonlyMap<string, RemoteTrack> {
    return this.tracks.byName;
  }

  sourceName(kind: LocalSourceKind): string {
    return this.locals.name(kind);
  }

  /** Answers the offer; the tracks given here are signalled with it. */
  async accept(tracks: { audio: MediaStreamTrack | null; video: MediaStreamTrack | null }): Promise<void> {
    this.locals.get('a0').track = tracks.audio;
    this.locals.get('v0').track = tracks.video;
    await this.peer.setRemoteDescription({ type: 'offer', sdp: this.remote.write() });
    await this.locals.attach('a0', this.remote.main('audio'));
    await this.locals.attach('v0', this.remote.main('video'));
    const sdp = await this.answer();
    await this.locals.applyLayers();
    const transport = localTransport(sdp);
    if (!transport) throw new Error('the own answer has no transport');
    const initial = this.locals.all().filter((s) => s.track && s.line);
    const contents = acceptContents(
      sdp,
      {
        audio: this.remote.main('audio')?.mid,
        video: this.remote.main('video')?.mid,
        data: this.remote.lines.find((l) => l.role === 'data')?.mid,
      },
      initial.map((s) => this.locals.signalled(s, sdp)),
      transport,
      this.options.lastN,
    );
    const names = contents.map((c) => x('content', { name: c.attrs.name }));
    const group = x('group', { xmlns: NS.grouping, semantics: 'BUNDLE' }, names);
    this.updateTracks();
    await this.wire.send('session-accept', [group, ...contents]);
    for (const source of initial) source.signalled = true;
    this.accepted = true;
    log('media', 'session accepted');
    this.queue.open();
  }

  /** Puts a track on an own source, or takes it off with null. The first track of a source is told to the focus. */
  setTrack(kind: LocalSourceKind, track: MediaStreamTrack | null): Promise<void> {
    const source = this.locals.get(kind);
    source.track = track;
    return this.queue.add(async () => {
      if (source.track !== track) return;
      if (!source.line) {
        if (!track) return;
        if (kind !== 'v1') return;
        source.line = this.remote.addLocal('video');
        if (!source.line) return;
        await this.negotiate();
        return this.tell(source);
      }
      const sender = this.transceiver(source.line)?.sender;
      await sender?.replaceTrack(track);
      await this.locals.applyLayers();
      if (track && !source.signalled) await this.tell(source);
    });
  }

  /** Largest height that any receiver wants of an own video source. */
  setWantedHeight(sourceName: string, height: number): void {
    for (const source of this.locals.all()) {
      if (this.sourceName(source.kind) !== sourceName || source.wanted === height) continue;
      source.wanted = height;
      log('media', `${sourceName} is wanted at ${height}`);
      void this.queue.add(() => this.locals.applyLayers());
    }
  }

  /** Handles what the focus sends about this session; false when it is not about it. */
  onJingle(action: string, jingle: Element): boolean {
    if (attr(jingle, 'sid') !== this.sid) return false;
    switch (action) {
      case 'source-add':
      case 'addsource':
        this.addRemote(parseSources(jingle));
        return true;
      case 'source-remove':
      case 'removesource':
        this.removeRemote(parseSources(jingle));
        return true;
      case 'transport-info':
        this.onTransportInfo(jingle).catch((error: unknown) => log('media', 'transport-info was passed over', error));
        return true;
      default:
        return false;
    }
  }

  addRemote(sources: readonly RemoteSource[]): void {
    const others = sources.filter((s) => s.owner !== this.options.endpointId && s.owner !== BRIDGE_OWNER);
    if (others.length === 0) return;
    const taken = others.filter((source) => this.remote.add(source) !== null);
    if (taken.length > 0) this.renegotiate();
  }

  removeRemote(sources: readonly RemoteSource[]): void {
    let removed = false;
    for (const source of sources) {
      const line = this.remote.lineOf(source.name) ?? this.remote.lineOfSsrc(source.ssrcs[0] ?? -1);
      if (line?.source && this.remote.remove(line.source.name)) removed = true;
    }
    if (removed) this.renegotiate();
  }

  removeOwner(owner: string): void {
    if (this.remote.removeOwner(owner)) this.renegotiate();
  }

  /**
   * Slots of a bridge that rewrites SSRCs: a slot's SSRC stays, the source shown on it changes. Unknown SSRCs make new
   * sections.
   */
  mapSources(kind: MediaKind, mapped: readonly MappedSource[]): void {
    let newSlot = false;
    for (const entry of mapped) {
      if (entry.owner === this.options.endpointId) continue;
      const line = this.remote.lineOfSsrc(entry.ssrc);
      const fid = entry.rtx ? [{ semantics: 'FID' as const, ssrcs: [entry.ssrc, entry.rtx] }] : [];
      const source: RemoteSource = {
        name: entry.source,
        owner: entry.owner,
        kind,
        videoType: entry.desktop ? 'desktop' : 'camera',
        ssrcs: entry.rtx ? [entry.ssrc, entry.rtx] : [entry.ssrc],
        groups: fid,
      };
      const elsewhere = this.remote.lineOf(entry.source);
      if (elsewhere?.source && elsewhere !== line) {
        elsewhere.source = { ...elsewhere.source, name: `unused-${elsewhere.mid}`, owner: '' };
      }
      if (line) line.source = source;
      else if (this.remote.add(source)) newSlot = true;
    }
    if (newSlot) this.renegotiate();
    else this.updateTracks();
  }

  /** Tells the focus that the session is over; with `restart` it is asked for a new offer. */
  async terminate(reason: string, message: string, restart: boolean): Promise<void> {
    const why = x('reason', {}, x(reason), x('text', {}, message));
    this.close();
    await this.wire.send('session-terminate', [why, this.wire.bridgeSession({ restart: restart ? 'true' : null })]);
  }

  /** Asks for new ICE credentials within this session. Rejects when the focus does not do that. */
  async requestIceRestart(): Promise<void> {
    await this.wire.send('session-info', [this.wire.bridgeSession({ 'ice-restart': 'true' })]);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.queue.close();
    this.tracks.clear();
    this.peer.onconnectionstatechange = null;
    this.peer.close();
    this.removeAll();
  }

  transceiver(line: MediaLine): RTCRtpTransceiver | undefined {
    return this.peer.getTransceivers().find((t) => t.mid === line.mid);
  }

  senderOf(kind: LocalSourceKind): RTCRtpSender | null {
    return this.locals.senderOf(kind);
  }

  private renegotiate(): void {
    if (this.renegotiationWaits) return;
    this.renegotiationWaits = true;
    void this.queue.add(async () => {
      this.renegotiationWaits = false;
      await this.negotiate();
    });
  }

  private async negotiate(): Promise<string> {
    await this.peer.setRemoteDescription({ type: 'offer', sdp: this.remote.write() });
    await this.locals.attachOwnLines();
    const sdp = await this.answer();
    await this.locals.applyLayers();
    this.updateTracks();
    return sdp;
  }

  private async answer(): Promise<string> {
    const answer = await this.peer.createAnswer();
    let sdp = answer.sdp ?? '';
    const main = this.remote.main('video');
    if (main && this.usesSimulcast) sdp = withSimulcast(sdp, main.mid, this.simulcastSsrcs);
    await this.peer.setLocalDescription({ type: 'answer', sdp });
    return sdp;
  }

  /** Layers are asked for in the description, which only libwebrtc understands; Firefox sends one. */
  private get usesSimulcast(): boolean {
    return this.options.simulcast && !/firefox/i.test(navigator.userAgent);
  }

  private async tell(source: LocalSource): Promise<void> {
    const sdp = this.peer.localDescription?.sdp ?? '';
    try {
      await this.wire.send('source-add', sourceContents([this.locals.signalled(source, sdp)]));
      source.signalled = true;
    } catch (error) {
      log('media', `${source.kind} was refused`, error);
      source.track = null;
      await this.senderOf(source.kind)?.replaceTrack(null);
      this.emit('sourceRejected', source.kind);
      throw error;
    }
  }

  private async onTransportInfo(jingle: Element): Promise<void> {
    const content = child(jingle, 'content');
    const transport = content && parseTransport(content);
    const generation = transport?.iceGeneration ?? 0;
    if (!transport || generation <= (this.remote.transport.iceGeneration ?? 0)) return;
    await this.queue.add(async () => {
      const { webSockets, sctpPort, fingerprints, candidates } = this.remote.transport;
      this.remote.transport = {
        ...transport,
        webSockets,
        sctpPort,
        fingerprints: transport.fingerprints.length > 0 ? transport.fingerprints : fingerprints,
        candidates: transport.candidates.length > 0 ? transport.candidates : candidates,
      };
      const own = localTransport(await this.negotiate());
      if (own) await this.wire.send('transport-info', [transportInfoContent(own, generation)]);
    });
  }

  private updateTracks(): void {
    if (!this.closed) this.tracks.update(this.remote.lines);
  }

  private onFailure(error: unknown): void {
    if (error instanceof IqError) return;
    log('media', 'negotiation failed', error);
    this.emit('failed', 'negotiation');
  }

  private onConnectionState(): void {
    const state = this.peer.connectionState;
    log('media', `peer connection ${state}`);
    if (state === 'connected') {
      this.everConnected = true;
      this.emit('connected');
    } else if (state === 'disconnected') {
      if (this.everConnected) this.emit('interrupted');
    } else if (state === 'failed') {
      this.emit('failed', 'ice');
    }
  }

  get isAccepted(): boolean {
    return this.accepted;
  }
}
