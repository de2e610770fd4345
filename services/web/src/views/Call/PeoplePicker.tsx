import { Check, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { FoundPerson } from '../../conference/directory';
import { ClientLimits } from '../../conference/limits';
import { t } from '../../i18n';
import { canInvite, search, setInviteQuery, signInToSearch, toggleInvited } from '../../store/invitations';
import { useStore } from '../../store/store';
import type { Invite } from '../../store/types';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import ui from '../../ui/ui.module.css';
import { LoginForm } from '../LoginForm';
import css from './invite.module.css';

/** Finds people of the directory while somebody types: a combobox whose list is always below it (ARIA authoring practices). */
export function PeoplePicker() {
  const { query, search: state, people, chosen } = useStore((s) => s.invite);
  const [active, setActive] = useState(-1);
  const [closed, setClosed] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const open = people.length > 0 && !closed;
  const optionId = (index: number) => `${id}-option-${index}`;

  // Other people: nobody of them is pointed at yet.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list itself is what it depends on
  useEffect(() => {
    setActive(-1);
    setClosed(false);
  }, [people]);
  useEffect(() => {
    if (active >= 0) list.current?.children[active]?.scrollIntoView?.({ block: 'nearest' });
  }, [active]);

  const choose = (index: number) => {
    const person = people[index];
    if (person && canInvite(person)) toggleInvited(person);
  };
  const move = (step: number) => {
    setClosed(false);
    if (people.length > 0) setActive((active < 0 && step < 0 ? people.length : active) + step);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') move(active === people.length - 1 ? -active : 1);
    else if (event.key === 'ArrowUp') move(active === 0 ? people.length - 1 : -1);
    else if (event.key === 'Enter') choose(open ? active : -1);
    else if (event.key === 'Escape' && open) setClosed(true);
    else if (event.key === 'Backspace' && query === '' && chosen.length > 0)
      toggleInvited(chosen.at(-1) as FoundPerson);
    else return;
    // Escape would close the dialog too.
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section className={css.picker} aria-labelledby={`${id}-label`}>
      <h3 id={`${id}-label`}>{t('invite.find')}</h3>
      {chosen.length > 0 ? <Chosen people={chosen} /> : null}
      <input
        className={ui.input}
        type="text"
        role="combobox"
        aria-labelledby={`${id}-label`}
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && active >= 0 ? optionId(active) : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={ClientLimits.queryLength}
        placeholder={t('invite.placeholder')}
        value={query}
        data-testid="invite-search"
        onChange={(event) => setInviteQuery(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <Status />
      <div
        ref={list}
        id={`${id}-list`}
        className={css.results}
        role="listbox"
        aria-label={t('invite.results')}
        aria-multiselectable
        aria-busy={state === 'searching'}
        hidden={!open}
      >
        {people.map((person, index) => (
          <Option
            key={person.key}
            id={optionId(index)}
            person={person}
            active={index === active}
            chosen={chosen.some((one) => one.key === person.key)}
            onChoose={() => choose(index)}
          />
        ))}
      </div>
    </section>
  );
}

interface OptionProps {
  id: string;
  person: FoundPerson;
  active: boolean;
  chosen: boolean;
  onChoose: () => void;
}

function Option({ id, person, active, chosen, onChoose }: OptionProps) {
  const invitable = canInvite(person);
  return (
    // The keys are the input's, which keeps the focus.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      id={id}
      role="option"
      className={css.option}
      aria-selected={chosen}
      aria-disabled={!invitable}
      data-active={active}
      data-testid="found-person"
      onPointerDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      <Picture person={person} size={40} />
      <span className={css.about}>
        <strong>{person.name}</strong>
        {person.organisation ? <small>{person.organisation}</small> : null}
        <small>{person.email ?? (invitable ? '' : t('invite.noMail'))}</small>
        {person.numbers.length > 0 ? (
          <small>
            {person.numbers
              .map(({ number, kind }) => (kind ? `${t(`invite.kinds.${kind}`)} ${number}` : number))
              .join(' · ')}
          </small>
        ) : null}
      </span>
      {chosen ? <Check size={18} aria-hidden /> : null}
    </div>
  );
}

/** Decoration beside a name. A picture that cannot be had leaves the initials. */
function Picture({ person, size }: { person: FoundPerson; size: number }) {
  const [failed, setFailed] = useState(false);
  if (person.picture === null || failed) return <Avatar name={person.name} id={person.key} size={size} />;
  return (
    <img
      className={css.picture}
      src={person.picture}
      alt=""
      width={size}
      height={size}
      referrerPolicy="no-referrer"
      onError={() => setFailed(true)}
    />
  );
}

function Chosen({ people }: { people: FoundPerson[] }) {
  return (
    <ul className={css.chosen} aria-label={t('invite.chosen')} data-testid="invite-chosen">
      {people.map((person) => (
        <li key={person.key}>
          <span>{person.name}</span>
          <button
            type="button"
            aria-label={t('invite.remove', { name: person.name })}
            onClick={() => toggleInvited(person)}
          >
            <X size={14} aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** One sentence about the search, and what can be done where it did not work. */
function Status() {
  const invite = useStore((s) => s.invite);
  const text = statusOf(invite);
  return (
    <>
      <p className={css.status} role="status" data-testid="invite-status" data-search={invite.search}>
        {text}
      </p>
      {invite.search === 'signed-out' ? <LoginForm submit={signInToSearch} /> : null}
      {invite.search === 'slow' || invite.search === 'busy' || invite.search === 'failed' ? (
        <Button className={css.again ?? ''} onClick={() => void search()}>
          {t('invite.again')}
        </Button>
      ) : null}
    </>
  );
}

function statusOf({ search: state, query, people, incomplete }: Invite): string {
  if (state === 'idle') return '';
  if (state !== 'found') return t(`invite.${state}`);
  const found =
    people.length > 0 ? t('invite.count', { count: people.length }) : t('invite.none', { query: query.trim() });
  return incomplete ? `${found} ${t('invite.incomplete')}` : found;
}
