import type { JoinFailure } from './joinFailure';
import type { ChatMessage, Member } from './Room';
import type { ConnectionStats } from './Statistics';
import type { LocalSourceKind, RemoteTrack } from './tracks';

export type ConferenceProblem =
  | { kind: 'unreachable'; detail: string }
  /** The server lets nobody in without an account; `wrong` after a try. */
  | { kind: 'login-required'; wrong: boolean; detail: string }
  /** What the link brought with it was not accepted. */
  | { kind: 'token'; detail: string }
  | { kind: 'dropped'; detail: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'join'; reason: JoinFailure; detail: string }
  | { kind: 'kicked'; by: string | null; reason: string }
  | { kind: 'ended'; reason: string }
  | { kind: 'focus-left'; detail: string }
  | { kind: 'no-bridge'; detail: string }
  | { kind: 'media'; detail: string };

/** Where the media is: not asked for yet, being built, flowing, or broken for the moment. */
export type MediaState = 'waiting' | 'connecting' | 'connected' | 'interrupted';

export type SignallingState = 'connecting' | 'online' | 'resuming' | 'closed';

/** What a call tells; its parts speak through the one emitter that the call is. */
export type ConferenceEvents = {
  joined: [Member];
  selfChanged: [Member];
  memberJoined: [Member];
  memberChanged: [Member];
  memberLeft: [Member, { kicked: boolean; replaced: boolean }];
  trackAdded: [RemoteTrack];
  trackRemoved: [RemoteTrack];
  signalling: [SignallingState];
  media: [MediaState];
  dominantSpeaker: [string | null, string[]];
  forwardedSources: [string[]];
  endpointActive: [string, boolean];
  remoteQuality: [string, number];
  stats: [ConnectionStats];
  chat: [ChatMessage];
  chatError: [string];
  subject: [string];
  started: [number];
  /** Only a host may open the room, and none has come yet. */
  waitingForHost: [];
  /** Under which name the server knows this browser's login. */
  identity: [string | null];
  mutedBy: [LocalSourceKind, string | null];
  unmuteRejected: [LocalSourceKind];
  localChanged: [];
  problem: [ConferenceProblem];
};
