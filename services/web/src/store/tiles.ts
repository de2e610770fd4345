import type { LayoutChoice, Participant, ViewState } from './types';

/** One picture on the stage: a camera or a shared screen of somebody. */
export interface TileModel {
  /** Name of the video source, which exists as a name even when nothing is sent. */
  key: string;
  id: string;
  kind: 'camera' | 'desktop';
}

export interface GridFit {
  columns: number;
  rows: number;
  width: number;
  height: number;
}

const GAP = 8;
const IDEAL = 16 / 9;

/** The arrangement that gives each of `count` tiles the largest area in a window of that size. */
export function fitGrid(count: number, width: number, height: number): GridFit {
  // Upright windows may show upright tiles.
  const lowest = width < height ? 3 / 4 : 4 / 3;
  const highest = 2;
  let best: GridFit = { columns: 1, rows: Math.max(1, count), width: 0, height: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (width - GAP * (columns - 1)) / columns;
    const cellHeight = (height - GAP * (rows - 1)) / rows;
    if (cellWidth <= 0 || cellHeight <= 0) continue;
    const ratio = Math.min(highest, Math.max(lowest, cellWidth / cellHeight));
    const tileWidth = Math.min(cellWidth, cellHeight * ratio);
    const tileHeight = tileWidth / ratio;
    const better = score(tileWidth, tileHeight) > score(best.width, best.height) * 1.0001;
    if (better) best = { columns, rows, width: Math.floor(tileWidth), height: Math.floor(tileHeight) };
  }
  return best;
}

/** Area that a 16:9 picture has in the tile, plus a little for the rest of the tile. */
function score(width: number, height: number): number {
  if (width <= 0 || height <= 0) return 0;
  const picture = Math.min(width, height * IDEAL);
  return (picture * picture) / IDEAL + width * height * 0.25;
}

const MIN_TILE = 140;
export const MAX_TILES = 25;

/** How many tiles a window can show before they become too small to see anybody. */
export function tilesPerPage(width: number, height: number): number {
  const columns = Math.max(1, Math.floor((width + GAP) / (MIN_TILE + GAP)));
  const rows = Math.max(1, Math.floor((height + GAP) / (MIN_TILE * 0.75 + GAP)));
  return Math.min(MAX_TILES, Math.max(2, columns * rows));
}

/** Shared screens first, then everybody in the order of joining; people with a raised hand move up. */
export function tilesOf(state: Pick<ViewState, 'participants' | 'order' | 'selfId' | 'localDesktop'>): TileModel[] {
  const people = state.order.map((id) => state.participants[id]).filter((p): p is Participant => p !== undefined);
  const screens = people.filter((p) => p.sharing).map((p) => screenTile(p.id));
  const hands = [...people].sort((a, b) => (a.raisedHand ?? Infinity) - (b.raisedHand ?? Infinity) || 0);
  const cameras = hands.map((p): TileModel => ({ key: `${p.id}-v0`, id: p.id, kind: 'camera' }));
  return [...screens, ...cameras];
}

export function screenTile(id: string): TileModel {
  return { key: `${id}-v1`, id, kind: 'desktop' };
}

export interface Arrangement {
  mode: 'grid' | 'stage';
  stage: TileModel | null;
  others: TileModel[];
}

/** Chooses between grid and stage, and who is on stage: the pinned one, a shared screen, whoever speaks. */
export function arrange(
  tiles: TileModel[],
  choice: LayoutChoice,
  pinned: string | null,
  dominant: string | null,
): Arrangement {
  const pinnedTile = pinned ? tiles.find((t) => t.key === pinned) : undefined;
  const screen = tiles.find((t) => t.kind === 'desktop');
  const wantsStage = choice === 'stage' || (choice === 'auto' && (pinnedTile !== undefined || screen !== undefined));
  if (!wantsStage || tiles.length === 0) return { mode: 'grid', stage: null, others: tiles };
  const speaker = tiles.find((t) => t.kind === 'camera' && t.id === dominant);
  const stage = pinnedTile ?? screen ?? speaker ?? tiles[0] ?? null;
  return { mode: 'stage', stage, others: tiles.filter((t) => t !== stage) };
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0]?.[0] ?? '';
  const last = words.length > 1 ? (words[words.length - 1]?.[0] ?? '') : '';
  return (first + last).toUpperCase();
}

/** Hues that avoid red and green: those say how things stand. */
const HUES = [28, 45, 190, 205, 220, 240, 258, 275, 292, 310];

export function avatarColour(seed: string): string {
  let hash = 0;
  for (const char of seed) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return `hsl(${HUES[hash % HUES.length]} 45% 34%)`;
}

export type QualityLevel = 'good' | 'fair' | 'poor' | 'lost';

export function qualityLevel(participant: Pick<Participant, 'quality' | 'active'>): QualityLevel {
  if (!participant.active) return 'lost';
  const quality = participant.quality ?? 100;
  return quality >= 70 ? 'good' : quality >= 35 ? 'fair' : 'poor';
}
