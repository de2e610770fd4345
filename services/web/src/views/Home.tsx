import { RefreshCw, ShieldCheck, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { t } from '../i18n';
import { forgetRoom, goToRoom } from '../store/actions';
import { useStore } from '../store/store';
import { suggestRoom } from '../store/suggestions';
import { Button, IconButton } from '../ui/Button';
import ui from '../ui/ui.module.css';
import { Page } from './Page';
import css from './pages.module.css';

const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

export function Home() {
  const recent = useStore((s) => s.preferences.recent);
  const [name, setName] = useState('');
  const [suggestion, setSuggestion] = useState(suggestRoom);
  const [invalid, setInvalid] = useState(false);

  const start = (event: FormEvent) => {
    event.preventDefault();
    setInvalid(!goToRoom(name || suggestion));
  };

  const footer = (
    <footer className={css.where}>
      <ShieldCheck size={16} aria-hidden />
      {t('home.where')}
    </footer>
  );

  return (
    <Page footer={footer}>
      <div className={css.home}>
        <h1>{t('home.title')}</h1>
        <p className={css.lead}>{t('home.lead')}</p>
        <form className={css.startForm} onSubmit={start}>
          <div className={ui.field}>
            <label htmlFor="room">{t('home.roomName')}</label>
            <input
              id="room"
              className={ui.input}
              value={name}
              placeholder={suggestion}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={120}
              aria-invalid={invalid}
              aria-describedby={invalid ? 'room-error' : undefined}
              onChange={(event) => {
                setName(event.target.value);
                setInvalid(false);
              }}
            />
          </div>
          <Button type="submit" tone="primary" size="large">
            {t('home.start')}
          </Button>
        </form>
        {invalid ? (
          <p id="room-error" role="alert" className={css.error}>
            {t('home.invalid')}
          </p>
        ) : null}
        <div className={css.suggestion}>
          <button type="button" className={css.suggestButton} onClick={() => setName(suggestion)}>
            {t('home.suggestion', { name: suggestion })}
          </button>
          <IconButton label={t('home.another')} onClick={() => setSuggestion(suggestRoom())}>
            <RefreshCw size={16} aria-hidden />
          </IconButton>
        </div>
        {recent.length > 0 ? (
          <section className={css.recent} aria-labelledby="recent-title">
            <h2 id="recent-title">{t('home.recent')}</h2>
            <ul>
              {recent.map((room) => (
                <li key={room.name}>
                  <button
                    type="button"
                    className={css.recentOpen}
                    aria-label={t('home.open', { name: room.name })}
                    onClick={() => goToRoom(room.name)}
                  >
                    <span className={css.recentName}>{room.name}</span>
                    <time className={css.recentTime} dateTime={new Date(room.at).toISOString()}>
                      {when.format(room.at)}
                    </time>
                  </button>
                  <IconButton
                    label={t('home.remove', { name: room.name })}
                    onClick={() => forgetRoom(room.name)}
                    tip={false}
                  >
                    <X size={16} aria-hidden />
                  </IconButton>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
      </div>
    </Page>
  );
}
