import { set } from './store';

interface Player {
  element: HTMLAudioElement;
  owner: string;
}

/** Sound of the others: one element per audio source, outside of what is rendered. */
const players = new Map<string, Player>();
let speaker = '';

export function play(source: string, owner: string, stream: MediaStream, volume: number): void {
  stop(source);
  const element = document.createElement('audio');
  element.autoplay = true;
  element.srcObject = stream;
  element.volume = volume;
  element.dataset.source = source;
  document.body.appendChild(element);
  players.set(source, { element, owner });
  if (speaker) void element.setSinkId?.(speaker).catch(() => {});
  start(element);
}

export function stop(source: string): void {
  const player = players.get(source);
  if (!player) return;
  player.element.srcObject = null;
  player.element.remove();
  players.delete(source);
}

export function stopAll(): void {
  for (const source of [...players.keys()]) stop(source);
}

export function setVolume(owner: string, volume: number): void {
  for (const player of players.values()) if (player.owner === owner) player.element.volume = volume;
}

export function setSpeaker(deviceId: string): void {
  speaker = deviceId;
  for (const { element } of players.values()) void element.setSinkId?.(deviceId).catch(() => {});
}

/** After a click the browser lets sound through. */
export function unblock(): void {
  set({ audioBlocked: false });
  for (const { element } of players.values()) start(element);
}

function start(element: HTMLAudioElement): void {
  const playing = element.play() as Promise<void> | undefined;
  playing?.catch((error: unknown) => {
    if ((error as { name?: string }).name === 'NotAllowedError') set({ audioBlocked: true });
  });
}
