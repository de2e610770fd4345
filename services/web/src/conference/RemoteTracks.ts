import type { MediaLine } from './RemoteSdp';
import type { RemoteTrack } from './tracks';

/** The tracks of others by source name, kept in line with the sections of the description. */
export class RemoteTracks {
  readonly byName = new Map<string, RemoteTrack>();

  constructor(
    private readonly receiverOf: (line: MediaLine) => RTCRtpReceiver | undefined,
    private readonly onAdded: (track: RemoteTrack) => void,
    private readonly onRemoved: (track: RemoteTrack) => void,
  ) {}

  /** Tells the differences, what went before what came. */
  update(lines: readonly MediaLine[]): void {
    const present = new Map<string, RemoteTrack>();
    for (const line of lines) {
      const track = this.trackOf(line);
      if (track) present.set(track.sourceName, track);
    }
    for (const [name, track] of [...this.byName]) {
      if (present.get(name) === track) continue;
      this.byName.delete(name);
      this.onRemoved(track);
    }
    for (const [name, track] of present) {
      if (this.byName.has(name)) continue;
      this.byName.set(name, track);
      this.onAdded(track);
    }
  }

  clear(): void {
    for (const track of this.byName.values()) this.onRemoved(track);
    this.byName.clear();
  }

  private trackOf(line: MediaLine): RemoteTrack | null {
    const source = line.source;
    if (line.role !== 'remote' || !source?.owner) return null;
    const receiver = this.receiverOf(line);
    if (!receiver) return null;
    const known = this.byName.get(source.name);
    if (known?.receiver === receiver && known.videoType === source.videoType) return known;
    return {
      owner: source.owner,
      sourceName: source.name,
      kind: source.kind,
      videoType: source.videoType,
      track: receiver.track,
      stream: new MediaStream([receiver.track]),
      receiver,
    };
  }
}
