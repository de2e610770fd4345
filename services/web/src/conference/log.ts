/** Kept in memory for "copy details"; nothing leaves the browser. Oldest lines go first. */
const MAX_LINES = 400;
/** Characters of a line; the rest is cut off. */
const MAX_LENGTH = 1000;
const lines: string[] = [];
const started = performance.now();

export function log(area: string, text: string, detail?: unknown): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(3);
  lines.push(`${seconds} [${area}] ${text}${detail === undefined ? '' : ` ${describe(detail)}`}`.slice(0, MAX_LENGTH));
  if (lines.length > MAX_LINES) lines.shift();
}

export function logLines(): readonly string[] {
  return lines;
}

function describe(detail: unknown): string {
  if (detail instanceof Error) return `${detail.name}: ${detail.message}`;
  if (typeof detail === 'string') return detail;
  try {
    return JSON.stringify(detail);
  } catch {
    return String(detail);
  }
}
