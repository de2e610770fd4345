import { useId } from 'react';
import { t } from '../i18n';
import css from './ui.module.css';

interface DeviceSelectProps {
  label: string;
  devices: MediaDeviceInfo[];
  value: string | null;
  onChange: (deviceId: string) => void;
}

export function DeviceSelect({ label, devices, value, onChange }: DeviceSelectProps) {
  const id = useId();
  const known = devices.some((d) => d.deviceId === value);
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className={`${css.input} ${css.select}`}
        value={known ? (value ?? '') : (devices[0]?.deviceId ?? '')}
        disabled={devices.length === 0}
        onChange={(event) => onChange(event.target.value)}
      >
        {devices.length === 0 ? <option value="">{t('prejoin.defaultDevice')}</option> : null}
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
    </div>
  );
}
