/**
 * What others can fill in this client, with its bound. Beyond a bound the newest is left out, or the oldest where that is
 * said; the call goes on in every case.
 */
export const ClientLimits = {
  /** Code points of a display name; the rest is cut off. */
  nameLength: 128,
  /** Code points of a chat message; the rest is cut off. */
  chatLength: 16_384,
  /** Chat messages that are kept; the oldest is forgotten. */
  chatMessages: 1000,
  /** Own chat messages whose refusal is still heard; the oldest is forgotten. */
  sentMessages: 50,
  /** Characters of an identifier of a message or a stanza; the rest is cut off. */
  idLength: 128,
  /** Occupants that are followed; further ones are not shown. */
  members: 2000,
  /** Sources that one occupant announces; further ones are not read. */
  sourcesOfMember: 16,
  /** Endpoints in one list of sources; further ones are not read. */
  sourceOwners: 2000,
  /** SSRCs, and groups of them, in one source; further ones are not read. */
  ssrcsOfSource: 16,
  /** Characters of a source's name; a source with a longer one is not read. */
  sourceName: 128,
  /** Sections of the session description; a source that needs one more is not shown. */
  sections: 1000,
  /** Payload types of one description, header extensions of it, parameters and feedback of one payload type. */
  payloadTypes: 64,
  extensions: 64,
  parameters: 32,
  feedback: 16,
  /** Candidates, fingerprints and WebSocket addresses of one transport; further ones are not read. */
  candidates: 64,
  fingerprints: 8,
  webSockets: 8,
  /** Names in one message of the bridge; further ones are not read. */
  namesOfMessage: 2000,
  /** STUN and TURN servers; browsers warn from five on, and slow down. */
  iceServers: 8,
  /** Components that the domain names; further ones are not learnt. */
  components: 64,
  /** People whom one search in the directory finds, and who are invited at once; further ones are not shown, or not taken. */
  foundPeople: 100,
  invitedPeople: 50,
  /** Characters of what is searched for, and of one text about somebody who was found; a longer one is not shown. */
  queryLength: 100,
  directoryText: 256,
  /** Characters of the address of a picture; with a longer one the initials stand for it. */
  pictureAddress: 65_536,
  /** Telephone numbers of somebody who was found; further ones are not shown. */
  numbersOfPerson: 6,
  /** Characters of the name of a room's shared document; one with a longer name is not offered. */
  documentName: 1024,
  /** Breakout rooms of a meeting, people in one of them, and characters of a room's address; further or longer ones are not shown. */
  breakoutRooms: 200,
  breakoutPeople: 2000,
  roomJid: 3071,
} as const;
