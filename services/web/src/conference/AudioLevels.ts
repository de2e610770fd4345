/** Loudness of the own microphone, 0 to 1, read when asked: no events, no rendering. */
export class MicrophoneLevel {
  private context: AudioContext | null = null;
  private analyser: AnalyserNode | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private samples: Float32Array<ArrayBuffer> = new Float32Array(512);
  private track: MediaStreamTrack | null = null;

  attach(track: MediaStreamTrack | null): void {
    if (track === this.track) return;
    this.source?.disconnect();
    this.source = null;
    this.track = track;
    if (!track || typeof AudioContext === 'undefined') return;
    this.context ??= new AudioContext();
    this.analyser ??= this.context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.source = this.context.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(this.analyser);
    if (this.context.state === 'suspended') void this.context.resume().catch(() => {});
  }

  read(): number {
    if (!this.analyser || !this.source || !this.track?.enabled) return 0;
    this.analyser.getFloatTimeDomainData(this.samples);
    let sum = 0;
    for (const sample of this.samples) sum += sample * sample;
    return toMeter(Math.sqrt(sum / this.samples.length));
  }

  close(): void {
    this.source?.disconnect();
    void this.context?.close().catch(() => {});
    this.context = null;
    this.analyser = null;
    this.source = null;
    this.track = null;
  }
}

/** Loudness of what a receiver last played, 0 to 1. */
export function receiverLevel(receiver: RTCRtpReceiver): number {
  const source = receiver.getSynchronizationSources?.()[0];
  if (!source || performance.timeOrigin + performance.now() - source.timestamp > 1000) return 0;
  return toMeter(source.audioLevel ?? 0);
}

/** From -60 dB to 0 dB, linear in decibels, which is how loudness is felt. */
function toMeter(amplitude: number): number {
  if (amplitude <= 0) return 0;
  const decibels = 20 * Math.log10(amplitude);
  return Math.min(1, Math.max(0, (decibels + 60) / 60));
}

/** On after 250 ms of sound, off after 800 ms of silence: a ring that does not flicker. */
export class SpeakingGate {
  speaking = false;
  private since: number | null = null;
  private lastLoud = Number.NEGATIVE_INFINITY;

  static readonly inMs = 250;
  static readonly outMs = 800;
  static readonly threshold = 0.35;

  update(level: number, now: number): boolean {
    if (level >= SpeakingGate.threshold) {
      if (now - this.lastLoud > SpeakingGate.outMs) this.since = now;
      this.since ??= now;
      this.lastLoud = now;
      if (now - this.since >= SpeakingGate.inMs) this.speaking = true;
    } else if (now - this.lastLoud > SpeakingGate.outMs) {
      this.speaking = false;
      this.since = null;
    }
    return this.speaking;
  }
}
