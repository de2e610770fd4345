import { create } from 'zustand';
import type { Member } from '../conference/Room';
import { loadPreferences, savePreferences } from './preferences';
import type { Invite, Participant, Preferences, ViewState } from './types';

export const useStore = create<ViewState>(() => ({
  phase: 'home',
  room: '',
  problem: null,
  problemAt: null,
  passwordWrong: false,
  signInUrl: null,
  identity: null,
  preferences: loadPreferences(),
  hasDirectory: false,
  sendsInvitations: false,
  ...callDefaults(),
  devices: { microphones: [], cameras: [], speakers: [] },
  deviceProblems: {},
  devicesBusy: false,
  audioMuted: false,
  videoMuted: false,
  localVideo: null,
  localDesktop: null,
}));

/** With what the dialog of invitations opens. */
export function inviteDefaults(): Invite {
  return { query: '', search: 'idle', incomplete: false, people: [], chosen: [], sending: false, failure: '' };
}

/** What every call starts with. */
export function callDefaults() {
  return {
    subject: '',
    selfId: '',
    selfModerator: false,
    handRaised: false,
    participants: {},
    order: [],
    tracks: {},
    dominant: null,
    forwarded: null,
    volumes: {},
    signalling: 'connecting' as const,
    media: 'waiting' as const,
    channelLost: false,
    focusSilent: false,
    meetingId: '',
    stats: null,
    startedAt: null,
    joinedAt: null,
    canEndForAll: false,
    audioBlocked: false,
    hasBreakoutRooms: false,
    breakoutRooms: [],
    breakoutCounter: 0,
    roomJid: '',
    chat: [],
    unread: 0,
    chatTo: null,
    documentUrl: null,
    panel: null,
    dialog: null,
    invite: inviteDefaults(),
    pinned: null,
    toasts: [],
    announcement: '',
  };
}

export const get = useStore.getState;
export const set = useStore.setState;

export function setPreferences(change: Partial<Preferences>): void {
  const preferences = { ...get().preferences, ...change };
  savePreferences(preferences);
  set({ preferences });
}

/** What the views show of a member; mute states come from its announced sources. */
export function toParticipant(member: Member, before?: Participant): Participant {
  const muted = (suffix: string) => member.sources[`${member.id}-${suffix}`]?.muted ?? true;
  const sharing = Object.values(member.sources).some((s) => s.videoType === 'desktop' && !s.muted);
  return {
    id: member.id,
    name: member.name,
    moderator: member.moderator,
    raisedHand: member.raisedHand,
    audioMuted: muted('a0'),
    videoMuted: muted('v0'),
    sharing,
    quality: before?.quality ?? null,
    active: before?.active ?? true,
  };
}

export function patchParticipant(id: string, change: Partial<Participant>): void {
  const participant = Object.hasOwn(get().participants, id) ? get().participants[id] : undefined;
  if (!participant) return;
  set({ participants: { ...get().participants, [id]: { ...participant, ...change } } });
}
