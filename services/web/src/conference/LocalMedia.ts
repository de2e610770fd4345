import { Emitter } from './emitter';
import { log } from './log';

export type DeviceProblem = 'denied' | 'missing' | 'busy' | 'insecure' | 'failed';

export interface DeviceChoice {
  microphone: string | null;
  camera: string | null;
}

export interface DeviceList {
  microphones: MediaDeviceInfo[];
  cameras: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

type MediaEvents = {
  changed: [];
  devices: [DeviceList];
  /** A track ended without being asked to: unplugged, or sharing stopped from the browser's own bar. */
  ended: ['audio' | 'video' | 'desktop'];
};

export interface LocalMediaOptions {
  height: number;
  audioProcessing: boolean;
}

export class DeviceError extends Error {
  constructor(
    readonly problem: DeviceProblem,
    readonly kind: 'audio' | 'video' | 'desktop',
  ) {
    super(`${kind} device: ${problem}`);
  }
}

/** The own microphone, camera and screen. A muted camera is really off; a muted microphone stays open but silent. */
export class LocalMedia extends Emitter<MediaEvents> {
  audio: MediaStreamTrack | null = null;
  video: MediaStreamTrack | null = null;
  desktop: MediaStreamTrack | null = null;
  choice: DeviceChoice = { microphone: null, camera: null };

  private readonly onDeviceChange = () => void this.announceDevices();

  constructor(private readonly options: LocalMediaOptions) {
    super();
    navigator.mediaDevices?.addEventListener?.('devicechange', this.onDeviceChange);
  }

  /** Opens the microphone, or opens it anew on another device. */
  async openAudio(deviceId: string | null = this.choice.microphone): Promise<MediaStreamTrack> {
    const processing = this.options.audioProcessing;
    const track = await this.open('audio', {
      audio: {
        ...(deviceId ? { deviceId: { ideal: deviceId } } : {}),
        echoCancellation: processing,
        noiseSuppression: processing,
        autoGainControl: processing,
      },
    });
    const enabled = this.audio?.enabled ?? true;
    this.audio?.stop();
    track.enabled = enabled;
    track.contentHint = 'speech';
    this.audio = track;
    this.choice = { ...this.choice, microphone: deviceId };
    this.emit('changed');
    return track;
  }

  async openVideo(deviceId: string | null = this.choice.camera): Promise<MediaStreamTrack> {
    const height = this.options.height;
    // Many cameras cannot be opened twice: the old one is closed first.
    this.video?.stop();
    this.video = null;
    const track = await this.open('video', {
      video: {
        ...(deviceId ? { deviceId: { ideal: deviceId } } : {}),
        height: { ideal: height },
        width: { ideal: Math.round((height * 16) / 9) },
        frameRate: { ideal: 30, max: 30 },
      },
    });
    this.video = track;
    this.choice = { ...this.choice, camera: deviceId };
    this.emit('changed');
    return track;
  }

  closeVideo(): void {
    this.video?.stop();
    this.video = null;
    this.emit('changed');
  }

  async openDesktop(): Promise<MediaStreamTrack> {
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({
        video: { frameRate: { ideal: 15, max: 30 } },
        audio: false,
      });
    } catch (error) {
      throw new DeviceError(problemOf(error), 'desktop');
    }
    const track = stream.getVideoTracks()[0];
    if (!track) throw new DeviceError('failed', 'desktop');
    track.contentHint = 'detail';
    this.watch(track, 'desktop');
    this.desktop = track;
    this.emit('changed');
    return track;
  }

  closeDesktop(): void {
    this.desktop?.stop();
    this.desktop = null;
    this.emit('changed');
  }

  async announceDevices(): Promise<void> {
    this.emit('devices', await listDevices());
  }

  close(): void {
    navigator.mediaDevices?.removeEventListener?.('devicechange', this.onDeviceChange);
    for (const track of [this.audio, this.video, this.desktop]) track?.stop();
    this.audio = null;
    this.video = null;
    this.desktop = null;
    this.removeAll();
  }

  private async open(kind: 'audio' | 'video', constraints: MediaStreamConstraints): Promise<MediaStreamTrack> {
    if (!navigator.mediaDevices?.getUserMedia) throw new DeviceError('insecure', kind);
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      const track = stream.getTracks()[0];
      if (!track) throw new DeviceError('failed', kind);
      this.watch(track, kind);
      return track;
    } catch (error) {
      log('devices', `${kind} not opened`, error);
      throw error instanceof DeviceError ? error : new DeviceError(problemOf(error), kind);
    }
  }

  private watch(track: MediaStreamTrack, kind: 'audio' | 'video' | 'desktop'): void {
    track.addEventListener('ended', () => {
      if (track !== this[kind]) return;
      log('devices', `${kind} ended`);
      this[kind] = null;
      this.emit('ended', kind);
      this.emit('changed');
    });
  }
}

export async function listDevices(): Promise<DeviceList> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const of = (kind: MediaDeviceKind) => all.filter((d) => d.kind === kind && d.deviceId !== '');
  return { microphones: of('audioinput'), cameras: of('videoinput'), speakers: of('audiooutput') };
}

function problemOf(error: unknown): DeviceProblem {
  switch ((error as { name?: string } | null)?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}
