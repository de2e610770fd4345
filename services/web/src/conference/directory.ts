import { withParam } from './config';
import { ClientLimits } from './limits';

export interface FoundNumber {
  number: string;
  kind: 'work' | 'mobile' | 'home' | null;
}

/** Somebody whom the directory knows. */
export interface FoundPerson {
  /** Equal for the same person in two searches. */
  key: string;
  name: string;
  email: string | null;
  /** Where somebody works, as far as it is known. */
  organisation: string;
  numbers: FoundNumber[];
  picture: string | null;
  /** As it came: the service that invites gets it back. */
  raw: Record<string, unknown>;
}

/** With what this browser shows that somebody is signed in. */
export interface Credential {
  token: string | null;
  sessionId: string | null;
  machineUid: string;
}

export type SearchFailure = 'signed-out' | 'slow' | 'busy' | 'failed';

export class SearchError extends Error {
  constructor(readonly reason: SearchFailure) {
    super(`search failed: ${reason}`);
  }
}

export interface Found {
  people: FoundPerson[];
  /** Somebody may be missing, since a directory did not answer in time. */
  incomplete: boolean;
}

/** How long a search and an invitation may take. */
const PATIENCE_MS = 10_000;

/** Who can be invited; numbers and rooms of other kinds need a telephone. */
const PEOPLE = new Set(['user', 'email']);

/**
 * A token goes to whoever the configuration names, as with other Jitsi clients. A session id is good for all that the login
 * is worth, so that it goes to this server alone.
 */
export function credentialHeaders(url: string, credential: Credential): Record<string, string> {
  if (credential.token) return { Authorization: `Bearer ${credential.token}` };
  if (!credential.sessionId || new URL(url).origin !== location.origin) return {};
  return { Authorization: `Session ${credential.sessionId}`, 'X-Machine-Uid': credential.machineUid };
}

/** Looks for people. Throws a SearchError, or what the signal was aborted with. */
export async function searchPeople(
  url: string,
  types: string[],
  query: string,
  credential: Credential,
  signal: AbortSignal,
): Promise<Found> {
  const address = withParam(withParam(url, 'query', query), 'queryTypes', JSON.stringify(types));
  const { response, body } = await ask(address, { headers: credentialHeaders(url, credential) }, signal);
  if (response.status === 401 || response.status === 403) throw new SearchError('signed-out');
  if (response.status === 429) throw new SearchError('busy');
  if (response.status === 503 || response.status === 504) throw new SearchError('slow');
  if (!response.ok || !Array.isArray(body)) throw new SearchError('failed');
  return { people: readPeople(body), incomplete: response.headers.get('X-Search-Incomplete') === '1' };
}

/** Has people invited to a call. Throws a SearchError. */
export async function sendInvitations(
  url: string,
  people: FoundPerson[],
  link: string,
  credential: Credential,
): Promise<void> {
  const { response } = await ask(
    url,
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...credentialHeaders(url, credential) },
      body: JSON.stringify({ invited: people.map((person) => person.raw), url: link }),
    },
    new AbortController().signal,
  );
  if (!response.ok) throw new SearchError(response.status === 401 ? 'signed-out' : 'failed');
}

async function ask(
  url: string,
  options: RequestInit,
  signal: AbortSignal,
): Promise<{ response: Response; body: unknown }> {
  const limit = new AbortController();
  const stop = () => limit.abort();
  signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(stop, PATIENCE_MS);
  try {
    const response = await fetch(url, { ...options, signal: limit.signal });
    return { response, body: await response.json().catch(() => null) };
  } catch {
    signal.throwIfAborted();
    throw new SearchError(limit.signal.aborted ? 'slow' : 'failed');
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/** What is no person, or says nothing that can be shown, is left out. */
export function readPeople(items: unknown[]): FoundPerson[] {
  const people = new Map<string, FoundPerson>();
  for (const item of items) {
    if (typeof item !== 'object' || item === null) continue;
    const raw = item as Record<string, unknown>;
    const type = textOf(raw.type);
    const email = mailOf(raw.email) ?? (type === 'email' ? mailOf(raw.id) : null);
    const name = textOf(raw.name) ?? email;
    if (type === null || !PEOPLE.has(type) || name === null) continue;
    // Who was found by name and by address is one person.
    const key = email ?? `${type} ${typeof raw.id === 'number' ? raw.id : (textOf(raw.id) ?? name)}`;
    if (people.has(key)) continue;
    people.set(key, {
      key,
      name,
      email,
      organisation: [textOf(raw.organization), textOf(raw.department)].filter((text) => text !== null).join(', '),
      numbers: numbersOf(raw.numbers),
      picture: pictureOf(raw.avatar),
      raw,
    });
    if (people.size === ClientLimits.foundPeople) break;
  }
  return [...people.values()];
}

function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.trim();
  return text !== '' && text.length <= ClientLimits.directoryText ? text : null;
}

/** What could be read as two addresses, or as a header of the mail, is none. */
function mailOf(value: unknown): string | null {
  const text = textOf(value);
  return text !== null && /^[^\s@,;:<>"?&]+@[^\s@,;:<>"?&]+$/.test(text) ? text : null;
}

function numbersOf(value: unknown): FoundNumber[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, ClientLimits.numbersOfPerson).flatMap((item: unknown) => {
    const { number, kind } = (item ?? {}) as Record<string, unknown>;
    const text = textOf(number);
    if (text === null) return [];
    return [{ number: text, kind: kind === 'work' || kind === 'mobile' || kind === 'home' ? kind : null }];
  });
}

function pictureOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > ClientLimits.pictureAddress) return null;
  return /^(https:\/\/|data:image\/(png|jpeg);base64,)/.test(value) ? value : null;
}
