import { Emitter } from './emitter';
import { type Offer, parseOffer, parseTransport } from './jingle';
import {
  acceptContents,
  localStreams,
  localTransport,
  randomSimulcastSsrcs,
  type SignalledSource,
  sourceContents,
  transportInfoContent,
  withSimulcast,
} from './LocalSdp';
import { log } from './log';
import { type MediaLine, RemoteSdp } from './RemoteSdp';
import { cameraLayers, desktopLayer } from './SenderLayers';
import { BRIDGE_OWNER, type MediaKind, parseSources, type RemoteSource } from './sources';
import { IqError, type XmppConnection } from './XmppConnection';
import { attr, child, NS, type XNode, x } from './xml';

/** Name suffix of an own source. */
export type LocalSourceKind = 'a0' | 'v0' | 'v1';

export interface RemoteTrack {
  owner: string;
  sourceName: string;
  kind: MediaKind;
  videoType: 'camera' | 'desktop';
  track: MediaStreamTrack;
  stream: MediaStream;
  receiver: RTCRtpReceiver;
}

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

interface LocalSource {
  kind: LocalSourceKind;
  track: MediaStreamTrack | null;
  line: MediaLine | null;
  signalled: boolean;
  /** Height that receivers want at most; -1 no limit, 0 nobody looks. */
  wanted: number;
}

/**
 * The media session with the bridge: the focus' offer in Jingle becomes a peer connection, and what changes on either
 * side goes through one queue, one negotiation at a time.
 */
export class MediaSession extends Emitter<SessionEvents> {
  readonly peer: RTCPeerConnection;
  readonly remoteTracks = new Map<string, RemoteTrack>();
  private readonly remote: RemoteSdp;
  private readonly simulcastSsrcs = randomSimulcastSsrcs();
  private readonly locals = new Map<LocalSourceKind, LocalSource>();
  private queue: Promise<void>;
  private openQueue: () => void = () => {};
  private renegotiationWaits = false;
  private closed = false;
  private accepted = false;
  private everConnected = false;

  private constructor(
    private readonly connection: XmppConnection,
    private readonly peerJid: string,
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
    for (const kind of ['a0', 'v0', 'v1'] as const) {
      this.locals.set(kind, { kind, track: null, line: null, signalled: false, wanted: -1 });
    }
    // Nothing changes the session before the focus has taken the answer.
    this.queue = new Promise((resolve) => {
      this.openQueue = resolve;
    });
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

  sourceName(kind: LocalSourceKind): string {
    return `${this.options.endpointId}-${kind}`;
  }

  /** Answers the offer; the tracks given here are signalled with it. */
  async accept(tracks: { audio: MediaStreamTrack | null; video: MediaStreamTrack | null }): Promise<void> {
    this.local('a0').track = tracks.audio;
    this.local('v0').track = tracks.video;
    await this.peer.setRemoteDescription({ type: 'offer', sdp: this.remote.write() });
    await this.attachMain('audio', 'a0');
    await this.attachMain('video', 'v0');
    const sdp = await this.answer();
    await this.applyLayers();
    const transport = localTransport(sdp);
    if (!transport) throw new Error('the own answer has no transport');
    const initial = [...this.locals.values()].filter((s) => s.track && s.line);
    const contents = acceptContents(
      sdp,
      {
        audio: this.remote.main('audio')?.mid,
        video: this.remote.main('video')?.mid,
        data: this.remote.lines.find((l) => l.role === 'data')?.mid,
      },
      initial.map((s) => this.signalled(s, sdp)),
      transport,
      this.options.lastN,
    );
    const names = contents.map((c) => x('content', { name: c.attrs.name }));
    const group = x('group', { xmlns: NS.grouping, semantics: 'BUNDLE' }, names);
    this.updateTracks();
    await this.sendJingle('session-accept', [group, ...contents], 10_000);
    for (const source of initial) source.signalled = true;
    this.accepted = true;
    log('media', 'session accepted');
    this.openQueue();
  }

  /** Puts a track on an own source, or takes it off with null. The first track of a source is told to the focus. */
  setTrack(kind: LocalSourceKind, track: MediaStreamTrack | null): Promise<void> {
    const source = this.local(kind);
    source.track = track;
    return this.enqueue(async () => {
      if (source.track !== track) return;
      if (!source.line) {
        if (!track) return;
        if (kind !== 'v1') return;
        source.line = this.remote.addLocal('video');
        await this.negotiate();
        return this.tell(source);
      }
      const sender = this.transceiver(source.line)?.sender;
      await sender?.replaceTrack(track);
      await this.applyLayers();
      if (track && !source.signalled) await this.tell(source);
    });
  }

  /** Largest height that any receiver wants of an own video source. */
  setWantedHeight(sourceName: string, height: number): void {
    for (const source of this.locals.values()) {
      if (this.sourceName(source.kind) !== sourceName || source.wanted === height) continue;
      source.wanted = height;
      log('media', `${sourceName} is wanted at ${height}`);
      void this.enqueue(() => this.applyLayers());
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
        void this.onTransportInfo(jingle);
        return true;
      default:
        return false;
    }
  }

  addRemote(sources: readonly RemoteSource[]): void {
    const others = sources.filter((s) => s.owner !== this.options.endpointId && s.owner !== BRIDGE_OWNER);
    if (others.length === 0) return;
    for (const source of others) this.remote.add(source);
    this.renegotiate();
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
      else {
        this.remote.add(source);
        newSlot = true;
      }
    }
    if (newSlot) this.renegotiate();
    else this.updateTracks();
  }

