import type { ConferenceEvents } from './conferenceEvents';
import type { Emitter } from './emitter';
import type { LocalMedia } from './LocalMedia';
import type { MediaLink } from './MediaLink';
import type { Room, VideoType } from './Room';
import type { LocalSourceKind } from './tracks';

export type OwnDevice = 'audio' | 'video' | 'desktop';

/** What the own side sends: muted or not, from which device, told to the room and put on the session. */
export class OwnMedia {
  audioMuted = true;
  videoMuted = true;
  desktopShared = false;
  private readonly forceMuted: Record<OwnDevice, boolean> = { audio: false, video: false, desktop: false };

  constructor(
    private readonly devices: LocalMedia,
    private readonly link: MediaLink,
    private readonly room: () => Room | null,
    private readonly events: Emitter<ConferenceEvents>,
  ) {
    devices.on('ended', (kind) => void this.stop(kind));
  }

  /** Takes the state from the devices as they were left before the call. */
  adopt(): void {
    this.audioMuted = !this.devices.audio?.enabled;
    this.videoMuted = this.devices.video === null;
  }

  async setAudioMuted(muted: boolean): Promise<void> {
    if (!muted) {
      await this.liftForcedMute('audio');
      if (!this.devices.audio || this.devices.audio.readyState === 'ended') await this.devices.openAudio();
    }
    const track = this.devices.audio;
    if (track) track.enabled = !muted;
    this.audioMuted = muted;
    if (!muted && track) await this.apply('a0', track);
    this.publish('a0', muted, 'camera');
  }

  async setVideoMuted(muted: boolean): Promise<void> {
    if (!muted) {
      await this.liftForcedMute('video');
      const track = this.devices.video ?? (await this.devices.openVideo());
      this.videoMuted = false;
      await this.apply('v0', track);
      this.publish('v0', false, 'camera');
    } else {
      this.videoMuted = true;
      this.publish('v0', true, 'camera');
      await this.apply('v0', null);
      this.devices.closeVideo();
    }
  }

  /** Another microphone or camera while the call goes on. */
  async switchDevice(kind: 'audio' | 'video', deviceId: string): Promise<void> {
    if (kind === 'audio') {
      const track = await this.devices.openAudio(deviceId);
      track.enabled = !this.audioMuted;
      await this.apply('a0', track);
    } else if (this.videoMuted) this.devices.choice = { ...this.devices.choice, camera: deviceId };
    else await this.apply('v0', await this.devices.openVideo(deviceId));
    this.events.emit('localChanged');
  }

  async startDesktop(): Promise<void> {
    await this.liftForcedMute('desktop');
    const track = await this.devices.openDesktop();
    await this.apply('v1', track);
    this.desktopShared = true;
    this.publish('v1', false, 'desktop');
    this.link.sendVideoType(this.sourceName('v1'), 'desktop');
  }

  async stopDesktop(): Promise<void> {
    if (!this.desktopShared) return;
    this.desktopShared = false;
    this.publish('v1', true, 'desktop');
    await this.apply('v1', null);
    this.devices.closeDesktop();
    this.events.emit('localChanged');
  }

  /** A moderator muted the source; until that is lifted the focus takes nothing of it. */
  async onMuted(kind: OwnDevice, by: string | null): Promise<void> {
    this.forceMuted[kind] = true;
    await this.stop(kind);
    const source = { audio: 'a0', video: 'v0', desktop: 'v1' } as const;
    this.events.emit('mutedBy', source[kind], by);
  }

  /** The focus did not take the source. */
  onRejected(kind: LocalSourceKind): void {
    this.publish(kind, true, kind === 'v1' ? 'desktop' : 'camera');
    if (kind === 'a0') this.audioMuted = true;
    if (kind === 'v0') this.videoMuted = true;
    if (kind === 'v1') this.desktopShared = false;
    this.events.emit('unmuteRejected', kind);
  }

  private async stop(kind: OwnDevice): Promise<void> {
    if (kind === 'desktop') await this.stopDesktop();
    else if (kind === 'video') await this.setVideoMuted(true);
    else await this.setAudioMuted(true);
  }

  private sourceName(kind: LocalSourceKind): string {
    return `${this.room()?.nick ?? ''}-${kind}`;
  }

  private async apply(kind: LocalSourceKind, track: MediaStreamTrack | null): Promise<void> {
    await this.link.session?.setTrack(kind, track);
  }

  private publish(kind: LocalSourceKind, muted: boolean, videoType: VideoType): void {
    this.room()?.setSource(this.sourceName(kind), { muted, videoType });
    this.events.emit('localChanged');
  }

  /** After a moderator muted a source, the focus has to be asked before sending again. */
  private async liftForcedMute(kind: OwnDevice): Promise<void> {
    if (!this.forceMuted[kind]) return;
    const room = this.room();
    await room?.mute(room.nick, kind, false);
    this.forceMuted[kind] = false;
  }
}
