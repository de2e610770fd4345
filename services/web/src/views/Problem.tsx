import {
  CircleSlash,
  CloudOff,
  KeyRound,
  Lock,
  type LucideIcon,
  ServerCrash,
  Settings,
  Users,
  UserX,
  WifiOff,
} from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { t } from '../i18n';
import { enterPassword, goHome, problemDetails, rejoin } from '../store/actions';
import { useStore } from '../store/store';
import type { Problem as ProblemState } from '../store/types';
import { Button } from '../ui/Button';
import ui from '../ui/ui.module.css';
import { LoginForm, SignInLink } from './LoginForm';
import { Page } from './Page';
import css from './pages.module.css';

const ICONS: Record<string, LucideIcon> = {
  config: Settings,
  unreachable: CloudOff,
  'login-required': KeyRound,
  token: KeyRound,
  'token-expired': KeyRound,
  dropped: WifiOff,
  refused: ServerCrash,
  'password-required': Lock,
  'members-only': Lock,
  full: Users,
  join: CircleSlash,
  kicked: UserX,
  ended: CircleSlash,
  'focus-left': ServerCrash,
  'no-bridge': ServerCrash,
  media: WifiOff,
  unsupported: CircleSlash,
};

/** Which text belongs to a problem; refusals of the room have their own where people can do something. */
export function problemKey(problem: ProblemState): string {
  if (problem.kind === 'token') return /\bexp\b|expired/i.test(problem.detail) ? 'token-expired' : 'token';
  if (problem.kind !== 'join') return problem.kind;
  switch (problem.reason) {
    case 'password':
      return 'password-required';
    case 'members-only':
      return 'members-only';
    case 'full':
      return 'full';
    case 'authentication':
      return 'token';
    default:
      return 'join';
  }
}

const FINAL = new Set(['config', 'unsupported', 'password-required', 'login-required', 'token', 'token-expired']);

export function Problem() {
  const problem = useStore((s) => s.problem);
  const by = useStore((s) =>
    s.problem?.kind === 'kicked' && s.problem.by ? s.participants[s.problem.by]?.name : undefined,
  );
  const [copied, setCopied] = useState(false);
  if (!problem) return null;
  const key = problemKey(problem);
  const Icon = ICONS[key] ?? CircleSlash;
  const detail = 'detail' in problem ? problem.detail : '';
  const copy = async () => {
    await navigator.clipboard?.writeText(problemDetails());
    setCopied(true);
  };
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
        {key === 'password-required' ? <PasswordForm /> : null}
        {problem.kind === 'login-required' ? <LoginForm wrong={problem.wrong} /> : null}
        {problem.kind === 'token' ? <SignInLink /> : null}
        <div className={css.actions}>
          {FINAL.has(key) ? null : (
            <Button tone="primary" size="large" onClick={() => void rejoin()}>
              {t(key === 'kicked' || key === 'ended' || key === 'dropped' ? 'left.rejoin' : 'problem.again')}
            </Button>
          )}
          <Button size="large" onClick={goHome}>
            {t('problem.home')}
          </Button>
        </div>
        <p className={css.small}>
          <button type="button" className={css.textButton} onClick={() => void copy()}>
            {t(copied ? 'problem.detailsCopied' : 'problem.copyDetails')}
          </button>
        </p>
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
