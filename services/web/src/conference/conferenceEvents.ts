import type { BreakoutRoom } from './breakouts';
import type { FocusRefusal } from './ConferenceRequest';
import type { JoinFailure } from './joinFailure';
import type { ChatMessage, Member } from './Room';
import type { Unreachable } from './reachability';
import type { ConnectionStats } from './Statistics';
import type { LocalSourceKind, RemoteTrack } from './tracks';

export type ConferenceProblem =
  /** No session could be opened; what else was found out. */
  | ({ kind: 'unreachable'; detail: string } & Unreachable)
  /** The server lets nobody in without an account; `wrong` after a try. */
  | { kind: 'login-required'; wrong: boolean; detail: string }
  /** What the link brought with it was not accepted. */
  | { kind: 'token'; detail: string }
  | { kind: 'dropped'; detail: string }
  /** The session was lost, and the server had said before that it stops. */
  | { kind: 'server-down'; detail: string }
  /** Nobody could tell who may come in. */
  | { kind: 'auth-silent'; detail: string }
  | { kind: 'refused'; reason: FocusRefusal; detail: string }
  /** `code` is the one of the error, where the room's server sent one. */
  | { kind: 'join'; reason: JoinFailure; detail: string; code?: string | null }
  | { kind: 'kicked'; by: string | null; reason: string }
  | { kind: 'ended'; reason: string }
  | { kind: 'focus-left'; detail: string }
  | { kind: 'no-bridge'; detail: string }
  | { kind: 'media'; reason: 'ice' | 'negotiation'; detail: string };

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
  /** Whether the channel to the bridge has been away for longer than a moment. */
  channelLost: [boolean];
  dominantSpeaker: [string | null, string[]];
  forwardedSources: [string[]];
  endpointActive: [string, boolean];
  remoteQuality: [string, number];
  stats: [ConnectionStats];
  chat: [ChatMessage];
  chatError: [string];
  subject: [string];
  /** Where the shared document is; null where there is none. */
  document: [string | null];
  started: [number];
  /** Under which id the server's logs know the meeting. */
  meetingId: [string];
  /** Only a host may open the room, and none has come yet. */
  waitingForHost: [];
  /** The focus has not been ready for a while; it is asked again. */
  focusSilent: [];
  /** Under which name the server knows this browser's login. */
  identity: [string | null];
  /** The rooms of the meeting, and how many breakout rooms it ever had. */
  breakoutRooms: [BreakoutRoom[], number];
  /** The call goes on in the room of that address: of all that was in the other one nothing counts any more. */
  roomChanged: [string];
  mutedBy: [LocalSourceKind, string | null];
  unmuteRejected: [LocalSourceKind];
  localChanged: [];
  problem: [ConferenceProblem];
};
