import type { AnchorHTMLAttributes, ButtonHTMLAttributes, ReactNode } from 'react';
import { Tip } from './Tip';
import css from './ui.module.css';

interface Look {
  tone?: 'primary' | 'secondary' | 'danger';
  size?: 'normal' | 'large';
}

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & Look;

export function Button({ tone = 'secondary', size = 'normal', className = '', ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={classesOf(tone, size, className)} />;
}

type ButtonLinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & Look;

/** What leads somewhere and looks like a button. */
export function ButtonLink({
  tone = 'secondary',
  size = 'normal',
  className = '',
  children,
  ...rest
}: ButtonLinkProps) {
  return (
    <a {...rest} className={classesOf(tone, size, className)}>
      {children}
    </a>
  );
}

function classesOf(tone: string, size: string, className: string): string {
  return [css.button, css[tone], size === 'large' ? css.large : '', className].filter(Boolean).join(' ');
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
