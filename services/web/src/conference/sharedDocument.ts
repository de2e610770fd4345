import { ClientLimits } from './limits';

/** Where a room's shared document is: the server's documents and the name that the focus tells; null where that would be somewhere else. */
export function documentUrl(documents: string | null, name: string): string | null {
  if (documents === null || name === '' || name.length > ClientLimits.documentName) return null;
  // The name is part of an address as it is (a room's name has its per cent signs already), so that every client opens the same document.
  if (/[?#\\]/.test(name)) return null;
  const base = new URL(documents).href;
  const url = URL.canParse(base + name) ? new URL(base + name).href : '';
  return url.startsWith(base) && url.length > base.length ? url : null;
}

/** The same as it is shown to somebody: with their name and without the parts of Etherpad that a call has itself. */
export function shownDocument(url: string, userName: string): string {
  const shown = new URL(url);
  const wishes = { showControls: 'true', showChat: 'false', showLineNumbers: 'false', useMonospaceFont: 'false' };
  for (const [name, value] of Object.entries(wishes)) shown.searchParams.set(name, value);
  if (userName) shown.searchParams.set('userName', userName);
  return shown.href;
}
