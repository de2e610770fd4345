import { User } from 'lucide-react';
import { avatarColour, initials } from '../store/tiles';
import css from './ui.module.css';

/** Decoration beside a name: never the only carrier of it. */
export function Avatar({ name, id, size }: { name: string; id: string; size: number }) {
  const letters = initials(name);
  return (
    <span
      aria-hidden
      className={css.avatar}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.38), background: avatarColour(name || id) }}
    >
      {letters || <User size={Math.round(size * 0.5)} />}
    </span>
  );
}
