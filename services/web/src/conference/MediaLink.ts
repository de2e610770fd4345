import { BridgeChannel } from './BridgeChannel';
import { onBridgeMessage } from './bridgeMessages';
import type { ConferenceEvents, ConferenceProblem, MediaState } from './conferenceEvents';
import type { MeshConfig } from './config';
import type { Emitter } from './emitter';
import { log } from './log';
import { MediaSession } from './MediaSession';
import { ReceiverConstraints, type Wish } from './ReceiverConstraints';
import { type ConnectionStats, endpointStats, Statistics } from './Statistics';
import type { LocalSourceKind } from './tracks';
import type { XmppConnection } from './XmppConnection';
import { attr, child } from './xml';

const MEDIA_RESTARTS = 3;
const INTERRUPTED_MS = 1500;
/** The channel opens within a second after the media, and is put back after a cut. */
const CHANNEL_LOST_MS = 8000;
const ICE_RESTART_MS = 15_000;
const STATS_INTERVAL_MS = 2000;
const STATS_BROADCAST_EVERY = 5;

/** What a new session asks of the call that it belongs to. */
export interface MediaLinkParts {
  /** The tracks to send now; `desktop` only while it is shared. */
  tracks(): {
    audio: MediaStreamTrack | null;
    video: MediaStreamTrack | null;
    desktop: MediaStreamTrack | null;
  };
  iceServers(): RTCIceServer[];
  onRejected(kind: LocalSourceKind): void;
  /** The media cannot be had again. */
  onLost(problem: ConferenceProblem): void;
}

/** The way to the bridge: one session after the other, each with its channel, put back when it breaks. */
export class MediaLink {
  session: MediaSession | null = null;
  channel: BridgeChannel | null = null;
  state: MediaState = 'waiting';
  lastStats: ConnectionStats | null = null;

  private readonly constraints: ReceiverConstraints;
  private readonly statistics = new Statistics();
  private connection: XmppConnection | null = null;
  private restarts = 0;
  private statsRound = 0;
  private statsTimer: ReturnType<typeof setInterval> | null = null;
  private interruptedTimer: ReturnType<typeof setTimeout> | null = null;
  private restartTimer: ReturnType<typeof setTimeout> | null = null;
  private channelTimer: ReturnType<typeof setTimeout> | null = null;
  private channelLost = false;

  constructor(
    private readonly config: MeshConfig,
    private readonly parts: MediaLinkParts,
    private readonly events: Emitter<ConferenceEvents>,
  ) {
    this.constraints = new ReceiverConstraints((message) => {
      if (!this.channel?.isOpen) return false;
      this.channel.send(message);
      return true;
    });
  }

  /** What is on screen, and how large. */
  setWish(wish: Wish): void {
    this.constraints.set({ ...wish, lastN: wish.lastN < 0 ? this.config.lastN : wish.lastN });
  }

  sendVideoType(sourceName: string, videoType: string): void {
    this.channel?.send({ colibriClass: 'SourceVideoTypeMessage', sourceName, videoType });
  }

  /** Handles a Jingle request of the focus; the caller has checked who sent it. */
  onJingle(connection: XmppConnection, iq: Element, jingle: Element, endpointId: string): void {
    const action = attr(jingle, 'action') ?? '';
    const sameSession = this.session?.sid === attr(jingle, 'sid');
    if (action === 'session-initiate') {
      if (sameSession) {
        connection.replyError(iq, 'cancel', 'service-unavailable');
        return;
      }
      connection.replyResult(iq);
      void this.start(connection, jingle, attr(iq, 'from') ?? '', endpointId);
      return;
    }
    if (!this.session || !sameSession) {
      connection.replyError(iq, 'cancel', 'item-not-found');
      return;
    }
    connection.replyResult(iq);
    try {
      if (action === 'session-terminate') this.onTerminated(jingle);
      else this.session.onJingle(action, jingle);
    } catch (error) {
      log('media', `${action} was passed over`, error);
    }
  }

  close(): void {
    this.closeSession();
    this.constraints.close();
    for (const timer of [this.interruptedTimer, this.restartTimer, this.channelTimer]) if (timer) clearTimeout(timer);
    if (this.statsTimer) clearInterval(this.statsTimer);
    this.statsTimer = null;
    this.connection = null;
  }

  /** The call goes to another room, whose focus will offer a session of its own. */
  reset(): void {
    this.closeSession();
    this.setState('waiting');
  }

  private onTerminated(jingle: Element): void {
    log('media', 'the focus ended the session', child(jingle, 'reason')?.firstElementChild?.localName ?? '');
    this.closeSession();
    this.setState('waiting');
  }

  private async start(connection: XmppConnection, jingle: Element, focus: string, endpointId: string): Promise<void> {
    this.connection = connection;
    this.closeSession();
    const session = this.sessionOf(connection, jingle, focus, endpointId);
    if (!session) {
      this.parts.onLost({ kind: 'media', reason: 'negotiation', detail: 'the offer cannot be understood' });
      return;
    }
    this.session = session;
    this.setState('connecting');
    this.listen(session);
    try {
      this.openChannel(session);
      const { audio, video } = this.parts.tracks();
      await session.accept({ audio, video });
      // What was switched while the answer was on its way.
      const now = this.parts.tracks();
      if (now.desktop) await session.setTrack('v1', now.desktop);
      if (now.audio) await session.setTrack('a0', this.parts.tracks().audio);
      await session.setTrack('v0', this.parts.tracks().video);
    } catch (error) {
      if (session.isClosed) return;
      log('media', 'accepting failed', error);
      await this.onFailed(session, 'negotiation');
    }
    this.startStatistics();
  }

