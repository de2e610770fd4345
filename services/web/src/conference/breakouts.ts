import { ClientLimits } from './limits';
import { cleanName, limited } from './texts';
import { attr, bareJid, jsonMessage, resourceOf, type XNode, x } from './xml';

/** A person in one of the rooms of a meeting. */
export interface BreakoutPerson {
  /** Endpoint id, the same in each room. */
  id: string;
  /** Full JID of the session: what moves it. */
  jid: string;
  name: string;
  moderator: boolean;
}

/** The main room of a meeting, or a breakout room beside it. */
export interface BreakoutRoom {
  jid: string;
  /** Empty for a main room without a subject. */
  name: string;
  isMain: boolean;
  people: BreakoutPerson[];
}

/** What the server says of breakout rooms. */
export type BreakoutNews =
  | { kind: 'rooms'; rooms: BreakoutRoom[]; counter: number }
  /** A moderator asks this session to go to that room. */
  | { kind: 'move'; room: string };

export type BreakoutCommand =
  | { type: 'add'; subject: string }
  | { type: 'remove'; breakoutRoomJid: string }
  | { type: 'rename'; breakoutRoomJid: string; subject: string }
  | { type: 'move-to-room'; participantJid: string; roomJid: string };

const FEATURE = 'features/breakout-rooms';

/** Reads a message of the component; null for everything else. */
export function readBreakoutNews(
  stanza: Element,
  component: string | null,
  hiddenDomain: string | null,
): BreakoutNews | null {
  if (component === null || attr(stanza, 'from') !== component) return null;
  const message = jsonMessage(stanza);
  if (message?.type !== 'breakout_rooms') return null;
  if (message.event === `${FEATURE}/move-to-room`) {
    return typeof message.roomJid === 'string' && message.roomJid.length <= ClientLimits.roomJid
      ? { kind: 'move', room: message.roomJid }
      : null;
  }
  if (message.event !== `${FEATURE}/update`) return null;
  const rooms = entries(message.rooms)
    .slice(0, ClientLimits.breakoutRooms)
    .flatMap(([, room]) => roomOf(room, hiddenDomain));
  return {
    kind: 'rooms',
    rooms,
    counter: typeof message.roomCounter === 'number' ? message.roomCounter : rooms.length,
  };
}

export function breakoutCommand(component: string, { type, ...attributes }: BreakoutCommand): XNode {
  return x('message', { to: component }, x('breakout_rooms', { type: `${FEATURE}/${type}`, ...attributes }));
}

/** Who goes where when people are divided among the rooms: as evenly as it can be, in an order that `random` chooses (0 to 1). */
export function divide(
  people: string[],
  rooms: string[],
  random: () => number = Math.random,
): [person: string, room: string][] {
  if (rooms.length === 0) return [];
  const shuffled = people.map((person) => ({ person, at: random() })).sort((a, b) => a.at - b.at);
  return shuffled.map(({ person }, index) => [person, rooms[index % rooms.length] as string]);
}

function roomOf(value: unknown, hiddenDomain: string | null): BreakoutRoom[] {
  const room = Object.fromEntries(entries(value));
  if (typeof room.jid !== 'string' || room.jid.length > ClientLimits.roomJid || !room.jid.includes('@')) return [];
  const people = entries(room.participants)
    .slice(0, ClientLimits.breakoutPeople)
    .flatMap(([occupant, person]) => personOf(occupant, person, hiddenDomain));
  const name = typeof room.name === 'string' ? limited(room.name, ClientLimits.nameLength) : '';
  return [{ jid: room.jid, name, isMain: room.isMainRoom === true, people }];
}

function personOf(occupant: string, value: unknown, hiddenDomain: string | null): BreakoutPerson[] {
  const person = Object.fromEntries(entries(value));
  const id = resourceOf(occupant);
  if (!id || typeof person.jid !== 'string') return [];
  if (hiddenDomain !== null && bareJid(person.jid).endsWith(`@${hiddenDomain}`)) return [];
  const name = typeof person.displayName === 'string' ? cleanName(person.displayName) : '';
  return [{ id, jid: person.jid, name, moderator: person.role === 'moderator' }];
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
