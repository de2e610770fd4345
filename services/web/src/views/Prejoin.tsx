import { Mic, MicOff, TriangleAlert, Video as VideoIcon, VideoOff } from 'lucide-react';
import type { FormEvent } from 'react';
import { t } from '../i18n';
import {
  chooseCamera,
  chooseMicrophone,
  chooseSpeaker,
  join,
  openDevices,
  setName,
  toggleCamera,
  toggleMicrophone,
} from '../store/actions';
import { useStore } from '../store/store';
import { Avatar } from '../ui/Avatar';
import { Button, IconButton } from '../ui/Button';
import { DeviceSelect } from '../ui/DeviceSelect';
import { ErrorCode } from '../ui/ErrorCode';
import { Meter } from '../ui/Meter';
import ui from '../ui/ui.module.css';
import { Video } from '../ui/Video';
import { Page } from './Page';
import css from './pages.module.css';

export function Prejoin({ joining }: { joining: boolean }) {
  const room = useStore((s) => s.room);
  const preferences = useStore((s) => s.preferences);
  const devices = useStore((s) => s.devices);
  const problems = useStore((s) => s.deviceProblems);
  const audioMuted = useStore((s) => s.audioMuted);
  const videoMuted = useStore((s) => s.videoMuted);
  const track = useStore((s) => s.localVideo);
  const busy = useStore((s) => s.devicesBusy);
  const without = problems.audio !== undefined && problems.video !== undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void join();
  };

  return (
    <Page tight>
      <div className={css.prejoin}>
        <section aria-label={t('prejoin.preview')}>
          <div className={css.preview} data-testid="preview">
            {track ? (
              <Video track={track} mirrored={preferences.mirror} testId="preview-video" />
            ) : (
              <div className={css.previewOff}>
                <Avatar name={preferences.name} id="self" size={88} />
                {t(busy && preferences.cameraOn ? 'prejoin.cameraStarting' : 'prejoin.cameraOff')}
              </div>
            )}
            <div className={css.previewControls}>
              <IconButton
                className={css.round}
                label={t(audioMuted ? 'prejoin.turnOnMic' : 'prejoin.turnOffMic')}
                aria-pressed={audioMuted}
                onClick={() => void toggleMicrophone()}
              >
                {audioMuted ? <MicOff size={22} aria-hidden /> : <Mic size={22} aria-hidden />}
              </IconButton>
              <IconButton
                className={css.round}
                label={t(videoMuted ? 'prejoin.turnOnCamera' : 'prejoin.turnOffCamera')}
                aria-pressed={videoMuted}
                onClick={() => void toggleCamera()}
              >
                {videoMuted ? <VideoOff size={22} aria-hidden /> : <VideoIcon size={22} aria-hidden />}
              </IconButton>
            </div>
          </div>
          <div className={css.underPreview}>
            <Meter id="self" label={t('prejoin.level')} />
            <span>{t('prejoin.private')}</span>
          </div>
        </section>
        <form className={css.joinForm} onSubmit={submit}>
          <h1>{t('prejoin.title')}</h1>
          <p className={css.roomLine}>{t('prejoin.room', { room })}</p>
          <DeviceProblems />
          {joining ? <StillJoining /> : null}
          <div className={ui.field}>
            <label htmlFor="name">{t('prejoin.name')}</label>
            <input
              id="name"
              className={ui.input}
              value={preferences.name}
              placeholder={t('prejoin.namePlaceholder')}
              autoComplete="name"
              maxLength={80}
              onChange={(event) => setName(event.target.value)}
            />
          </div>
          <DeviceSelect
            label={t('prejoin.microphone')}
            devices={devices.microphones}
            value={preferences.microphone}
            onChange={(id) => void chooseMicrophone(id)}
          />
          <DeviceSelect
            label={t('prejoin.camera')}
            devices={devices.cameras}
            value={preferences.camera}
            onChange={(id) => void chooseCamera(id)}
          />
          {devices.speakers.length > 0 ? (
            <DeviceSelect
              label={t('prejoin.speaker')}
              devices={devices.speakers}
              value={preferences.speaker}
              onChange={chooseSpeaker}
            />
          ) : null}
          <Button type="submit" tone="primary" size="large" disabled={joining} data-testid="join">
            {joining ? <span className={ui.spinner} aria-hidden /> : null}
            {t(joining ? 'prejoin.joining' : without ? 'prejoin.joinWithout' : 'prejoin.join')}
          </Button>
        </form>
      </div>
    </Page>
  );
}

/** Joining takes long because the focus is not ready: it is asked again, and people may wait or go. */
function StillJoining() {
  const silent = useStore((s) => s.focusSilent);
  if (!silent) return null;
  return (
    <div className={css.problemBox} role="status" data-testid="focus-silent">
      <TriangleAlert size={18} aria-hidden />
      <div>
        <strong>{t('problem.focus-silent.title')}</strong>
        {t('prejoin.stillAsking')} <ErrorCode of="focus-silent" />
      </div>
    </div>
  );
}

function DeviceProblems() {
  const problems = useStore((s) => s.deviceProblems);
  const kinds = (['audio', 'video'] as const).filter((kind) => problems[kind] !== undefined);
  const first = kinds[0];
  if (!first) return null;
  const problem = problems[first] ?? 'failed';
  const device = kinds.map((kind) => t(`prejoin.deviceNames.${kind}`)).join(' / ');
  return (
    <div className={css.problemBox} role="alert" data-testid="device-problem">
      <TriangleAlert size={18} aria-hidden />
      <div>
        <strong>{t(`prejoin.${problem}Title`, { device })}</strong>
        {t(`prejoin.${problem}Text`, { device })} <ErrorCode of={`device-${problem}`} />{' '}
        {problem === 'insecure' ? null : (
          <button type="button" className={css.textButton} onClick={() => void openDevices()}>
            {t('prejoin.again')}
          </button>
        )}
      </div>
    </div>
  );
}
