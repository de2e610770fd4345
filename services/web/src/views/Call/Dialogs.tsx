import { useEffect, useId, useState } from 'react';
import { t } from '../../i18n';
import {
  chooseCamera,
  chooseMicrophone,
  chooseSpeaker,
  currentConference,
  openDialog,
  setName,
  setTheme,
  signOut,
} from '../../store/actions';
import { setPreferences, useStore } from '../../store/store';
import type { Theme } from '../../store/types';
import { Button } from '../../ui/Button';
import { DeviceSelect } from '../../ui/DeviceSelect';
import { Dialog } from '../../ui/Dialog';
import { Meter } from '../../ui/Meter';
import ui from '../../ui/ui.module.css';
import css from './call.module.css';
import { InviteDialog } from './InviteDialog';
import { SHORTCUTS } from './useShortcuts';

const close = () => openDialog(null);

export function Dialogs() {
  const dialog = useStore((s) => s.dialog);
  if (dialog === 'invite') return <InviteDialog />;
  if (dialog === 'settings') return <SettingsDialog />;
  if (dialog === 'statistics') return <StatisticsDialog />;
  if (dialog === 'shortcuts') return <ShortcutsDialog />;
  return null;
}

function SettingsDialog() {
  const devices = useStore((s) => s.devices);
  const preferences = useStore((s) => s.preferences);
  const self = useStore((s) => s.selfId);
  const identity = useStore((s) => s.identity);
  const [name, rename] = useState(preferences.name);
  const id = useId();
  const finish = () => {
    if (name !== preferences.name) setName(name);
    close();
  };
  return (
    <Dialog title={t('settings.title')} onClose={finish}>
      <div className={css.settings}>
        <div className={ui.field}>
          <label htmlFor={`${id}-name`}>{t('prejoin.name')}</label>
          <input
            id={`${id}-name`}
            className={ui.input}
            value={name}
            maxLength={80}
            onChange={(event) => rename(event.target.value)}
          />
        </div>
        {identity ? (
          <p className={css.signedIn}>
            <span>{t('login.signedInAs', { identity })}</span>
            <Button onClick={() => void signOut()}>{t('login.signOut')}</Button>
          </p>
        ) : null}
        <DeviceSelect
          label={t('prejoin.microphone')}
          devices={devices.microphones}
          value={preferences.microphone}
          onChange={(device) => void chooseMicrophone(device)}
        />
        <Meter id={self} label={t('prejoin.level')} />
        <DeviceSelect
          label={t('prejoin.camera')}
          devices={devices.cameras}
          value={preferences.camera}
          onChange={(device) => void chooseCamera(device)}
        />
        {devices.speakers.length > 0 ? (
          <DeviceSelect
            label={t('prejoin.speaker')}
            devices={devices.speakers}
            value={preferences.speaker}
            onChange={chooseSpeaker}
          />
        ) : null}
        <div className={ui.field}>
          <label htmlFor={`${id}-theme`}>{t('settings.theme')}</label>
          <select
            id={`${id}-theme`}
            className={`${ui.input} ${ui.select}`}
            value={preferences.theme}
            onChange={(event) => setTheme(event.target.value as Theme)}
          >
            {(['system', 'light', 'dark'] as const).map((theme) => (
              <option key={theme} value={theme}>
                {t(`settings.themes.${theme}`)}
              </option>
            ))}
          </select>
        </div>
        <label className={css.check}>
          <input
            type="checkbox"
            checked={preferences.mirror}
            onChange={(event) => setPreferences({ mirror: event.target.checked })}
          />
          {t('settings.mirror')}
        </label>
      </div>
    </Dialog>
  );
}

function StatisticsDialog() {
  const stats = useStore((s) => s.stats);
  const participants = useStore((s) => s.participants);
  const [channel, setChannel] = useState('');
  useEffect(() => {
    const open = currentConference()?.link.channel;
    setChannel(open ? `${open.mode}${open.isOpen ? '' : ' …'}` : '–');
  }, []);
  const picture = (p: { width: number; height: number; fps: number }) => t('statistics.picture', p);
  return (
    <Dialog title={t('statistics.title')} onClose={close}>
      {stats ? (
        <table className={css.table} data-testid="statistics">
          <tbody>
            <tr>
              <th scope="row">{t('statistics.quality')}</th>
              <td>{stats.quality} %</td>
            </tr>
            <tr>
              <th scope="row">{t('statistics.bitrate')}</th>
              <td>
                {t('statistics.up', { value: stats.upKbps })}
                <br />
                {t('statistics.down', { value: stats.downKbps })}
              </td>
            </tr>
            <tr>
              <th scope="row">{t('statistics.loss')}</th>
              <td>{t('statistics.lossValue', { up: stats.lossUp, down: stats.lossDown })}</td>
            </tr>
            <tr>
              <th scope="row">{t('statistics.rtt')}</th>
              <td>{stats.rttMs === null ? '–' : t('statistics.rttValue', { value: stats.rttMs })}</td>
            </tr>
            <tr>
              <th scope="row">{t('statistics.transport')}</th>
              <td>{stats.transport ?? '–'}</td>
            </tr>
            <tr>
              <th scope="row">{t('statistics.channel')}</th>
              <td>{channel}</td>
            </tr>
            <tr>
              <th scope="row">{t('statistics.sent')}</th>
              <td>
                {stats.sent.map((p) => (
                  <div key={`${p.width}x${p.height}`}>{picture(p)}</div>
                ))}
              </td>
            </tr>
            {Object.entries(stats.received).map(([source, p]) => (
              <tr key={source}>
                <th scope="row">
                  {t('statistics.received')}: {participants[source.replace(/-v\d+$/, '')]?.name || t('common.guest')}
                </th>
                <td>{picture(p)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p>{t('statistics.none')}</p>
      )}
    </Dialog>
  );
}

function ShortcutsDialog() {
  return (
    <Dialog title={t('shortcuts.title')} onClose={close}>
      <table className={css.table}>
        <tbody>
          {SHORTCUTS.map((shortcut) => (
            <tr key={shortcut.key}>
              <th scope="row">{t(shortcut.label)}</th>
              <td>
                <kbd>{shortcut.key.toUpperCase()}</kbd>
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row">{t('shortcuts.talk')}</th>
            <td>
              <kbd>{t('shortcuts.space')}</kbd>
            </td>
          </tr>
        </tbody>
      </table>
    </Dialog>
  );
}
