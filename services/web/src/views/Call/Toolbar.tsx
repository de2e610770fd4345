import {
  ChartNoAxesColumn,
  ChevronUp,
  Ellipsis,
  FileText,
  Hand,
  Keyboard,
  LayoutGrid,
  Maximize,
  MessageSquare,
  Mic,
  MicOff,
  MonitorUp,
  MonitorX,
  PanelRight,
  Phone,
  Settings,
  UserPlus,
  Users,
  Video,
  VideoOff,
} from 'lucide-react';
import { useEffect, useState } from 'react';
import { t } from '../../i18n';
import {
  chooseCamera,
  chooseMicrophone,
  chooseSpeaker,
  endForAll,
  leave,
  openDialog,
  toggleCamera,
  toggleHand,
  toggleMicrophone,
  togglePanel,
  toggleScreenShare,
} from '../../store/actions';
import { openInvite } from '../../store/invitations';
import { useStore } from '../../store/store';
import { IconButton } from '../../ui/Button';
import { formatDuration } from '../../ui/duration';
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../../ui/Menu';
import css from './call.module.css';
import { toggleFullscreen, useLayoutToggle } from './useShortcuts';

const ICON = 22;
const canShare = () => typeof navigator.mediaDevices?.getDisplayMedia === 'function';

export function Toolbar() {
  return (
    <section className={css.toolbar} aria-label={t('toolbar.label')} data-testid="toolbar">
      <Where />
      <div className={css.controls}>
        <MicrophoneControl />
        <CameraControl />
        <ShareControl />
        <HandControl />
        <PhonePanels />
        <MoreMenu />
        <LeaveControl />
      </div>
      <Panels />
    </section>
  );
}

function Where() {
  const room = useStore((s) => s.subject || s.room);
  const startedAt = useStore((s) => s.startedAt ?? s.joinedAt);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className={css.where}>
      <strong>{room}</strong>
      {startedAt ? <time>{formatDuration(now - startedAt)}</time> : null}
    </div>
  );
}

function deviceOptions(devices: MediaDeviceInfo[], fallback: string) {
  return devices.map((d, i) => ({ value: d.deviceId, label: d.label || `${fallback} ${i + 1}` }));
}

function MicrophoneControl() {
  const muted = useStore((s) => s.audioMuted);
  const { microphones, speakers } = useStore((s) => s.devices);
  const { microphone, speaker } = useStore((s) => s.preferences);
  return (
    <div className={css.split}>
      <IconButton
        label={t(muted ? 'toolbar.unmute' : 'toolbar.mute')}
        shortcut="M"
        className={css.control}
        data-off={muted}
        data-testid="toggle-microphone"
        onClick={() => void toggleMicrophone()}
      >
        {muted ? <MicOff size={ICON} aria-hidden /> : <Mic size={ICON} aria-hidden />}
      </IconButton>
      <Menu
        align="start"
        trigger={
          <IconButton label={t('toolbar.audioDevices')} className={css.chevron} tip={false}>
            <ChevronUp size={16} aria-hidden />
          </IconButton>
        }
      >
        <MenuChoice
          label={t('prejoin.microphone')}
          value={microphone ?? microphones[0]?.deviceId ?? ''}
          options={deviceOptions(microphones, t('prejoin.microphone'))}
          onChange={(id) => void chooseMicrophone(id)}
        />
        {speakers.length > 0 ? (
          <>
            <MenuSeparator />
            <MenuChoice
              label={t('prejoin.speaker')}
              value={speaker ?? speakers[0]?.deviceId ?? ''}
              options={deviceOptions(speakers, t('prejoin.speaker'))}
              onChange={chooseSpeaker}
            />
          </>
        ) : null}
      </Menu>
    </div>
  );
}

