import type { Wish } from '../conference/ReceiverConstraints';

interface Visible {
  width: number;
  height: number;
  stage: boolean;
}

const tiles = new Map<symbol, { source: string; size: Visible }>();
let listener: (wish: Wish) => void = () => {};
let scheduled = false;

/** Called with what is on screen whenever that changes. */
export function onVisibleTiles(callback: (wish: Wish) => void): void {
  listener = callback;
  schedule();
}

export function showTile(token: symbol, source: string, size: Visible): void {
  const before = tiles.get(token);
  if (
    before?.source === source &&
    before.size.width === size.width &&
    before.size.height === size.height &&
    before.size.stage === size.stage
  ) {
    return;
  }
  tiles.set(token, { source, size });
  schedule();
}

export function hideTile(token: symbol): void {
  if (tiles.delete(token)) schedule();
}

export function currentWish(): Wish {
  const scale = Math.min(2, globalThis.devicePixelRatio || 1);
  const heights: Record<string, number> = {};
  const stage: string[] = [];
  for (const { source, size } of tiles.values()) {
    // The picture covers the tile, so the longer side in 16:9 decides.
    const height = Math.max(size.height, (size.width * 9) / 16) * scale;
    heights[source] = Math.max(heights[source] ?? 0, Math.round(height));
    if (size.stage && !stage.includes(source)) stage.push(source);
  }
  return { heights, stage, lastN: -1 };
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    listener(currentWish());
  });
}
