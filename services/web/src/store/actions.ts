import { Conference } from '../conference/Conference';
import { ConfigError, isRoomName, type MeshConfig, readConfig } from '../conference/config';
import { DeviceError, LocalMedia, listDevices } from '../conference/LocalMedia';
import { type Account, LoginError, localPart, signInAddress, tokenName, webAddress } from '../conference/Login';
import { ClientLimits } from '../conference/limits';
import { log } from '../conference/log';
import type { ChatMessage } from '../conference/Room';
import { withCode } from '../errors/codes';
import { loginKey } from '../errors/problems';
import { t } from '../i18n';
import { bindConference } from './bind';
import { exposeHook } from './debugHook';
import { clearLevels, microphone, setOwnLevel } from './levels';
import { placeOf, roomPath } from './navigation';
import { announce, toast } from './notices';
import { pageToken } from './pageToken';
import { setSpeaker, setVolume, stopAll, unblock } from './playback';
import { applyTheme, withRecent } from './preferences';
import { callDefaults, get, set, setPreferences } from './store';
import type { Dialog, LayoutChoice, Panel, Problem, Theme } from './types';
import { onVisibleTiles } from './visibleTiles';

let config: MeshConfig | null = null;
let media: LocalMedia | null = null;
let conference: Conference | null = null;

export function currentConference(): Conference | null {
  return conference;
}

export function currentConfig(): MeshConfig | null {
  return config;
}

// ---- the page ------------------------------------------------------------------------------------------------------

/** With `configuration` as config.js has it. */
export function startApplication(configuration: unknown): void {
  applyTheme(get().preferences.theme);
  window.addEventListener('popstate', () => openPlace());
  // Firefox closes WebSockets before pagehide: only beforeunload is early enough to say goodbye there.
  for (const end of ['beforeunload', 'pagehide']) window.addEventListener(end, () => conference?.leave());
  try {
    config = readConfig(configuration, location);
  } catch (error) {
    showProblem({ kind: 'config', detail: error instanceof ConfigError ? error.message : String(error) });
    return;
  }
  set({ hasDirectory: config.peopleSearchUrl !== null, sendsInvitations: config.inviteServiceUrl !== null });
  openPlace();
}

function openPlace(): void {
  endCall();
  pageToken.take();
  const { room } = placeOf(location.pathname);
  if (!room || !isRoomName(room)) {
    closeMedia();
    document.title = t('app.name');
    set({ phase: 'home', room: '', problem: null });
    return;
  }
  document.title = t('app.documentTitle', { room });
  const known = tokenName(pageToken.get());
  if (known) setPreferences({ name: known });
  set({ phase: 'prejoin', room, problem: null });
  if (typeof RTCPeerConnection === 'undefined') {
    showProblem({ kind: 'unsupported', detail: navigator.userAgent });
    return;
  }
  void enter(room);
}

/** Opens the devices, and goes in at once where the configuration has no page before that. */
async function enter(room: string): Promise<void> {
  await openDevices();
  if (config?.prejoin === false && get().phase === 'prejoin' && get().room === room) await join();
}

export function goToRoom(name: string): boolean {
  const room = name.trim();
  if (!isRoomName(room)) return false;
  const token = pageToken.get();
  history.pushState(null, '', roomPath(placeOf(location.pathname).base, room) + location.search);
  if (token !== null) pageToken.set(token);
  openPlace();
  return true;
}

export function goHome(): void {
  history.pushState(null, '', placeOf(location.pathname).base);
  openPlace();
}

export function forgetRoom(name: string): void {
  setPreferences({ recent: get().preferences.recent.filter((r) => r.name !== name) });
}

function showProblem(problem: Problem): void {
  log('view', 'problem', problem);
  set({ phase: 'problem', problem, problemAt: new Date().toISOString(), dialog: null, panel: null });
}

// ---- own devices ---------------------------------------------------------------------------------------------------

function localMedia(): LocalMedia {
  if (media) return media;
  const { preferences } = get();
  const created = new LocalMedia({
    height: config?.resolution ?? 720,
    audioProcessing: config?.audioProcessing ?? true,
  });
  created.choice = { microphone: preferences.microphone, camera: preferences.camera };
  created.on('changed', () => syncLocal());
  created.on('devices', (devices) => set({ devices }));
  created.on('ended', (kind) => {
    if (kind !== 'desktop') toast(t('notice.deviceEnded'), 'problem');
  });
  media = created;
  return created;
}

function closeMedia(): void {
  media?.close();
  media = null;
  microphone.close();
  set({ localVideo: null, localDesktop: null });
}

export function syncLocal(): void {
  const audio = media?.audio ?? null;
  microphone.attach(audio);
  const inCall = conference !== null;
  set({
    localVideo: media?.video ?? null,
    localDesktop: media?.desktop ?? null,
    audioMuted: inCall ? (conference?.own.audioMuted ?? true) : !audio?.enabled,
    videoMuted: inCall ? (conference?.own.videoMuted ?? true) : !media?.video,
    handRaised: conference?.handRaised ?? false,
    canEndForAll: conference?.services.endConferenceAddress != null,
    hasBreakoutRooms: conference?.services.breakoutAddress != null,
  });
}

