import { DoorOpen, Pencil, Plus, Shuffle, Trash2, Undo2 } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import type { BreakoutPerson, BreakoutRoom } from '../../conference/breakouts';
import { t } from '../../i18n';
import {
  addBreakoutRoom,
  assignPeople,
  closeRooms,
  goToBreakout,
  removeBreakoutRoom,
  renameBreakoutRoom,
  roomTitle,
  sendToRoom,
} from '../../store/breakouts';
import { useStore } from '../../store/store';
import { Button, IconButton } from '../../ui/Button';
import ui from '../../ui/ui.module.css';
import css from './call.module.css';

/** The rooms of the meeting, at the end of the list of people: nothing where there are none and nobody here may make any. */
export function BreakoutRooms() {
  const supported = useStore((s) => s.hasBreakoutRooms);
  const rooms = useStore((s) => s.breakoutRooms);
  const moderator = useStore((s) => s.selfModerator);
  const here = useStore((s) => s.roomJid);
  const id = useId();
  const breakouts = rooms.filter((room) => !room.isMain);
  const main = rooms.find((room) => room.isMain);
  if (!supported || (!moderator && breakouts.length === 0)) return null;
  return (
    <section aria-labelledby={`${id}-title`} data-testid="breakout-rooms">
      <h3 id={`${id}-title`} className={css.breakoutTitle}>
        {t('breakouts.title')}
      </h3>
      <div className={css.peopleTools}>
        {main && main.jid !== here ? (
          <Button tone="primary" data-testid="breakout-back" onClick={() => void goToBreakout(main.jid)}>
            <Undo2 size={18} aria-hidden />
            {t('breakouts.back')}
          </Button>
        ) : null}
        {moderator ? (
          <Button data-testid="breakout-add" onClick={addBreakoutRoom}>
            <Plus size={18} aria-hidden />
            {t('breakouts.add')}
          </Button>
        ) : null}
        {moderator && breakouts.length > 0 && main?.people.some((person) => !person.moderator) ? (
          <Button onClick={() => assignPeople()}>
            <Shuffle size={18} aria-hidden />
            {t('breakouts.assign')}
          </Button>
        ) : null}
        {moderator && breakouts.some((room) => room.people.length > 0) ? (
          <Button onClick={() => closeRooms()}>
            <Undo2 size={18} aria-hidden />
            {t('breakouts.closeAll')}
          </Button>
        ) : null}
      </div>
      <ul className={css.people} aria-label={t('breakouts.title')}>
        {rooms.map((room) => (
          <Room key={room.jid} room={room} rooms={rooms} moderator={moderator} here={here} />
        ))}
      </ul>
    </section>
  );
}

interface RoomProps {
  room: BreakoutRoom;
  rooms: BreakoutRoom[];
  moderator: boolean;
  here: string;
}

function Room({ room, rooms, moderator, here }: RoomProps) {
  const [renaming, setRenaming] = useState(false);
  const title = roomTitle(room);
  return (
    <li className={css.breakout} data-testid="breakout-room" data-room={room.jid}>
      {renaming ? (
        <Rename room={room} onDone={() => setRenaming(false)} />
      ) : (
        <div className={css.person}>
          <span className={css.personName}>
            <strong>{title}</strong>
            <small>{room.jid === here ? t('breakouts.here') : t('people.count', { count: room.people.length })}</small>
          </span>
          {room.jid !== here ? (
            <IconButton label={t('breakouts.join', { room: title })} onClick={() => void goToBreakout(room.jid)}>
              <DoorOpen size={18} aria-hidden />
            </IconButton>
          ) : null}
          {moderator && !room.isMain ? (
            <>
              <IconButton label={t('breakouts.rename', { room: title })} onClick={() => setRenaming(true)}>
                <Pencil size={18} aria-hidden />
              </IconButton>
              <IconButton label={t('breakouts.remove', { room: title })} onClick={() => removeBreakoutRoom(room.jid)}>
                <Trash2 size={18} aria-hidden />
              </IconButton>
            </>
          ) : null}
        </div>
      )}
      <ul className={css.breakoutPeople} aria-label={title}>
        {room.people.map((person) => (
          <li key={person.jid} className={css.person}>
            <span className={css.personName}>{person.name || t('common.guest')}</span>
            {moderator ? <SendTo person={person} from={room} rooms={rooms} /> : null}
          </li>
        ))}
      </ul>
    </li>
  );
}

function Rename({ room, onDone }: { room: BreakoutRoom; onDone: () => void }) {
  const [name, setName] = useState(room.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    renameBreakoutRoom(room.jid, name);
    onDone();
  };
  return (
    <form className={css.breakoutForm} onSubmit={submit}>
      <input
        className={ui.input}
        value={name}
        maxLength={128}
        aria-label={t('breakouts.newName', { room: roomTitle(room) })}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => (event.key === 'Escape' ? onDone() : undefined)}
      />
      <Button type="submit">{t('breakouts.save')}</Button>
    </form>
  );
}

function SendTo({ person, from, rooms }: { person: BreakoutPerson; from: BreakoutRoom; rooms: BreakoutRoom[] }) {
  const targets = rooms.filter((room) => room.jid !== from.jid);
  if (targets.length === 0) return null;
  return (
    <select
      className={ui.input}
      value=""
      aria-label={t('breakouts.send', { name: person.name || t('common.guest') })}
      onChange={(event) => sendToRoom(person.jid, event.target.value)}
    >
      <option value="" disabled>
        {t('breakouts.sendTo')}
      </option>
      {targets.map((room) => (
        <option key={room.jid} value={room.jid}>
          {roomTitle(room)}
        </option>
      ))}
    </select>
  );
}
