import { TriangleAlert } from 'lucide-react';
import { useStore } from '../store/store';
import css from './ui.module.css';

/** Short notices on screen, and the live region that says them. */
export function Toasts() {
  const toasts = useStore((s) => s.toasts);
  const announcement = useStore((s) => s.announcement);
  return (
    <>
      <div className={css.toasts} aria-hidden>
        {toasts.map((toast) => (
          <div key={toast.id} className={css.toast} data-testid="toast">
            {toast.tone === 'problem' ? <TriangleAlert size={18} /> : null}
            {toast.text}
          </div>
        ))}
      </div>
      <div role="status" aria-live="polite" className="visuallyHidden" data-testid="announcement">
        {announcement}
      </div>
    </>
  );
}