/** Opens what the user had on last time. */
export async function openDevices(): Promise<void> {
  const own = localMedia();
  const { preferences } = get();
  set({ devicesBusy: true, deviceProblems: {} });
  const wantAudio = preferences.microphoneOn && !config?.startWithAudioMuted;
  const wantVideo = preferences.cameraOn && !config?.startWithVideoMuted;
  setOwnLevel('self');
  if (wantAudio && !own.audio) await tryOpen('audio', () => own.openAudio());
  if (wantVideo && !own.video) await tryOpen('video', () => own.openVideo());
  if (media !== own) return;
  set({ devicesBusy: false, devices: await listDevices() });
  syncLocal();
}

async function tryOpen(kind: 'audio' | 'video', open: () => Promise<unknown>): Promise<boolean> {
  try {
    await open();
    set({ deviceProblems: { ...get().deviceProblems, [kind]: undefined } });
    return true;
  } catch (error) {
    const problem = error instanceof DeviceError ? error.problem : 'failed';
    set({ deviceProblems: { ...get().deviceProblems, [kind]: problem } });
    return false;
  }
}

export async function toggleMicrophone(): Promise<void> {
  const muted = !get().audioMuted;
  if (conference) await guarded('audio', () => conference?.own.setAudioMuted(muted));
  else {
    const own = localMedia();
    if (!muted && !own.audio) await tryOpen('audio', () => own.openAudio());
    if (own.audio) own.audio.enabled = !muted;
  }
  setPreferences({ microphoneOn: !muted });
  syncLocal();
}

export async function toggleCamera(): Promise<void> {
  const muted = !get().videoMuted;
  if (conference) await guarded('video', () => conference?.own.setVideoMuted(muted));
  else if (muted) localMedia().closeVideo();
  else await tryOpen('video', () => localMedia().openVideo());
  setPreferences({ cameraOn: !muted });
  syncLocal();
}

/** Push to talk: unmuted only while the key is down. */
export async function setTalking(talking: boolean): Promise<void> {
  if (!conference || get().audioMuted === !talking) return;
  await guarded('audio', () => conference?.own.setAudioMuted(!talking));
  syncLocal();
}

export async function chooseMicrophone(deviceId: string): Promise<void> {
  setPreferences({ microphone: deviceId });
  if (conference) await guarded('audio', () => conference?.own.switchDevice('audio', deviceId));
  else await tryOpen('audio', () => localMedia().openAudio(deviceId));
  syncLocal();
}

export async function chooseCamera(deviceId: string): Promise<void> {
  setPreferences({ camera: deviceId });
  if (conference) await guarded('video', () => conference?.own.switchDevice('video', deviceId));
  else await tryOpen('video', () => localMedia().openVideo(deviceId));
  syncLocal();
}

export function chooseSpeaker(deviceId: string): void {
  setPreferences({ speaker: deviceId });
  setSpeaker(deviceId);
}

export async function toggleScreenShare(): Promise<void> {
  if (!conference) return;
  if (conference.own.desktopShared) await conference.own.stopDesktop();
  else await guarded('desktop', () => conference?.own.startDesktop());
  syncLocal();
}

async function guarded(kind: 'audio' | 'video' | 'desktop', work: () => Promise<void> | undefined): Promise<void> {
  try {
    await work();
    if (kind !== 'desktop') set({ deviceProblems: { ...get().deviceProblems, [kind]: undefined } });
  } catch (error) {
    log('view', `${kind} failed`, error);
    if (error instanceof DeviceError) {
      if (error.kind === 'desktop') toast(t('notice.screenDenied'), 'problem');
      else {
        const text = t('notice.deviceProblem', { device: t(`prejoin.deviceNames.${error.kind}`) });
        toast(withCode(text, `device-${error.problem}`), 'problem');
      }
    } else
      toast(t('notice.actionFailed', { detail: error instanceof Error ? error.message : String(error) }), 'problem');
  }
}

// ---- the call ------------------------------------------------------------------------------------------------------

export async function join(password?: string, account?: Account): Promise<void> {
  if (!config) return;
  const { room, preferences } = get();
  endCall();
  const own = localMedia();
  if (own.audio) own.audio.enabled = !get().audioMuted;
  conference = new Conference(
    config,
    {
      room,
      name: preferences.name.trim(),
      password,
      token: pageToken.get() ?? undefined,
      account,
      machineUid: preferences.machineUid,
    },
    own,
  );
  exposeHook(conference);
  set({ ...callDefaults(), phase: 'joining', problem: null });
  if (preferences.speaker) setSpeaker(preferences.speaker);
  bindConference(conference, onCallProblem);
  onVisibleTiles((wish) => conference?.link.setWish(wish));
  setPreferences(withRecent(get().preferences, room, Date.now()));
  set({ signInUrl: await signInAddress(config, room) });
  await conference.join();
}

