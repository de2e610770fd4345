const KEY = 'jitsimesh.page-token';

/**
 * The token that the page was opened with (`?jwt=`). It is taken out of the address, where it would be copied, kept in the history and sent to other
 * sites, and kept for this tab and this room: loading the page again finds it.
 */
export const pageToken = {
  /** Called whenever the address has changed. */
  take(): void {
    const query = new URLSearchParams(location.search);
    const token = query.get('jwt');
    if (token === null) return;
    query.delete('jwt');
    pageToken.set(token);
    const rest = query.toString();
    history.replaceState(history.state, '', location.pathname + (rest === '' ? '' : `?${rest}`) + location.hash);
  },

  get(): string | null {
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
      const { path, token } = (kept ?? {}) as Record<string, unknown>;
      return path === location.pathname && typeof token === 'string' && token !== '' ? token : null;
    } catch {
      return null;
    }
  },

  /** For the room that the address names now. */
  set(token: string): void {
    sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, token }));
  },

  clear(): void {
    sessionStorage.removeItem(KEY);
  },
};
