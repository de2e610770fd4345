import type { MeshConfig } from './config';

/** Why no session could be opened, as far as a page can find out. */
export interface Unreachable {
  reason:
    | 'unreachable'
    /** The browser itself says that it has no network. */
    | 'offline'
    /** Another host than the page's, which a secure request does not reach: its certificate may not be trusted. Pages are not told. */
    | 'untrusted'
    /** Something answers over HTTP, with `status`. */
    | 'answers';
  /** Status of the HTTP answer; 0 where there was none, or where a page may not read it. */
  status: number;
}

const PATIENCE_MS = 5_000;

/** Asks the address of BOSH, or of the WebSocket over HTTP, how it answers. Never throws. */
export async function whyUnreachable(
  config: Pick<MeshConfig, 'boshUrl' | 'websocketUrl'>,
  origin: string = location.origin,
): Promise<Unreachable> {
  if (typeof navigator !== 'undefined' && navigator.onLine === false) return { reason: 'offline', status: 0 };
  const address = config.boshUrl ?? config.websocketUrl;
  if (address === null) return { reason: 'unreachable', status: 0 };
  const url = new URL(address);
  url.protocol = url.protocol === 'wss:' || url.protocol === 'https:' ? 'https:' : 'http:';
  const status = (await statusOf(url, 'cors')) ?? (url.origin === origin ? null : await statusOf(url, 'no-cors'));
  if (status !== null) return { reason: 'answers', status };
  return { reason: url.protocol === 'https:' && url.origin !== origin ? 'untrusted' : 'unreachable', status: 0 };
}

async function statusOf(url: URL, mode: RequestMode): Promise<number | null> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const options = { mode, cache: 'no-store', credentials: 'omit', signal: patience.signal } as const;
    return (await fetch(url, options)).status;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