  /** Null when the offer cannot be understood, or the browser cannot do what it asks. */
  private sessionOf(
    connection: XmppConnection,
    jingle: Element,
    focus: string,
    endpointId: string,
  ): MediaSession | null {
    try {
      const session = MediaSession.fromOffer(connection, focus, jingle, {
        endpointId,
        iceServers: this.parts.iceServers(),
        forceRelay: this.config.forceRelay,
        simulcast: this.config.simulcast,
        lastN: this.config.lastN,
        preferredVideo: 'VP8',
      });
      if (!session) log('media', 'the offer cannot be understood');
      return session;
    } catch (error) {
      log('media', 'no session can be made of the offer', error);
      return null;
    }
  }

  private listen(session: MediaSession): void {
    session.on('trackAdded', (track) => this.events.emit('trackAdded', track));
    session.on('trackRemoved', (track) => this.events.emit('trackRemoved', track));
    session.on('connected', () => {
      if (this.interruptedTimer) clearTimeout(this.interruptedTimer);
      this.setState('connected');
      this.watchChannel();
    });
    session.on('interrupted', () => {
      if (this.interruptedTimer) clearTimeout(this.interruptedTimer);
      this.interruptedTimer = setTimeout(() => this.setState('interrupted'), INTERRUPTED_MS);
    });
    session.on('failed', (what) => void this.onFailed(session, what));
    session.on('sourceRejected', (kind) => this.parts.onRejected(kind));
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
    this.channel.on('closed', () => this.watchChannel());
    this.channel.on('open', () => {
      this.setChannelLost(false);
      this.constraints.resend();
      if (this.parts.tracks().desktop) this.sendVideoType(session.sourceName('v1'), 'desktop');
    });
    this.channel.on('message', (message) => onBridgeMessage(message, session, this.events));
  }

  private async onFailed(session: MediaSession, what: 'ice' | 'negotiation'): Promise<void> {
    if (session !== this.session) return;
    this.setState('interrupted');
    if (what === 'ice' && this.config.inPlaceIceRestart) {
      try {
        await session.requestIceRestart();
        this.restartTimer = setTimeout(() => {
          if (session === this.session && session.peer.connectionState !== 'connected') {
            void this.restart(session, 'ICE FAILED', what);
          }
        }, ICE_RESTART_MS);
        return;
      } catch (error) {
        log('media', 'no ICE restart within the session', error);
      }
    }
    await this.restart(session, what === 'ice' ? 'ICE FAILED' : 'negotiation failed', what);
  }

  /** Waits until signalling answers (the network may be gone altogether), then asks for a new session. */
  private async restart(session: MediaSession, why: string, reason: 'ice' | 'negotiation'): Promise<void> {
    if (this.restarts >= MEDIA_RESTARTS) {
      this.parts.onLost({ kind: 'media', reason, detail: `${why}, after ${MEDIA_RESTARTS} new attempts` });
      return;
    }
    this.restarts += 1;
    const delay = 2000 * 2 ** (this.restarts - 1);
    try {
      await this.connection?.ping(15_000);
    } catch {
      log('media', 'signalling does not answer either, waiting for it');
    }
    this.restartTimer = setTimeout(() => {
      if (session !== this.session) return;
      this.closeSession(false);
      session.terminate('connectivity-error', why, true).then(
        () => this.setState('waiting'),
        (error: unknown) => this.parts.onLost({ kind: 'media', reason, detail: `${why}: ${String(error)}` }),
      );
    }, delay);
  }

  /** Media may flow for a while without the channel, but nobody is seen larger, and the speaker is not known. */
  private watchChannel(): void {
    if (this.channelTimer) clearTimeout(this.channelTimer);
    this.channelTimer = setTimeout(() => {
      if (this.state === 'connected' && this.channel && !this.channel.isOpen) this.setChannelLost(true);
    }, CHANNEL_LOST_MS);
  }

  private setChannelLost(lost: boolean): void {
    if (this.channelTimer) clearTimeout(this.channelTimer);
    if (lost === this.channelLost) return;
    this.channelLost = lost;
    this.events.emit('channelLost', lost);
  }

  private closeSession(closePeer = true): void {
    this.setChannelLost(false);
    if (this.restartTimer) clearTimeout(this.restartTimer);
    this.channel?.close();
    this.channel = null;
    const session = this.session;
    this.session = null;
    if (closePeer) session?.close();
  }

  private setState(state: MediaState): void {
    if (state === this.state) return;
    this.state = state;
    if (state === 'connected') this.restarts = 0;
    this.events.emit('media', state);
  }

  private startStatistics(): void {
    if (this.statsTimer) return;
    this.statsTimer = setInterval(() => {
      const session = this.session;
      if (!session || session.isClosed) return;
      this.statistics.read(session).then(
        (stats) => {
          this.lastStats = stats;
          this.events.emit('stats', stats);
          if (this.statsRound++ % STATS_BROADCAST_EVERY === 0) this.channel?.send(endpointStats(stats));
        },
        (error: unknown) => log('stats', 'not read', error),
      );
    }, STATS_INTERVAL_MS);
  }
}
