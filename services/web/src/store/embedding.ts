import { type Handed, readHash, withOverwrites } from '../embed/address';
import { EmbedLimits } from '../embed/limits';
import { COMMANDS, scopeOf, type WireEvent } from '../embed/names';
import { Wire } from '../embed/Wire';
import { problemCode } from '../errors/problems';
import {
  currentConference,
  endForAll,
  enterPassword,
  grantModerator,
  kick,
  leave,
  muteAll,
  pin,
  sendChat,
  setChatTo,
  setName,
  toggleCamera,
  toggleHand,
  toggleMicrophone,
  togglePanel,
  toggleScreenShare,
} from './actions';
import { get, setPreferences, useStore } from './store';
import type { Participant, ViewState } from './types';

type Send = (name: WireEvent, data?: Record<string, unknown>) => void;

const inFrame = () => window.parent !== window;

/** What the address wishes, and the configuration with it. A page that stands alone is never joined without having been looked at. */
export function configurationOf(config: unknown): unknown {
  const { config: wishes } = readHash(location.hash);
  const kept = Object.entries(wishes).filter(([name]) => inFrame() || !name.startsWith('prejoin'));
  return withOverwrites(config, Object.fromEntries(kept));
}

/** Lets the page around hear of the call and steer it, where there is one that says so in the frame's address. Gives what ends it. */
export function startEmbedding(): () => void {
  const handed = readHash(location.hash);
  if (handed.displayName) setPreferences({ name: handed.displayName });
  if (handed.id === null || !inFrame()) return () => {};
  const wire = new Wire({
    scope: scopeOf(handed.id),
    target: () => window.parent,
    source: window,
    origin: null,
    onEvent: (name, data) => runCommand(name, (data as { data?: unknown }).data),
    onRequest: answer,
  });
  const stop = tell((name, data = {}) => wire.sendEvent(name, data), handed);
  return () => {
    stop();
    wire.close();
  };
}

// ---- what the page around asks for ---------------------------------------------------------------------------------

function runCommand(name: string, values: unknown): void {
  const [first, second] = Array.isArray(values) ? values : [];
  const text = typeof first === 'string' ? first.slice(0, EmbedLimits.textLength) : '';
  switch (name) {
    case COMMANDS.displayName:
      setName(text);
      break;
    case COMMANDS.endConference:
      endForAll();
      break;
    case COMMANDS.grantModerator:
      void grantModerator(text);
      break;
    case COMMANDS.hangup:
      if (get().phase !== 'left') leave();
      break;
    case COMMANDS.kickParticipant:
      void kick(text);
      break;
    case COMMANDS.muteEveryone:
      void muteAll();
      break;
    case COMMANDS.password:
      if (get().phase === 'problem') void enterPassword(text);
      break;
    case COMMANDS.pinParticipant:
      pin(text ? `${text}-v0` : null);
      break;
    case COMMANDS.sendChatMessage:
      setChatTo(typeof second === 'string' && Object.hasOwn(get().participants, second) ? second : null);
      if (typeof first === 'string') sendChat(first);
      break;
    case COMMANDS.subject:
      currentConference()?.room?.setSubject(text);
      break;
    case COMMANDS.toggleAudio:
      void toggleMicrophone();
      break;
    case COMMANDS.toggleChat:
      togglePanel('chat');
      break;
    case COMMANDS.toggleParticipantsPane:
      togglePanel('people');
      break;
    case COMMANDS.toggleRaiseHand:
      toggleHand();
      break;
    case COMMANDS.toggleShareScreen:
      void toggleScreenShare();
      break;
    case COMMANDS.toggleVideo:
      void toggleCamera();
      break;
    default:
      break;
  }
}

function answer(name: string): unknown {
  const { audioMuted, videoMuted, deviceProblems, localDesktop } = get();
  switch (name) {
    case 'is-audio-muted':
      return audioMuted;
    case 'is-video-muted':
      return videoMuted;
    case 'is-audio-available':
      return deviceProblems.audio === undefined;
    case 'is-video-available':
      return deviceProblems.video === undefined;
    case 'is-sharing-screen':
      return localDesktop !== null;
    default:
      return undefined;
  }
}

// ---- what the page around hears ------------------------------------------------------------------------------------

