import { t } from '../i18n';
import css from './ui.module.css';

export function Logo() {
  return (
    <span className={css.logo}>
      <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#2F7DEB" />
        <path d="M10 11.5 22 9M10 11.5 14 23M22 9 14 23M22 9v9.5L14 23" stroke="#fff" strokeWidth="1.6" fill="none" />
        <circle cx="10" cy="11.5" r="3" fill="#fff" />
        <circle cx="22" cy="9" r="2.5" fill="#fff" />
        <circle cx="14" cy="23" r="2.5" fill="#fff" />
        <circle cx="22" cy="18.5" r="2" fill="#fff" />
      </svg>
      {t('app.name')}
    </span>
  );
}
