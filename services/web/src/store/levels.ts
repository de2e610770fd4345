import { MicrophoneLevel, receiverLevel, SpeakingGate } from '../conference/AudioLevels';

type Reader = () => number;
interface Shown {
  element: HTMLElement;
  id: string;
}

const readers = new Map<string, Reader>();
const gates = new Map<string, SpeakingGate>();
const shown = new Set<Shown>();
let running = false;
let lastRun = 0;
const INTERVAL_MS = 50;

export const microphone = new MicrophoneLevel();

export function setReceiver(id: string, receiver: RTCRtpReceiver | null): void {
  if (receiver) readers.set(id, () => receiverLevel(receiver));
  else {
    readers.delete(id);
    gates.delete(id);
  }
}

export function setOwnLevel(id: string): void {
  readers.set(id, () => microphone.read());
}

export function clearLevels(): void {
  readers.clear();
  gates.clear();
}

/**
 * Writes `data-speaking` and `--level` onto the element while it is shown. Straight to the DOM: loudness never renders
 * anything. Returns the function that stops it.
 */
export function showLevel(element: HTMLElement, id: string): () => void {
  const entry = { element, id };
  shown.add(entry);
  if (!running) {
    running = true;
    requestAnimationFrame(tick);
  }
  return () => {
    shown.delete(entry);
  };
}

/** Loudness of one endpoint now, 0 to 1. */
export function levelOf(id: string): number {
  return readers.get(id)?.() ?? 0;
}

function tick(now: number): void {
  if (shown.size === 0) {
    running = false;
    return;
  }
  if (now - lastRun >= INTERVAL_MS) {
    lastRun = now;
    const seen = new Map<string, { level: number; speaking: boolean }>();
    for (const { element, id } of shown) {
      let entry = seen.get(id);
      if (!entry) {
        const level = levelOf(id);
        const gate = gates.get(id) ?? new SpeakingGate();
        gates.set(id, gate);
        entry = { level, speaking: gate.update(level, now) };
        seen.set(id, entry);
      }
      const speaking = String(entry.speaking);
      if (element.dataset.speaking !== speaking) element.dataset.speaking = speaking;
      element.style.setProperty('--level', entry.level.toFixed(2));
    }
  }
  requestAnimationFrame(tick);
}
