import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Tip } from './Tip';
import css from './ui.module.css';

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  tone?: 'primary' | 'secondary' | 'danger';
  size?: 'normal' | 'large';
};

export function Button({ tone = 'secondary', size = 'normal', className = '', ...rest }: ButtonProps) {
  const classes = [css.button, css[tone], size === 'large' ? css.large : '', className].filter(Boolean).join(' ');
  return <button type="button" {...rest} className={classes} />;
}

type IconButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  /** Accessible name, shown as the tooltip too. */
  label: string;
  shortcut?: string | undefined;
  children: ReactNode;
  tip?: boolean;
};

export function IconButton({ label, shortcut, children, className = '', tip = true, ...rest }: IconButtonProps) {
  const button = (
    <button
      type="button"
      aria-label={label}
      aria-keyshortcuts={shortcut}
      {...rest}
      className={`${css.iconButton} ${className}`}
    >
      {children}
    </button>
  );
  return tip ? (
    <Tip text={label} shortcut={shortcut}>
      {button}
    </Tip>
  ) : (
    button
  );
}
