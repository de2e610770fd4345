import { DoorOpen, ThumbsDown, ThumbsUp } from 'lucide-react';
import { useState } from 'react';
import { log } from '../conference/log';
import { t } from '../i18n';
import { goHome, rejoin } from '../store/actions';
import { useStore } from '../store/store';
import { Button } from '../ui/Button';
import { formatDuration } from '../ui/duration';
import { Page } from './Page';
import css from './pages.module.css';

export function Left() {
  const room = useStore((s) => s.room);
  const joinedAt = useStore((s) => s.joinedAt);
  const [rated, setRated] = useState(false);
  const [duration] = useState(() => (joinedAt ? formatDuration(Date.now() - joinedAt) : null));
  const rate = (answer: string) => {
    log('view', `rated ${answer}`);
    setRated(true);
  };
  return (
    <Page>
      <div className={css.card}>
        <span className={css.cardIcon}>
          <DoorOpen size={32} aria-hidden />
        </span>
        <h1>{t('left.title')}</h1>
        {duration ? <p className={css.lead}>{t('left.duration', { room, duration })}</p> : null}
        <div className={css.actions}>
          <Button tone="primary" size="large" onClick={() => void rejoin()}>
            {t('left.rejoin')}
          </Button>
          <Button size="large" onClick={goHome}>
            {t('left.home')}
          </Button>
        </div>
        <div className={css.rating} role="group" aria-label={t('left.how')}>
          {rated ? (
            <span role="status">{t('left.thanks')}</span>
          ) : (
            <>
              <span>{t('left.how')}</span>
              <Button onClick={() => rate('good')}>
                <ThumbsUp size={18} aria-hidden />
                {t('left.good')}
              </Button>
              <Button onClick={() => rate('bad')}>
                <ThumbsDown size={18} aria-hidden />
                {t('left.bad')}
              </Button>
            </>
          )}
        </div>
      </div>
    </Page>
  );
}
