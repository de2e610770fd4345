import { type Credential, type FoundPerson, SearchError, searchPeople, sendInvitations } from '../conference/directory';
import { LoginError, localPart } from '../conference/Login';
import { ClientLimits } from '../conference/limits';
import { log } from '../conference/log';
import { loginSession } from '../conference/loginSession';
import { t } from '../i18n';
import { currentConference, currentConfig } from './actions';
import { inviteLink } from './navigation';
import { announce, toast } from './notices';
import { pageToken } from './pageToken';
import { get, inviteDefaults, set } from './store';
import type { Invite } from './types';

/** A search waits until somebody pauses in typing. */
const PAUSE_MS = 250;

let pause: ReturnType<typeof setTimeout> | null = null;
let running: AbortController | null = null;

const change = (part: Partial<Invite>) => set({ invite: { ...get().invite, ...part } });

export function openInvite(): void {
  stopSearch();
  set({ dialog: 'invite', invite: inviteDefaults() });
}

export function closeInvite(): void {
  stopSearch();
  set({ dialog: null });
}

function credential(): Credential {
  return {
    token: pageToken.get(),
    sessionId: loginSession.get(),
    machineUid: get().preferences.machineUid,
  };
}

// ---- finding people ------------------------------------------------------------------------------------------------

export function setInviteQuery(query: string): void {
  stopSearch();
  if (query.trim() === '') {
    change({ query, search: 'idle', people: [] });
    return;
  }
  // Whoever was found before stays until others are, so that the list does not flicker.
  change({ query, search: 'searching' });
  pause = setTimeout(() => void search(), PAUSE_MS);
}

export async function search(): Promise<void> {
  stopSearch();
  const config = currentConfig();
  const query = get().invite.query.trim();
  if (!config?.peopleSearchUrl || query === '') return;
  const own = new AbortController();
  running = own;
  change({ search: 'searching' });
  try {
    const found = await searchPeople(config.peopleSearchUrl, config.peopleSearchTypes, query, credential(), own.signal);
    if (running === own) change({ search: 'found', ...found });
  } catch (error) {
    if (running !== own) return;
    change({ search: error instanceof SearchError ? error.reason : 'failed', people: [] });
  }
}

function stopSearch(): void {
  if (pause) clearTimeout(pause);
  pause = null;
  running?.abort();
  running = null;
}

/** Signs in to search, and gets the rights of the account in the call too. True when it worked, otherwise the text of what is wrong. */
export async function signInToSearch(username: string, password: string): Promise<true | string> {
  const account = { username: localPart(username), password };
  if (account.username === '' || password === '') return t('login.empty');
  try {
    await currentConference()?.becomeHost(account);
    await search();
    return true;
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    log('view', 'login failed', error.reason);
    return t(`login.${error.reason}`, { detail: error.detail });
  }
}

// ---- inviting them -------------------------------------------------------------------------------------------------

/** Takes somebody among those who are to be invited, or out of them. */
export function toggleInvited(person: FoundPerson): void {
  const { chosen } = get().invite;
  if (chosen.some((one) => one.key === person.key)) {
    change({ chosen: chosen.filter((one) => one.key !== person.key), failure: '' });
  } else if (chosen.length >= ClientLimits.invitedPeople) {
    change({ failure: t('invite.full', { count: ClientLimits.invitedPeople }) });
  } else change({ chosen: [...chosen, person], failure: '' });
}

/** Without a service that invites, only who has a mail address can be. */
export function canInvite(person: FoundPerson): boolean {
  return get().sendsInvitations || person.email !== null;
}

export async function sendInvites(): Promise<void> {
  const url = currentConfig()?.inviteServiceUrl;
  const { chosen, sending } = get().invite;
  if (!url || sending || chosen.length === 0) return;
  change({ sending: true, failure: '' });
  try {
    await sendInvitations(url, chosen, inviteLink(), credential());
    change({ sending: false });
    if (get().dialog === 'invite') closeInvite();
    toast(t('invite.sent', { count: chosen.length }));
  } catch (error) {
    log('view', 'inviting failed', error instanceof SearchError ? error.reason : error);
    const signedOut = error instanceof SearchError && error.reason === 'signed-out';
    const failure = t(signedOut ? 'invite.signed-out' : 'invite.notSent');
    change({ sending: false, failure });
    announce(failure);
  }
}

export function inviteText(): string {
  const name = get().preferences.name.trim();
  return [
    name ? t('invite.text', { name }) : t('invite.textNoName'),
    '',
    t('invite.textLink', { link: inviteLink() }),
  ].join('\n');
}

/** A mail (RFC 6068) with the invitation in it. */
export function inviteMail(people: FoundPerson[] = []): string {
  const to = people.flatMap((person) => (person.email ? [encodeURIComponent(person.email).replace('%40', '@')] : []));
  const subject = encodeURIComponent(t('invite.subject', { room: get().room }));
  const body = encodeURIComponent(inviteText().replaceAll('\n', '\r\n'));
  return `mailto:${to.join(',')}?subject=${subject}&body=${body}`;
}

export const copyInvite = (): Promise<void> => copy(inviteLink(), t('common.copied'));

export const copyInviteText = (): Promise<void> => copy(inviteText(), t('invite.textCopied'));

/** Pages over plain HTTP, and in frames that were not allowed to, cannot copy. */
async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch (error) {
    log('view', 'not copied', error);
    toast(t('invite.notCopied'), 'problem');
  }
}

export const canShareInvite = (): boolean => typeof navigator.share === 'function';

export async function shareInvite(): Promise<void> {
  // Whoever closes the system's list again has not failed.
  await navigator
    .share({ title: t('invite.subject', { room: get().room }), text: inviteText() })
    .catch((error: unknown) => log('view', 'not shared', error));
}
