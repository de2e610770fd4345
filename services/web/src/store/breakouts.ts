import { type BreakoutCommand, type BreakoutRoom, divide } from '../conference/breakouts';
import { log } from '../conference/log';
import { t } from '../i18n';
import { currentConference } from './actions';
import { toast } from './notices';
import { stopAll } from './playback';
import { get, set } from './store';

/** What begins anew with each room of a meeting. */
export function enterOtherRoom(roomJid: string): void {
  stopAll();
  set({
    roomJid,
    participants: {},
    order: [],
    tracks: {},
    dominant: null,
    forwarded: null,
    pinned: null,
    chat: [],
    unread: 0,
    chatTo: null,
    subject: '',
    documentUrl: null,
    joinedAt: Date.now(),
  });
}

export const mainRoom = (rooms: BreakoutRoom[]): BreakoutRoom | undefined => rooms.find((room) => room.isMain);

/** How people know a room. */
export function roomTitle(room: BreakoutRoom): string {
  return room.isMain ? t('breakouts.main') : room.name || t('breakouts.unnamed');
}

function command(what: BreakoutCommand): void {
  currentConference()?.command(what);
}

export function addBreakoutRoom(): void {
  command({ type: 'add', subject: t('breakouts.numbered', { number: get().breakoutCounter + 1 }) });
}

export function renameBreakoutRoom(jid: string, name: string): void {
  const subject = name.trim();
  if (subject) command({ type: 'rename', breakoutRoomJid: jid, subject });
}

/** Those who are in it are sent to the main room by the server. */
export function removeBreakoutRoom(jid: string): void {
  command({ type: 'remove', breakoutRoomJid: jid });
}

export function sendToRoom(personJid: string, roomJid: string): void {
  command({ type: 'move-to-room', participantJid: personJid, roomJid });
}

/** Divides those of the main room who are no moderators among the breakout rooms. */
export function assignPeople(random: () => number = Math.random): void {
  const rooms = get().breakoutRooms;
  const people = mainRoom(rooms)?.people.filter((person) => !person.moderator) ?? [];
  const targets = rooms.filter((room) => !room.isMain).map((room) => room.jid);
  for (const [person, room] of divide(
    people.map(({ jid }) => jid),
    targets,
    random,
  ))
    sendToRoom(person, room);
}

/** Calls everybody of one room back to the main room, or of all rooms. The rooms stay. */
export function closeRooms(only?: string): void {
  const rooms = get().breakoutRooms;
  const main = mainRoom(rooms);
  if (!main) return;
  for (const room of rooms) {
    if (room.isMain || (only !== undefined && room.jid !== only)) continue;
    for (const { id, jid } of room.people) {
      if (id !== get().selfId) sendToRoom(jid, main.jid);
    }
  }
  const here = rooms.find((room) => room.jid === get().roomJid);
  if (here && !here.isMain && (only === undefined || only === here.jid)) void goToBreakout(main.jid);
}

/** Goes to a room of this meeting: a breakout room, or back to the main room. */
export async function goToBreakout(jid: string): Promise<void> {
  const conference = currentConference();
  const room = get().breakoutRooms.find((one) => one.jid === jid);
  if (!conference || !room || jid === get().roomJid) return;
  log('view', 'going to another room of the meeting');
  toast(t('breakouts.going', { room: roomTitle(room) }));
  await conference.switchRoom(jid);
}
