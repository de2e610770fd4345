import { Tooltip } from 'radix-ui';
import type { ReactElement } from 'react';
import css from './ui.module.css';

export function Tip({
  text,
  shortcut,
  children,
}: {
  text: string;
  shortcut?: string | undefined;
  children: ReactElement;
}) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        {/* The control carries the same text as its name already. */}
        <Tooltip.Content className={css.tooltip} sideOffset={8} collisionPadding={8} aria-hidden>
          {text}
          {shortcut ? <kbd>{shortcut}</kbd> : null}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
