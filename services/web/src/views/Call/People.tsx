import { Hand, Mic, MicOff, UserPlus, Video, VideoOff, X } from 'lucide-react';
import { useId, useState } from 'react';
import { t } from '../../i18n';
import { closePanel, muteAll } from '../../store/actions';
import { openInvite } from '../../store/invitations';
import { useStore } from '../../store/store';
import type { Participant } from '../../store/types';
import { Avatar } from '../../ui/Avatar';
import { Button, IconButton } from '../../ui/Button';
import ui from '../../ui/ui.module.css';
import { BreakoutRooms } from './BreakoutRooms';
import css from './call.module.css';
import { PersonMenu } from './PersonMenu';

/** Raised hands first, the earliest on top; then by name. */
export function sortPeople(people: Participant[]): Participant[] {
  return [...people].sort((a, b) => {
    if (a.raisedHand !== null || b.raisedHand !== null) {
      return (a.raisedHand ?? Number.MAX_SAFE_INTEGER) - (b.raisedHand ?? Number.MAX_SAFE_INTEGER);
    }
    return a.name.localeCompare(b.name);
  });
}

export function People() {
  const participants = useStore((s) => s.participants);
  const self = useStore((s) => s.selfId);
  const name = useStore((s) => s.preferences.name);
  const moderator = useStore((s) => s.selfModerator);
  const audioMuted = useStore((s) => s.audioMuted);
  const videoMuted = useStore((s) => s.videoMuted);
  const [query, setQuery] = useState('');
  const id = useId();
  const needle = query.trim().toLowerCase();
  const all = Object.values(participants);
  const found = sortPeople(all).filter((p) => (p.name || t('common.guest')).toLowerCase().includes(needle));
  return (
    <aside className={css.panel} aria-labelledby={`${id}-title`} data-testid="people-panel">
      <div className={css.panelHead}>
        <h2 id={`${id}-title`}>
          {t('people.title')}
          <small>{t('people.count', { count: all.length + 1 })}</small>
        </h2>
        <IconButton label={t('common.close')} onClick={closePanel} tip={false}>
          <X size={20} aria-hidden />
        </IconButton>
      </div>
      <div className={css.peopleTools}>
        <Button tone="primary" data-testid="invite-people" onClick={openInvite}>
          <UserPlus size={18} aria-hidden />
          {t('invite.button')}
        </Button>
        <input
          className={ui.input}
          type="search"
          value={query}
          placeholder={t('people.search')}
          aria-label={t('people.search')}
          onChange={(event) => setQuery(event.target.value)}
        />
        {moderator && all.some((p) => !p.audioMuted) ? (
          <Button onClick={() => void muteAll()}>
            <MicOff size={18} aria-hidden />
            {t('people.muteAll')}
          </Button>
        ) : null}
      </div>
      <ul className={css.people} aria-label={t('people.list')}>
        <li className={css.person} data-testid="person" data-endpoint-id={self}>
          <Avatar name={name} id={self} size={36} />
          <span className={css.personName}>
            <strong>{name ? t('common.youSuffix', { name }) : t('common.you')}</strong>
            {moderator ? <small>{t('people.moderator')}</small> : null}
          </span>
          <Devices audioMuted={audioMuted} videoMuted={videoMuted} />
        </li>
        {found.map((person) => (
          <li key={person.id} className={css.person} data-testid="person" data-endpoint-id={person.id}>
            <Avatar name={person.name} id={person.id} size={36} />
            <span className={css.personName}>
              <strong>{person.name || t('common.guest')}</strong>
              {person.moderator ? <small>{t('people.moderator')}</small> : null}
            </span>
            {person.raisedHand !== null ? (
              <Hand size={18} role="img" aria-hidden={false} aria-label={t('call.handUp')} />
            ) : null}
            <Devices audioMuted={person.audioMuted} videoMuted={person.videoMuted} />
            <PersonMenu person={person} source={`${person.id}-v0`} />
          </li>
        ))}
      </ul>
      {found.length === 0 && needle ? <p className={css.empty}>{t('people.none')}</p> : null}
      <BreakoutRooms />
    </aside>
  );
}

function Devices({ audioMuted, videoMuted }: { audioMuted: boolean; videoMuted: boolean }) {
  return (
    <>
      {videoMuted ? <VideoOff size={18} aria-hidden /> : <Video size={18} aria-hidden />}
      {audioMuted ? (
        <MicOff size={18} role="img" aria-hidden={false} aria-label={t('call.muted')} />
      ) : (
        <Mic size={18} aria-hidden />
      )}
    </>
  );
}
