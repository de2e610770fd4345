import { DoorOpen } from 'lucide-react';
import { useState } from 'react';
import { t } from '../i18n';
import { goHome, rejoin } from '../store/actions';
import { useStore } from '../store/store';
import { Button } from '../ui/Button';
import { formatDuration } from '../ui/duration';
import { Details } from './Details';
import { Page } from './Page';
import css from './pages.module.css';

export function Left() {
  const room = useStore((s) => s.room);
  const joinedAt = useStore((s) => s.joinedAt);
  const [duration] = useState(() => (joinedAt ? formatDuration(Date.now() - joinedAt) : null));
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
        <div className={css.afterCall}>
          <Details>{t('left.how')}</Details>
        </div>
      </div>
    </Page>
  );
}
