import { localStreams, type SignalledSource } from './LocalSdp';
import { log } from './log';
import type { MediaLine } from './RemoteSdp';
import { cameraLayers, desktopLayer } from './SenderLayers';
import type { LocalSourceKind } from './tracks';

export interface LocalSource {
  kind: LocalSourceKind;
  track: MediaStreamTrack | null;
  line: MediaLine | null;
  signalled: boolean;
  /** Height that receivers want at most; -1 no limit, 0 nobody looks. */
  wanted: number;
}

/** The own sources of a session: microphone, camera and screen, each with its section and its layers. */
export class LocalSources {
  private readonly sources = new Map<LocalSourceKind, LocalSource>();

  constructor(
    private readonly endpointId: string,
    private readonly transceiver: (line: MediaLine) => RTCRtpTransceiver | undefined,
  ) {
    for (const kind of ['a0', 'v0', 'v1'] as const) {
      this.sources.set(kind, { kind, track: null, line: null, signalled: false, wanted: -1 });
    }
  }

  get(kind: LocalSourceKind): LocalSource {
    return this.sources.get(kind) as LocalSource;
  }

  all(): LocalSource[] {
    return [...this.sources.values()];
  }

  name(kind: LocalSourceKind): string {
    return `${this.endpointId}-${kind}`;
  }

  senderOf(kind: LocalSourceKind): RTCRtpSender | null {
    const line = this.get(kind).line;
    return line ? (this.transceiver(line)?.sender ?? null) : null;
  }

  /** Puts the source on a section that both sides send on. */
  async attach(kind: LocalSourceKind, line: MediaLine | undefined): Promise<void> {
    const transceiver = line && this.transceiver(line);
    if (!line || !transceiver) return;
    const source = this.get(kind);
    source.line = line;
    transceiver.direction = 'sendrecv';
    if (source.track) await transceiver.sender.replaceTrack(source.track);
  }

  /** Sets up the sections on which only the own side sends, after they were described. */
  async attachOwnLines(): Promise<void> {
    for (const source of this.sources.values()) {
      const transceiver = source.line?.role === 'local' ? this.transceiver(source.line) : undefined;
      if (!transceiver) continue;
      if (transceiver.direction !== 'sendonly') transceiver.direction = 'sendonly';
      if (transceiver.sender.track !== source.track) await transceiver.sender.replaceTrack(source.track);
    }
  }

  /** The source as it is told to the focus, with its streams from the own description. */
  signalled(source: LocalSource, sdp: string): SignalledSource {
    const name = this.name(source.kind);
    const audio = source.kind === 'a0';
    const index = source.kind.slice(1);
    const stream = `${this.endpointId}-${audio ? 'audio' : 'video'}-${index}-1`;
    return {
      name,
      kind: audio ? 'audio' : 'video',
      videoType: source.kind === 'v1' ? 'desktop' : 'camera',
      streams: localStreams(sdp, (source.line as MediaLine).mid),
      msid: `${stream} ${name}-1`,
    };
  }

  async applyLayers(): Promise<void> {
    for (const source of this.sources.values()) {
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
}
