import { get, set } from './store';
import type { Toast } from './types';

const TOAST_MS = 5000;
const MAX_TOASTS = 3;
/** The live region speaks at most this often; what comes in between is joined. */
const ANNOUNCE_MS = 1000;

/** Sentences that are spoken together; the oldest is left out. */
const MAX_SPOKEN = 4;

let nextId = 1;
let waiting: string[] = [];
let timer: ReturnType<typeof setTimeout> | null = null;

export function toast(text: string, tone: Toast['tone'] = 'info'): void {
  const id = nextId++;
  set({ toasts: [...get().toasts, { id, text, tone }].slice(-MAX_TOASTS) });
  setTimeout(() => dismissToast(id), TOAST_MS);
  announce(text);
}

export function dismissToast(id: number): void {
  set({ toasts: get().toasts.filter((toast) => toast.id !== id) });
}

export function announce(text: string): void {
  waiting = [...waiting, text].slice(-MAX_SPOKEN);
  if (timer) return;
  timer = setTimeout(() => {
    timer = null;
    set({ announcement: waiting.join('. ') });
    waiting = [];
  }, ANNOUNCE_MS);
}
