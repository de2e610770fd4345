import type { ReactNode } from 'react';
import { t } from '../i18n';
import { goHome } from '../store/actions';
import { Logo } from '../ui/Logo';
import css from './pages.module.css';

/** Frame of the pages around a call. */
export function Page({
  children,
  footer,
  tight = false,
}: {
  children: ReactNode;
  footer?: ReactNode;
  tight?: boolean;
}) {
  return (
    <div className={css.page}>
      <header className={css.header}>
        <button
          type="button"
          className={css.logoButton}
          onClick={goHome}
          aria-label={`${t('app.name')}: ${t('common.back')}`}
        >
          <Logo />
        </button>
      </header>
      <main className={`${css.main} ${tight ? css.mainTight : ''}`}>{children}</main>
      {footer}
    </div>
  );
}
