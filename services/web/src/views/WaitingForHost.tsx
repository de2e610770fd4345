import { Hourglass } from 'lucide-react';
import { useState } from 'react';
import { t } from '../i18n';
import { goHome } from '../store/actions';
import { useStore } from '../store/store';
import { Button } from '../ui/Button';
import { LoginForm } from './LoginForm';
import { Page } from './Page';
import css from './pages.module.css';

/** A guest is here before the host. Asks again by itself; whoever is the host signs in. */
export function WaitingForHost() {
  const room = useStore((s) => s.room);
  const signInUrl = useStore((s) => s.signInUrl);
  const [host, setHost] = useState(false);
  const becomeHost = () => (signInUrl === null ? setHost(true) : location.assign(signInUrl));
  return (
    <Page>
      <div className={css.card} data-testid="waiting-for-host">
        <span className={css.cardIcon}>
          <Hourglass size={32} aria-hidden />
        </span>
        <h1>{t('login.waitingTitle')}</h1>
        <p className={css.lead} role="status">
          {t('login.waitingText')}
        </p>
        <p className={css.small}>{t('prejoin.room', { room })}</p>
        {host ? <LoginForm /> : null}
        <div className={css.actions}>
          {host ? null : (
            <Button tone="primary" size="large" onClick={becomeHost}>
              {t('login.host')}
            </Button>
          )}
          <Button size="large" onClick={goHome}>
            {t('problem.home')}
          </Button>
        </div>
      </div>
    </Page>
  );
}
