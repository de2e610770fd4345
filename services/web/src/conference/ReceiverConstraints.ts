/** What this client wants to see: sources that are on screen, each with the height that its tile has. */
export interface Wish {
  /** Height of the tile in device pixels, by source name. */
  heights: Record<string, number>;
  /** Sources shown large. */
  stage: string[];
  lastN: number;
}

export interface ReceiverVideoConstraints extends Record<string, unknown> {
  colibriClass: 'ReceiverVideoConstraints';
  lastN: number;
  onStageSources: string[];
  defaultConstraints: { maxHeight: number };
  constraints: Record<string, { maxHeight: number }>;
}

/** Heights that senders' layers come in. */
const STEPS = [180, 360, 720, 1080, 2160] as const;

/** A picture may be shown this much larger than it was sent: the next step up costs everybody four times the pixels. */
const LARGEST_ZOOM = Math.SQRT2;

/** The smallest step that fills a tile of `height` pixels without being enlarged too much. */
export function stepFor(height: number): number {
  return STEPS.find((step) => step * LARGEST_ZOOM >= height) ?? STEPS[STEPS.length - 1] ?? 2160;
}

/** The whole message; sources not wished for are off. */
export function constraintsFor(wish: Wish): ReceiverVideoConstraints {
  const names = Object.keys(wish.heights).sort();
  return {
    colibriClass: 'ReceiverVideoConstraints',
    lastN: wish.lastN,
    onStageSources: wish.stage,
    defaultConstraints: { maxHeight: 0 },
    constraints: Object.fromEntries(names.map((name) => [name, { maxHeight: stepFor(wish.heights[name] ?? 180) }])),
  };
}

const THROTTLE_MS = 300;

/** Sends the newest wish, at most one each 300 ms, and never the same twice. */
export class ReceiverConstraints {
  private wish: Wish = { heights: {}, stage: [], lastN: -1 };
  private lastSent = '';
  private timer: ReturnType<typeof setTimeout> | null = null;
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly send: (message: ReceiverVideoConstraints) => boolean) {}

  set(wish: Wish): void {
    this.wish = wish;
    if (this.timer) return;
    const wait = Math.max(0, THROTTLE_MS - (Date.now() - this.lastAt));
    this.timer = setTimeout(() => {
      this.timer = null;
      this.flush(false);
    }, wait);
  }

  /** Says it again, because the other side of the channel is new. */
  resend(): void {
    this.flush(true);
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private flush(force: boolean): void {
    const message = constraintsFor(this.wish);
    const line = JSON.stringify(message);
    if (!force && line === this.lastSent) return;
    this.lastAt = Date.now();
    if (this.send(message)) this.lastSent = line;
  }
}