function tell(send: Send, handed: Handed): () => void {
  let announced: Record<string, Participant> = {};
  let subject = typeof handed.config.subject === 'string' ? handed.config.subject.slice(0, EmbedLimits.textLength) : '';
  return useStore.subscribe((now, before) => {
    if (now.phase === 'call' && before.phase !== 'call') {
      announced = {};
      send('video-conference-joined', { roomName: now.room, id: now.selfId, displayName: now.preferences.name });
    }
    if (now.phase === 'call') {
      if (subject && now.selfModerator) {
        // Only where the meeting has none yet, whenever this person may say so.
        if (now.subject === '') currentConference()?.room?.setSubject(subject);
        subject = '';
      }
      tellOfOthers(send, announced, now);
      announced = now.participants;
      tellOfSelf(send, now, before);
    }
    if (now.audioMuted !== before.audioMuted) send('audio-mute-status-changed', { muted: now.audioMuted });
    if (now.videoMuted !== before.videoMuted) send('video-mute-status-changed', { muted: now.videoMuted });
    tellOfDevices(send, now, before);
    if (now.phase !== before.phase) tellOfEnd(send, now, before);
  });
}

function tellOfOthers(send: Send, before: Record<string, Participant>, now: ViewState): void {
  if (now.participants === before) return;
  for (const [id, known] of Object.entries(before)) {
    const after = now.participants[id];
    if (!after) {
      send('participant-left', { id });
      continue;
    }
    if (after.name !== known.name) send('display-name-change', { id, displayname: after.name });
    if (after.moderator !== known.moderator) send('participant-role-changed', { id, role: roleOf(after.moderator) });
    if (after.raisedHand !== known.raisedHand) send('raise-hand-updated', { id, handRaised: after.raisedHand ?? 0 });
  }
  for (const [id, { name }] of Object.entries(now.participants))
    if (!Object.hasOwn(before, id)) send('participant-joined', { id, displayName: name });
}

function tellOfSelf(send: Send, now: ViewState, before: ViewState): void {
  const joined = before.phase !== 'call';
  const id = now.selfId;
  if (joined || now.selfModerator !== before.selfModerator)
    send('participant-role-changed', { id, role: roleOf(now.selfModerator) });
  if (!joined && now.preferences.name !== before.preferences.name)
    send('display-name-change', { id, displayname: now.preferences.name });
  if (now.handRaised !== before.handRaised)
    send('raise-hand-updated', { id, handRaised: now.handRaised ? Date.now() : 0 });
  if (now.dominant !== before.dominant && now.dominant) send('dominant-speaker-changed', { id: now.dominant });
  if ((now.localDesktop === null) !== (before.localDesktop === null))
    send('screen-sharing-status-changed', { on: now.localDesktop !== null, details: {} });
  if (now.subject !== before.subject) send('subject-change', { subject: now.subject });
  if (now.chat === before.chat) return;
  const known = new Set(before.chat);
  for (const message of now.chat) {
    if (known.has(message)) continue;
    const privateMessage = message.privateWith !== null;
    if (message.own) send('outgoing-message', { message: message.text, privateMessage });
    else
      send('incoming-message', {
        from: message.from ?? '',
        nick: message.fromName,
        message: message.text,
        privateMessage,
        stamp: new Date(message.at).toISOString(),
      });
  }
}

function tellOfDevices(send: Send, now: ViewState, before: ViewState): void {
  for (const kind of ['audio', 'video'] as const) {
    const available = now.deviceProblems[kind] === undefined;
    if (available !== (before.deviceProblems[kind] === undefined)) send(`${kind}-availability-changed`, { available });
  }
}

function tellOfEnd(send: Send, now: ViewState, before: ViewState): void {
  if (before.phase === 'call') send('video-conference-left', { roomName: now.room });
  const problem = now.phase === 'problem' ? now.problem : null;
  if (problem?.kind === 'join' && problem.reason === 'password') send('password-required');
  else if (problem) {
    const message = 'detail' in problem ? problem.detail : 'reason' in problem ? problem.reason : '';
    send('error-occurred', {
      error: { name: problem.kind, message, type: 'CONFERENCE', isFatal: true, code: problemCode(problem) },
    });
  }
  if (now.phase === 'left' || problem?.kind === 'kicked' || problem?.kind === 'ended') send('video-ready-to-close');
}

const roleOf = (moderator: boolean) => (moderator ? 'moderator' : 'participant');
