import { type FormEvent, useState } from 'react';
import { withCode } from '../errors/codes';
import { t } from '../i18n';
import { signIn } from '../store/actions';
import { useStore } from '../store/store';
import { Button } from '../ui/Button';
import ui from '../ui/ui.module.css';
import css from './pages.module.css';

interface LoginFormProps {
  wrong?: boolean;
  /** True when it worked, otherwise the text of what is wrong. */
  submit?: (username: string, password: string) => Promise<true | string>;
}

/** User name and password, or the way to the provider that signs people in. */
export function LoginForm({ wrong = false, submit = signIn }: LoginFormProps) {
  const elsewhere = useStore((s) => s.signInUrl !== null);
  return elsewhere ? <SignInLink /> : <PasswordLogin wrong={wrong} login={submit} />;
}

/** Leads to the provider; nothing where the server has none. */
export function SignInLink() {
  const url = useStore((s) => s.signInUrl);
  if (url === null) return null;
  return (
    <div className={css.actions}>
      <Button tone="primary" size="large" data-testid="sign-in" onClick={() => location.assign(url)}>
        {t('login.signIn')}
      </Button>
    </div>
  );
}

function PasswordLogin({ wrong, login }: { wrong: boolean; login: NonNullable<LoginFormProps['submit']> }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(wrong ? withCode(t('login.wrong'), 'login-wrong') : '');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const outcome = await login(username, password);
    setBusy(false);
    if (outcome !== true) setError(outcome);
  };
  return (
    <form className={css.loginForm} onSubmit={(event) => void submit(event)} data-testid="login">
      <div className={ui.field}>
        <label htmlFor="username">{t('login.username')}</label>
        <input
          id="username"
          className={ui.input}
          value={username}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={error !== ''}
          aria-describedby={error ? 'login-error' : undefined}
          onChange={(event) => setUsername(event.target.value)}
        />
      </div>
      <div className={ui.field}>
        <label htmlFor="login-password">{t('login.password')}</label>
        <input
          id="login-password"
          type="password"
          className={ui.input}
          value={password}
          autoComplete="current-password"
          aria-invalid={error !== ''}
          aria-describedby={error ? 'login-error' : undefined}
          onChange={(event) => setPassword(event.target.value)}
        />
      </div>
      {error ? (
        <span id="login-error" className={css.error} role="alert">
          {error}
        </span>
      ) : null}
      <Button type="submit" tone="primary" size="large" disabled={busy}>
        {t(busy ? 'login.busy' : 'login.submit')}
      </Button>
    </form>
  );
}
