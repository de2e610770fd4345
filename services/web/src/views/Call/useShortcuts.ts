import { useEffect } from 'react';
import {
  openDialog,
  setLayout,
  setTalking,
  toggleCamera,
  toggleHand,
  toggleMicrophone,
  togglePanel,
  toggleScreenShare,
} from '../../store/actions';
import { get, useStore } from '../../store/store';
import { arrange, tilesOf } from '../../store/tiles';

export function toggleFullscreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen?.().catch(() => {});
}

function stageShown(): boolean {
  const state = get();
  return arrange(tilesOf(state), state.preferences.layout, state.pinned, state.dominant).mode === 'stage';
}

export function useLayoutToggle(): { stageMode: boolean; toggle: () => void } {
  const stageMode = useStore(
    (state) => arrange(tilesOf(state), state.preferences.layout, state.pinned, state.dominant).mode === 'stage',
  );
  return { stageMode, toggle: () => setLayout(stageMode ? 'grid' : 'stage') };
}

/** One key, what it does and the text that explains it. */
export const SHORTCUTS: { key: string; label: string; run: () => void }[] = [
  { key: 'm', label: 'toolbar.mute', run: () => void toggleMicrophone() },
  { key: 'v', label: 'toolbar.stopVideo', run: () => void toggleCamera() },
  { key: 'd', label: 'toolbar.share', run: () => void toggleScreenShare() },
  { key: 'r', label: 'toolbar.raise', run: toggleHand },
  { key: 'c', label: 'toolbar.chat', run: () => togglePanel('chat') },
  { key: 'p', label: 'toolbar.people', run: () => togglePanel('people') },
  { key: 'w', label: 'toolbar.layoutStage', run: () => setLayout(stageShown() ? 'grid' : 'stage') },
  { key: 't', label: 'toolbar.statistics', run: () => openDialog('statistics') },
  { key: 's', label: 'toolbar.fullscreen', run: toggleFullscreen },
  { key: '?', label: 'shortcuts.help', run: () => openDialog('shortcuts') },
];

/** Keys belong to the page unless somebody is writing or in a menu. */
function isBusy(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.closest('input, textarea, select, dialog, [role="menu"], [contenteditable="true"]') !== null;
}

export function useShortcuts(): void {
  useEffect(() => {
    let talking = false;
    const down = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isBusy(event.target)) return;
      if (event.key === ' ') {
        // On a button the space bar presses it.
        if (event.target instanceof HTMLElement && event.target.closest('button')) return;
        if (!get().audioMuted) return;
        event.preventDefault();
        talking = true;
        void setTalking(true);
        return;
      }
      const shortcut = SHORTCUTS.find((s) => s.key === event.key.toLowerCase());
      if (!shortcut) return;
      event.preventDefault();
      shortcut.run();
    };
    const up = (event: KeyboardEvent) => {
      if (event.key !== ' ' || !talking) return;
      talking = false;
      void setTalking(false);
    };
    const blur = () => {
      if (talking) void setTalking(false);
      talking = false;
    };
    window.addEventListener('keydown', down);
    window.addEventListener('keyup', up);
    window.addEventListener('blur', blur);
    return () => {
      window.removeEventListener('keydown', down);
      window.removeEventListener('keyup', up);
      window.removeEventListener('blur', blur);
    };
  }, []);
}
