import { type ReactNode, useState } from 'react';
import { t } from '../i18n';
import { problemDetails } from '../store/details';
import css from './pages.module.css';

/** Copies what an operator asks for; where the browser does not let the page copy, the text is shown to be copied by hand. */
export function Details({ children }: { children: ReactNode }) {
  const [copied, setCopied] = useState(false);
  const [shown, setShown] = useState<string | null>(null);
  const copy = async () => {
    const details = problemDetails();
    try {
      await navigator.clipboard.writeText(details);
      setCopied(true);
    } catch {
      setShown(details);
    }
  };
  return (
    <div className={css.details}>
      <p className={css.small}>
        {children}{' '}
        <button type="button" className={css.textButton} onClick={() => void copy()}>
          {t(copied ? 'problem.detailsCopied' : 'problem.copyDetails')}
        </button>
      </p>
      {shown === null ? null : (
        <textarea
          className={css.detailsText}
          readOnly
          rows={8}
          aria-label={t('problem.details')}
          value={shown}
          onFocus={(event) => event.target.select()}
        />
      )}
    </div>
  );
}
