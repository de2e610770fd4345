import {
  CircleSlash,
  CloudOff,
  KeyRound,
  Lock,
  type LucideIcon,
  ServerCrash,
  Settings,
  ShieldAlert,
  Users,
  UserX,
  WifiOff,
} from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { ErrorKey } from '../errors/codes';
import { problemCode, problemKey } from '../errors/problems';
import { t } from '../i18n';
import { enterPassword, goHome, rejoin } from '../store/actions';
import { useStore } from '../store/store';
import { Button } from '../ui/Button';
import ui from '../ui/ui.module.css';
import { Details } from './Details';
import { LoginForm, SignInLink } from './LoginForm';
import { Page } from './Page';
import css from './pages.module.css';

/** By the area of the code. */
const ICONS: Record<string, LucideIcon> = {
  SETUP: Settings,
  NET: CloudOff,
  HTTP: CloudOff,
  TLS: ShieldAlert,
  SERVER: ServerCrash,
  AUTH: KeyRound,
  FOCUS: ServerCrash,
  BRIDGE: ServerCrash,
  ICE: WifiOff,
};

const ICONS_OF_KEYS: Partial<Record<ErrorKey, LucideIcon>> = {
  dropped: WifiOff,
  offline: WifiOff,
  'password-required': Lock,
  'password-tries': Lock,
  'members-only': Lock,
  full: Users,
  kicked: UserX,
  banned: UserX,
};

/** Trying again changes nothing, or there is a form for it. */
const FINAL = new Set<ErrorKey>([
  'config',
  'unsupported',
  'password-required',
  'login-required',
  'login-wrong',
  'token',
  'token-expired',
  'token-room',
  'banned',
]);

/** The call was there, and can be joined anew. */
const WAS_IN = new Set<ErrorKey>(['kicked', 'ended', 'dropped', 'server-down', 'focus-left']);

export function Problem() {
  const problem = useStore((s) => s.problem);
  const by = useStore((s) =>
    s.problem?.kind === 'kicked' && s.problem.by ? s.participants[s.problem.by]?.name : undefined,
  );
  if (!problem) return null;
  const key = problemKey(problem);
  const code = problemCode(problem);
  const Icon = ICONS_OF_KEYS[key] ?? ICONS[code.split('-')[1] ?? ''] ?? CircleSlash;
  const detail = 'detail' in problem ? problem.detail : '';
  return (
    <Page>
      <div className={css.card} data-testid="problem" data-problem={key}>
        <span className={css.cardIcon}>
          <Icon size={32} aria-hidden />
        </span>
        <h1>{t(`problem.${key}.title`)}</h1>
        <p className={css.lead} role="alert">
          {t(`problem.${key}.text`, { detail, by: by || t('problem.kickedBy') })}
        </p>
        {problem.kind === 'join' && problem.reason === 'password' ? <PasswordForm /> : null}
        {problem.kind === 'login-required' ? <LoginForm wrong={problem.wrong} /> : null}
        {problem.kind === 'token' ? <SignInLink /> : null}
        <div className={css.actions}>
          {FINAL.has(key) ? null : (
            <Button tone="primary" size="large" onClick={() => void rejoin()}>
              {t(WAS_IN.has(key) ? 'left.rejoin' : 'problem.again')}
            </Button>
          )}
          <Button size="large" onClick={goHome}>
            {t('problem.home')}
          </Button>
        </div>
        <Details>
          <span data-testid="error-code">{t('problem.code', { code })}</span>
        </Details>
      </div>
    </Page>
  );
}

function PasswordForm() {
  const wrong = useStore((s) => s.passwordWrong);
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password) void enterPassword(password);
  };
  return (
    <form className={css.passwordForm} onSubmit={submit}>
      <div className={ui.field}>
        <label htmlFor="password">{t('problem.password')}</label>
        <input
          id="password"
          type="password"
          className={ui.input}
          value={password}
          autoComplete="off"
          aria-invalid={wrong}
          aria-describedby={wrong ? 'password-wrong' : undefined}
          onChange={(event) => setPassword(event.target.value)}
        />
        {wrong ? (
          <span id="password-wrong" className={css.error} role="alert">
            {t('problem.password-required.wrong')}
          </span>
        ) : null}
      </div>
      <Button type="submit" tone="primary">
        {t('problem.enter')}
      </Button>
    </form>
  );
}