export async function enterPassword(password: string): Promise<void> {
  set({ phase: 'joining', problem: null });
  if (conference) await conference.retryWithPassword(password);
  else await join(password);
}

/** Signs in where the call asked for it. True when it worked, otherwise the text of what is wrong. */
export async function signIn(username: string, password: string): Promise<true | string> {
  const account = { username: localPart(username), password };
  if (account.username === '' || password === '') return t('login.empty');
  if (get().phase !== 'waiting' || !conference) {
    set({ phase: 'joining', problem: null });
    await openDevices();
    await join(undefined, account);
    return true;
  }
  try {
    await conference.becomeHost(account);
    return true;
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    log('view', 'login failed', error.reason);
    return withCode(t(`login.${error.reason}`, { detail: error.detail }), loginKey(error.reason));
  }
}

/** Ends the login. The call goes on, as a guest's, unless the login came with a token: then its provider has a page for it. */
export async function signOut(): Promise<void> {
  const page = config?.tokenLogoutUrl && pageToken.get() ? webAddress(config.tokenLogoutUrl) : null;
  if (page) {
    conference?.leave();
    pageToken.clear();
    location.assign(page);
    return;
  }
  const url = await conference?.logOut().catch((error: unknown) => {
    log('view', 'logout failed', error);
    return null;
  });
  if (url) location.assign(url);
  else toast(t('login.signedOut'));
}

function onCallProblem(problem: Problem): void {
  const repeated = get().passwordWrong || get().problem?.kind === 'join';
  const password = problem.kind === 'join' && problem.reason === 'password';
  set({ selfId: conference?.endpointId || get().selfId });
  stopAll();
  if (!password) {
    conference?.leave();
    conference = null;
    exposeHook(null);
    closeMedia();
  }
  set({ passwordWrong: password && repeated });
  showProblem(problem);
  if (password) set({ passwordWrong: repeated });
}

export async function rejoin(): Promise<void> {
  set({ phase: 'joining', problem: null });
  await openDevices();
  await join();
}

export function leave(): void {
  endCall();
  closeMedia();
  set({ phase: 'left', panel: null, dialog: null });
}

export function endForAll(): void {
  conference?.endForAll();
}

function endCall(): void {
  onVisibleTiles(() => {});
  conference?.leave();
  conference = null;
  exposeHook(null);
  stopAll();
  clearLevels();
  setOwnLevel('self');
}

// ---- in the call ---------------------------------------------------------------------------------------------------

export function setName(name: string): void {
  setPreferences({ name });
  conference?.setName(name.trim());
}

export function toggleHand(): void {
  conference?.setHandRaised(!conference.handRaised);
  syncLocal();
}

export function sendChat(text: string): void {
  const message = text.trim();
  if (message) conference?.room?.sendChat(message, get().chatTo);
}

export function receiveChat(message: ChatMessage): void {
  const { chat, panel, unread } = get();
  if (chat.some((m) => m.id === message.id && m.from === message.from)) return;
  const open = panel === 'chat';
  set({
    chat: [...chat, message].slice(-ClientLimits.chatMessages),
    unread: open || message.own ? unread : unread + 1,
  });
  if (!message.own) announce(t('notice.message', { name: message.fromName || t('common.guest') }));
}

export function setChatTo(id: string | null): void {
  set({ chatTo: id });
}

export function togglePanel(panel: Panel): void {
  const next = get().panel === panel ? null : panel;
  set({ panel: next, ...(next === 'chat' ? { unread: 0 } : {}) });
}

export function closePanel(): void {
  set({ panel: null });
}

export function openDialog(dialog: Dialog | null): void {
  set({ dialog });
}

export function setLayout(layout: LayoutChoice): void {
  setPreferences({ layout });
  if (layout === 'grid') set({ pinned: null });
}

export function setTheme(theme: Theme): void {
  setPreferences({ theme });
  applyTheme(theme);
}

export function pin(source: string | null): void {
  set({ pinned: source });
  if (source && get().preferences.layout === 'grid') setPreferences({ layout: 'auto' });
}

export function setParticipantVolume(id: string, volume: number): void {
  set({ volumes: { ...get().volumes, [id]: volume } });
  setVolume(id, volume);
}

async function moderate(work: Promise<void> | undefined): Promise<void> {
  try {
    await work;
  } catch (error) {
    toast(t('notice.actionFailed', { detail: error instanceof Error ? error.message : String(error) }), 'problem');
  }
}

export const muteOther = (id: string, kind: 'audio' | 'video' = 'audio') => moderate(conference?.room?.mute(id, kind));
export const kick = (id: string) => moderate(conference?.room?.kick(id));
export const grantModerator = (id: string) => moderate(conference?.room?.grantModerator(id));

export async function muteAll(): Promise<void> {
  const { participants } = get();
  const loud = Object.values(participants).filter((p) => !p.audioMuted);
  await Promise.all(loud.map((p) => muteOther(p.id)));
}

export function privateMessage(id: string): void {
  set({ chatTo: id, panel: 'chat', unread: 0 });
}

export { unblock };
