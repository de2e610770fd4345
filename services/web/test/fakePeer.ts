import * as sdpTransform from 'sdp-transform';
import { vi } from 'vitest';

export class FakeTrack extends EventTarget {
  enabled = true;
  readyState = 'live';
  constructor(
    readonly kind: 'audio' | 'video',
    readonly id = Math.random().toString(36).slice(2),
  ) {
    super();
  }
  getSettings = () => ({ width: 1280, height: 720 });
  stop = () => {};
}

class FakeSender {
  track: FakeTrack | null = null;
  encodings = [{}, {}, {}] as Record<string, unknown>[];
  replaceTrack = async (track: FakeTrack | null) => {
    this.track = track;
  };
  getParameters = () => ({ encodings: this.encodings.map((e) => ({ ...e })) });
  setParameters = async (parameters: { encodings: Record<string, unknown>[] }) => {
    this.encodings = parameters.encodings;
  };
}

class FakeTransceiver {
  direction = 'recvonly';
  readonly sender = new FakeSender();
  readonly receiver: { track: FakeTrack };
  constructor(
    readonly mid: string,
    kind: 'audio' | 'video',
  ) {
    this.receiver = { track: new FakeTrack(kind) };
  }
}

/** Enough of a peer connection to follow a negotiation: sections become transceivers, answers list own streams. */
export class FakePeer {
  static last: FakePeer;
  connectionState = 'new';
  onconnectionstatechange: (() => void) | null = null;
  localDescription: { sdp: string } | null = null;
  remote = '';
  closed = false;
  negotiations = 0;
  private readonly transceivers: FakeTransceiver[] = [];

  constructor() {
    FakePeer.last = this;
  }

  getTransceivers = () => this.transceivers;
  createDataChannel = () => ({ readyState: 'connecting', close() {} });

  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.remote = sdp;
    this.negotiations += 1;
    for (const media of sdpTransform.parse(sdp).media) {
      const mid = String(media.mid);
      if (media.type === 'application' || this.transceivers.some((t) => t.mid === mid)) continue;
      this.transceivers.push(new FakeTransceiver(mid, media.type as 'audio' | 'video'));
    }
  }

  async createAnswer(): Promise<{ sdp: string }> {
    const lines = ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0'];
    for (const media of sdpTransform.parse(this.remote).media) {
      const mid = String(media.mid);
      lines.push(`m=${media.type} 9 UDP/TLS/RTP/SAVPF ${media.payloads ?? '0'}`, 'c=IN IP4 0.0.0.0', `a=mid:${mid}`);
      lines.push('a=ice-ufrag:own', 'a=ice-pwd:ownpassword', 'a=fingerprint:sha-256 AA', 'a=setup:active');
      for (const rtp of media.rtp ?? []) lines.push(`a=rtpmap:${rtp.payload} ${rtp.codec}/${rtp.rate}`);
      const direction = this.transceivers.find((t) => t.mid === mid)?.direction ?? '';
      if (direction.startsWith('send')) lines.push(`a=ssrc:${9000 + Number(mid)} cname:own`);
    }
    return { sdp: `${lines.join('\r\n')}\r\n` };
  }

  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
  }

  close(): void {
    this.closed = true;
  }

  become(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

export function useFakePeer(): void {
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal(
    'MediaStream',
    class {
      constructor(readonly tracks: unknown[]) {}
    },
  );
}
