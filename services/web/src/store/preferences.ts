import { randomHex } from '../conference/XmppConnection';
import type { Preferences } from './types';

const KEY = 'jitsimesh.preferences';
const MAX_RECENT = 8;

const defaults = (): Preferences => ({
  name: '',
  microphone: null,
  camera: null,
  speaker: null,
  microphoneOn: true,
  cameraOn: true,
  layout: 'auto',
  mirror: true,
  theme: 'system',
  recent: [],
  machineUid: randomHex(32),
});

export function loadPreferences(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return { ...defaults(), ...(stored as Partial<Preferences>) };
  } catch {
    return defaults();
  }
}

export function savePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Private windows may refuse; then they last as long as the page.
  }
}

export function withRecent(preferences: Preferences, room: string, now: number): Preferences {
  const others = preferences.recent.filter((r) => r.name !== room);
  return { ...preferences, recent: [{ name: room, at: now }, ...others].slice(0, MAX_RECENT) };
}

export function applyTheme(theme: Preferences['theme']): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
