import type { MediaKind } from './sources';

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

/** What a bridge that rewrites SSRCs shows on one of its slots. */
export interface MappedSource {
  source: string;
  owner: string;
  ssrc: number;
  rtx: number | null;
  desktop: boolean;
}