function CameraControl() {
  const muted = useStore((s) => s.videoMuted);
  const cameras = useStore((s) => s.devices.cameras);
  const camera = useStore((s) => s.preferences.camera);
  return (
    <div className={css.split}>
      <IconButton
        label={t(muted ? 'toolbar.startVideo' : 'toolbar.stopVideo')}
        shortcut="V"
        className={css.control}
        data-off={muted}
        data-testid="toggle-camera"
        onClick={() => void toggleCamera()}
      >
        {muted ? <VideoOff size={ICON} aria-hidden /> : <Video size={ICON} aria-hidden />}
      </IconButton>
      <Menu
        align="start"
        trigger={
          <IconButton label={t('toolbar.videoDevices')} className={css.chevron} tip={false}>
            <ChevronUp size={16} aria-hidden />
          </IconButton>
        }
      >
        <MenuChoice
          label={t('prejoin.camera')}
          value={camera ?? cameras[0]?.deviceId ?? ''}
          options={deviceOptions(cameras, t('prejoin.camera'))}
          onChange={(id) => void chooseCamera(id)}
        />
      </Menu>
    </div>
  );
}

function ShareControl() {
  const sharing = useStore((s) => s.localDesktop !== null);
  if (!canShare()) return null;
  return (
    <IconButton
      label={t(sharing ? 'toolbar.stopShare' : 'toolbar.share')}
      shortcut="D"
      className={`${css.control} ${css.desktopOnly}`}
      data-active={sharing}
      data-testid="toggle-share"
      onClick={() => void toggleScreenShare()}
    >
      {sharing ? <MonitorX size={ICON} aria-hidden /> : <MonitorUp size={ICON} aria-hidden />}
    </IconButton>
  );
}

function HandControl() {
  const raised = useStore((s) => s.handRaised);
  return (
    <IconButton
      label={t(raised ? 'toolbar.lower' : 'toolbar.raise')}
      shortcut="R"
      className={`${css.control} ${css.desktopOnly}`}
      data-active={raised}
      data-testid="toggle-hand"
      onClick={toggleHand}
    >
      <Hand size={ICON} aria-hidden />
    </IconButton>
  );
}

function ChatButton({ className, testId }: { className: string; testId: string }) {
  const open = useStore((s) => s.panel === 'chat');
  const unread = useStore((s) => s.unread);
  return (
    <IconButton
      label={unread > 0 ? t('toolbar.chatUnread', { count: unread }) : t('toolbar.chat')}
      shortcut="C"
      className={className}
      aria-expanded={open}
      data-active={open}
      data-testid={testId}
      onClick={() => togglePanel('chat')}
    >
      <MessageSquare size={ICON} aria-hidden />
      {unread > 0 ? (
        <span className={css.badgeCount} aria-hidden>
          {unread > 99 ? '99+' : unread}
        </span>
      ) : null}
    </IconButton>
  );
}

function DocumentButton() {
  const open = useStore((s) => s.panel === 'document');
  const exists = useStore((s) => s.documentUrl !== null);
  if (!exists) return null;
  return (
    <IconButton
      label={t('toolbar.document')}
      className={css.plain}
      aria-expanded={open}
      data-active={open}
      data-testid="toggle-document"
      onClick={() => togglePanel('document')}
    >
      <FileText size={ICON} aria-hidden />
    </IconButton>
  );
}

function PhonePanels() {
  return (
    <span className={css.phoneOnly}>
      <ChatButton className={css.control ?? ''} testId="toggle-chat-phone" />
    </span>
  );
}

function Panels() {
  const people = useStore((s) => s.panel === 'people');
  const count = useStore((s) => s.order.length + 1);
  const { stageMode, toggle } = useLayoutToggle();
  return (
    <div className={`${css.end} ${css.desktopOnly}`}>
      <IconButton
        label={t(stageMode ? 'toolbar.layoutGrid' : 'toolbar.layoutStage')}
        shortcut="W"
        className={css.plain}
        data-testid="toggle-layout"
        onClick={toggle}
      >
        {stageMode ? <LayoutGrid size={ICON} aria-hidden /> : <PanelRight size={ICON} aria-hidden />}
      </IconButton>
      <DocumentButton />
      <IconButton
        label={t('toolbar.people')}
        shortcut="P"
        className={css.plain}
        aria-expanded={people}
        data-active={people}
        data-testid="toggle-people"
        onClick={() => togglePanel('people')}
      >
        <Users size={ICON} aria-hidden />
        <span className={`${css.badgeCount} ${css.quietCount}`} aria-hidden>
          {count}
        </span>
      </IconButton>
      <ChatButton className={css.plain ?? ''} testId="toggle-chat" />
    </div>
  );
}

