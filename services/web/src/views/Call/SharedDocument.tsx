import { X } from 'lucide-react';
import { useMemo } from 'react';
import { shownDocument } from '../../conference/sharedDocument';
import { t } from '../../i18n';
import { closePanel } from '../../store/actions';
import { get, useStore } from '../../store/store';
import { IconButton } from '../../ui/Button';
import css from './call.module.css';

/** The room's document (Etherpad), in which everybody writes. It stays loaded while it is hidden, so that nothing typed is lost. */
export function SharedDocument({ hidden }: { hidden: boolean }) {
  const url = useStore((s) => s.documentUrl);
  // A name that changes later does not load the document anew.
  const shown = useMemo(() => (url ? shownDocument(url, get().preferences.name.trim()) : null), [url]);
  if (!shown) return null;
  return (
    <aside
      className={`${css.panel} ${css.document}`}
      aria-label={t('document.title')}
      hidden={hidden}
      data-testid="document"
    >
      <header className={css.panelHead}>
        <h2>{t('document.title')}</h2>
        <IconButton label={t('common.close')} onClick={closePanel}>
          <X size={20} aria-hidden />
        </IconButton>
      </header>
      <iframe className={css.documentFrame} title={t('document.title')} src={shown} allow="clipboard-write" />
    </aside>
  );
}
