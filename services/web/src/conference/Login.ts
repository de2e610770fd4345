import { ConferenceRequest } from './ConferenceRequest';
import { type MeshConfig, roomNode } from './config';
import { loginSession } from './loginSession';
import { openConnection } from './openConnection';
import { ConnectionError, IqError, type XmppConnection } from './XmppConnection';
import { attr, child, NS, x } from './xml';

export interface Account {
  username: string;
  password: string;
}

export type LoginFailure = 'wrong' | 'unreachable' | 'auth-silent' | 'refused';

export class LoginError extends Error {
  constructor(
    readonly reason: LoginFailure,
    readonly detail: string,
  ) {
    super(`login failed: ${reason} ${detail}`);
  }
}

/** The local part: people may type the address that they know. */
export function localPart(username: string): string {
  return username.trim().split('@')[0] ?? '';
}

/**
 * Logs in on the main domain with a session of its own, opens the conference there and keeps the session id that the focus gives. The guest's own
 * session names it in its next request, and is the host from then on.
 */
export async function logIn(
  config: MeshConfig,
  room: string,
  machineUid: string,
  account: Account,
): Promise<{ identity: string | null }> {
  let connection: XmppConnection | null = null;
  try {
    connection = await openConnection(config, { domain: config.domain, room: roomNode(room), account, resume: false });
    // An older login's id must not be in the way of the new one.
    loginSession.clear();
    const reply = await new ConferenceRequest(connection, {
      roomJid: `${roomNode(room)}@${config.mucDomain}`,
      roomNode: roomNode(room),
      focusAddress: config.focusAddress,
      httpUrl: null,
      machineUid,
      startAudioMuted: config.startAudioMuted,
      startVideoMuted: config.startVideoMuted,
    }).run();
    if (loginSession.get() === null) throw new LoginError('refused', 'the server gave no session');
    return { identity: reply.identity };
  } catch (error) {
    if (error instanceof LoginError) throw error;
    if (error instanceof ConnectionError) {
      const wrong = error.reason === 'not-authorized' || error.reason === 'login-required';
      throw new LoginError(
        wrong ? 'wrong' : error.reason === 'auth-silent' ? 'auth-silent' : 'unreachable',
        error.detail,
      );
    }
    throw new LoginError('refused', error instanceof Error ? error.message : String(error));
  } finally {
    connection?.disconnect();
  }
}

/** Ends the login at the focus. Gives the page that ends it elsewhere too, when there is one. */
export async function logOut(connection: XmppConnection, focusAddress: string): Promise<string | null> {
  const sessionId = loginSession.get();
  if (sessionId === null) return null;
  loginSession.clear();
  try {
    const answer = await connection.iq(
      x('iq', { type: 'set', to: focusAddress }, x('logout', { xmlns: NS.focus, 'session-id': sessionId })),
    );
    const url = attr(child(answer, 'logout', NS.focus), 'logout-url');
    return url ? webAddress(decodeURIComponent(url)) : null;
  } catch (error) {
    // The session was over already: that is what was asked for.
    if (error instanceof IqError) return null;
    throw error;
  }
}

/** Only pages: a server's word must not become a script. */
export function webAddress(url: string): string | null {
  try {
    const parsed = new URL(url, location.href);
    return parsed.protocol === 'https:' || parsed.protocol === 'http:' ? parsed.href : null;
  } catch {
    return null;
  }
}

const VERIFIER_KEY = 'jitsimesh.code-verifier';

/** The page where people sign in to get a token (`tokenAuthUrl`), with its placeholders filled; null when the server has none. */
export async function signInAddress(config: MeshConfig, room: string): Promise<string | null> {
  if (config.tokenAuthUrl === null) return null;
  let url = config.tokenAuthUrl;
  if (url.includes('{code_challenge}')) {
    const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
    try {
      sessionStorage.setItem(VERIFIER_KEY, verifier);
    } catch {
      // In a frame of another site nothing is kept: who came back from there could not prove that it was them who went.
      return null;
    }
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
    url = url.replaceAll('{code_challenge}', base64url(new Uint8Array(digest)));
  }
  const state = JSON.stringify({ room, roomSafe: roomNode(room), platform: 'browser' });
  return webAddress(
    url.replaceAll('{room}', encodeURIComponent(room)).replaceAll('{state}', encodeURIComponent(state)),
  );
}

/** The name that a token gives its bearer; null when it says none. The server verifies the token: here it only saves typing. */
export function tokenName(token: string | null): string | null {
  try {
    const payload = (token ?? '').split('.')[1] ?? '';
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const name: unknown = JSON.parse(new TextDecoder().decode(bytes))?.context?.user?.name;
    return typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, 80) : null;
  } catch {
    return null;
  }
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