function MoreMenu() {
  const raised = useStore((s) => s.handRaised);
  const sharing = useStore((s) => s.localDesktop !== null);
  const hasDocument = useStore((s) => s.documentUrl !== null);
  const phone = typeof matchMedia === 'function' && matchMedia('(max-width: 640px)').matches;
  const { stageMode, toggle } = useLayoutToggle();
  const [full, setFull] = useState(false);
  return (
    <Menu
      onOpenChange={() => setFull(document.fullscreenElement !== null)}
      trigger={
        <IconButton label={t('toolbar.more')} className={css.control} tip={false} data-testid="more">
          <Ellipsis size={ICON} aria-hidden />
        </IconButton>
      }
    >
      {phone ? (
        <>
          <MenuItem icon={<Hand size={18} aria-hidden />} onSelect={toggleHand}>
            {t(raised ? 'toolbar.lower' : 'toolbar.raise')}
          </MenuItem>
          {canShare() ? (
            <MenuItem icon={<MonitorUp size={18} aria-hidden />} onSelect={() => void toggleScreenShare()}>
              {t(sharing ? 'toolbar.stopShare' : 'toolbar.share')}
            </MenuItem>
          ) : null}
          <MenuItem icon={<Users size={18} aria-hidden />} onSelect={() => togglePanel('people')}>
            {t('toolbar.people')}
          </MenuItem>
          {hasDocument ? (
            <MenuItem icon={<FileText size={18} aria-hidden />} onSelect={() => togglePanel('document')}>
              {t('toolbar.document')}
            </MenuItem>
          ) : null}
          <MenuItem icon={<LayoutGrid size={18} aria-hidden />} onSelect={toggle}>
            {t(stageMode ? 'toolbar.layoutGrid' : 'toolbar.layoutStage')}
          </MenuItem>
          <MenuSeparator />
        </>
      ) : null}
      <MenuItem icon={<UserPlus size={18} aria-hidden />} onSelect={openInvite}>
        {t('toolbar.invite')}
      </MenuItem>
      <MenuItem icon={<Maximize size={18} aria-hidden />} onSelect={toggleFullscreen}>
        {t(full ? 'toolbar.exitFullscreen' : 'toolbar.fullscreen')}
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={<Settings size={18} aria-hidden />} onSelect={() => openDialog('settings')}>
        {t('toolbar.settings')}
      </MenuItem>
      <MenuItem icon={<ChartNoAxesColumn size={18} aria-hidden />} onSelect={() => openDialog('statistics')}>
        {t('toolbar.statistics')}
      </MenuItem>
      <MenuItem icon={<Keyboard size={18} aria-hidden />} onSelect={() => openDialog('shortcuts')}>
        {t('toolbar.shortcuts')}
      </MenuItem>
    </Menu>
  );
}

function LeaveControl() {
  const canEnd = useStore((s) => s.selfModerator && s.canEndForAll);
  const button = (
    <IconButton
      label={t(canEnd ? 'toolbar.leaveOptions' : 'toolbar.leave')}
      className={`${css.control} ${css.leave}`}
      data-testid="leave"
      onClick={canEnd ? undefined : leave}
      tip={!canEnd}
    >
      <Phone size={ICON} aria-hidden className={css.hangUp} fill="currentColor" />
    </IconButton>
  );
  if (!canEnd) return button;
  return (
    <Menu trigger={button} align="end">
      <MenuItem icon={<Phone size={18} aria-hidden className={css.hangUp} />} onSelect={leave}>
        {t('toolbar.leaveOnly')}
      </MenuItem>
      <MenuItem danger icon={<Phone size={18} aria-hidden className={css.hangUp} />} onSelect={endForAll}>
        {t('toolbar.endForAll')}
      </MenuItem>
    </Menu>
  );
}
