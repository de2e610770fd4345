import type { JoinFailure } from './joinFailure';
import type { ChatMessage, Member } from './Room';

/** What a room tells the conference. */
export type RoomEvents = {
  joined: [Member];
  /** The last is the code of the error, where the server sent one. */
  joinFailed: [JoinFailure, string, string | null];
  memberJoined: [Member];
  memberChanged: [Member];
  memberLeft: [Member, { kicked: boolean; replaced: boolean }];
  selfChanged: [Member];
  focusLeft: [];
  /** `by` is the endpoint id of the person who did it. */
  kicked: [{ by: string | null; reason: string }];
  /** Why, and the address of the room to go to instead, where the server names one. */
  destroyed: [string, string | null];
  chat: [ChatMessage];
  chatError: [string];
  subject: [string];
  focusProperties: [Record<string, string>];
  bridgeNotAvailable: [];
  /** Name of the room's shared document. */
  document: [string];
};