  /** Tells the focus that the session is over; with `restart` it is asked for a new offer. */
  async terminate(reason: string, message: string, restart: boolean): Promise<void> {
    const session = x('bridge-session', {
      xmlns: NS.focus,
      id: this.offer.bridgeSessionId,
      restart: restart ? 'true' : null,
    });
    const why = x('reason', {}, x(reason), x('text', {}, message));
    this.close();
    await this.sendJingle('session-terminate', [why, session], 10_000);
  }

  /** Asks for new ICE credentials within this session. Rejects when the focus does not do that. */
  async requestIceRestart(): Promise<void> {
    const session = x('bridge-session', {
      xmlns: NS.focus,
      id: this.offer.bridgeSessionId,
      'ice-restart': 'true',
    });
    await this.sendJingle('session-info', [session], 10_000);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const track of this.remoteTracks.values()) this.emit('trackRemoved', track);
    this.remoteTracks.clear();
    this.peer.onconnectionstatechange = null;
    this.peer.close();
    this.removeAll();
  }

  transceiver(line: MediaLine): RTCRtpTransceiver | undefined {
    return this.peer.getTransceivers().find((t) => t.mid === line.mid);
  }

  senderOf(kind: LocalSourceKind): RTCRtpSender | null {
    const line = this.local(kind).line;
    return line ? (this.transceiver(line)?.sender ?? null) : null;
  }

  private local(kind: LocalSourceKind): LocalSource {
    return this.locals.get(kind) as LocalSource;
  }

  private async attachMain(media: MediaKind, kind: LocalSourceKind): Promise<void> {
    const line = this.remote.main(media);
    const transceiver = line && this.transceiver(line);
    if (!line || !transceiver) return;
    const source = this.local(kind);
    source.line = line;
    transceiver.direction = 'sendrecv';
    if (source.track) await transceiver.sender.replaceTrack(source.track);
  }

  private renegotiate(): void {
    if (this.renegotiationWaits) return;
    this.renegotiationWaits = true;
    void this.enqueue(async () => {
      this.renegotiationWaits = false;
      await this.negotiate();
    });
  }

  private async negotiate(): Promise<string> {
    await this.peer.setRemoteDescription({ type: 'offer', sdp: this.remote.write() });
    for (const source of this.locals.values()) {
      const transceiver = source.line?.role === 'local' ? this.transceiver(source.line) : undefined;
      if (!transceiver) continue;
      if (transceiver.direction !== 'sendonly') transceiver.direction = 'sendonly';
      if (transceiver.sender.track !== source.track) await transceiver.sender.replaceTrack(source.track);
    }
    const sdp = await this.answer();
    await this.applyLayers();
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

  private signalled(source: LocalSource, sdp: string): SignalledSource {
    const name = this.sourceName(source.kind);
    const audio = source.kind === 'a0';
    const index = source.kind.slice(1);
    const stream = `${this.options.endpointId}-${audio ? 'audio' : 'video'}-${index}-1`;
    return {
      name,
      kind: audio ? 'audio' : 'video',
      videoType: source.kind === 'v1' ? 'desktop' : 'camera',
      streams: localStreams(sdp, (source.line as MediaLine).mid),
      msid: `${stream} ${name}-1`,
    };
  }

  private async tell(source: LocalSource): Promise<void> {
    const sdp = this.peer.localDescription?.sdp ?? '';
    try {
      await this.sendJingle('source-add', sourceContents([this.signalled(source, sdp)]), 10_000);
      source.signalled = true;
    } catch (error) {
      log('media', `${source.kind} was refused`, error);
      source.track = null;
      await this.senderOf(source.kind)?.replaceTrack(null);
      this.emit('sourceRejected', source.kind);
      throw error;
    }
  }

  private async applyLayers(): Promise<void> {
    for (const source of this.locals.values()) {
      const sender = this.senderOf(source.kind);
      if (!sender || !source.track || source.kind === 'a0') continue;
      const parameters = sender.getParameters();
      const count = parameters.encodings?.length ?? 0;
      if (count === 0) continue;
      const { width = 1280, height = 720 } = source.track.getSettings();
      const size = Math.min(width, height);
      const layers = source.kind === 'v1' ? desktopLayer(source.wanted) : cameraLayers(size, source.wanted, count);
      parameters.encodings.forEach((encoding, i) => {
        Object.assign(encoding, layers[i] ?? {});
      });
      parameters.degradationPreference = source.kind === 'v1' ? 'maintain-resolution' : 'balanced';
      try {
        await sender.setParameters(parameters);
      } catch (error) {
        log('media', 'layers not applied', error);
      }
    }
  }

  private async onTransportInfo(jingle: Element): Promise<void> {
    const content = child(jingle, 'content');
    const transport = content && parseTransport(content);
    const generation = transport?.iceGeneration ?? 0;
    if (!transport || generation <= (this.remote.transport.iceGeneration ?? 0)) return;
    await this.enqueue(async () => {
      const { webSockets, sctpPort, fingerprints, candidates } = this.remote.transport;
      this.remote.transport = {
        ...transport,
        webSockets,
        sctpPort,
        fingerprints: transport.fingerprints.length > 0 ? transport.fingerprints : fingerprints,
        candidates: transport.candidates.length > 0 ? transport.candidates : candidates,
      };
      const own = localTransport(await this.negotiate());
      if (own) await this.sendJingle('transport-info', [transportInfoContent(own, generation)], 10_000);
    });
  }

  /** Brings the map of remote tracks in line with the sections; tells the differences. */
  private updateTracks(): void {
    if (this.closed) return;
    const present = new Map<string, RemoteTrack>();
    for (const line of this.remote.lines) {
      const source = line.source;
      if (line.role !== 'remote' || !source?.owner) continue;
      const receiver = this.transceiver(line)?.receiver;
      if (!receiver) continue;
      const known = this.remoteTracks.get(source.name);
      const same = known?.receiver === receiver && known.videoType === source.videoType;
      present.set(
        source.name,
        same
          ? known
          : {
              owner: source.owner,
              sourceName: source.name,
              kind: source.kind,
              videoType: source.videoType,
              track: receiver.track,
              stream: new MediaStream([receiver.track]),
              receiver,
            },
      );
    }
    const before = [...this.remoteTracks];
    for (const [name, track] of before) {
      if (present.get(name) === track) continue;
      this.remoteTracks.delete(name);
      this.emit('trackRemoved', track);
    }
    for (const [name, track] of present) {
      if (this.remoteTracks.has(name)) continue;
      this.remoteTracks.set(name, track);
      this.emit('trackAdded', track);
    }
  }

  private enqueue(work: () => Promise<unknown>): Promise<void> {
    const run = this.queue.then(async () => {
      if (!this.closed) await work();
    });
    this.queue = run.catch((error: unknown) => {
      if (this.closed || error instanceof IqError) return;
      log('media', 'negotiation failed', error);
      this.emit('failed', 'negotiation');
    });
    return run;
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

  private async sendJingle(action: string, content: XNode[], timeoutMs: number): Promise<void> {
    const own = this.connection.jid;
    const trace = this.offer.traceparent;
    const traceNode =
      action === 'session-accept' && trace
        ? x('traceparent', {
            xmlns: 'jitsi:opentelemetry',
            ...Object.fromEntries([...trace.attributes].map((a) => [a.name, a.value])),
          })
        : null;
    const jingle = x(
      'jingle',
      {
        xmlns: NS.jingle,
        action,
        initiator: this.peerJid,
        responder: action === 'session-accept' ? own : null,
        sid: this.sid,
      },
      content,
      traceNode,
    );
    await this.connection.iq(x('iq', { type: 'set', to: this.peerJid }, jingle), timeoutMs);
  }
}

export interface MappedSource {
  source: string;
  owner: string;
  ssrc: number;
  rtx: number | null;
  desktop: boolean;
}
