import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import css from './ui.module.css';

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
  side?: 'top' | 'bottom' | 'left' | 'right';
  align?: 'start' | 'center' | 'end';
  onOpenChange?: (open: boolean) => void;
}

export function Menu({ trigger, children, side = 'top', align = 'center', onOpenChange }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false} onOpenChange={onOpenChange ?? (() => {})}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={css.menu} side={side} align={align} sideOffset={8} collisionPadding={12} loop>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface ItemProps {
  icon?: ReactNode;
  children: ReactNode;
  danger?: boolean;
  onSelect: () => void;
}

export function MenuItem({ icon, children, danger = false, onSelect }: ItemProps) {
  return (
    <DropdownMenu.Item className={`${css.menuItem} ${danger ? css.menuDanger : ''}`} onSelect={onSelect}>
      {icon}
      <span className={css.menuText}>{children}</span>
    </DropdownMenu.Item>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: { value: T; label: string }[];
  onChange: (value: T) => void;
}

export function MenuChoice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <DropdownMenu.Group>
      <DropdownMenu.Label className={css.menuLabel}>{label}</DropdownMenu.Label>
      <DropdownMenu.RadioGroup value={value} onValueChange={(v) => onChange(v as T)}>
        {options.map((option) => (
          <DropdownMenu.RadioItem key={option.value} value={option.value} className={css.menuItem}>
            <span className={css.menuCheck}>
              <DropdownMenu.ItemIndicator>
                <Check size={18} aria-hidden />
              </DropdownMenu.ItemIndicator>
            </span>
            <span className={css.menuText}>{option.label}</span>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </DropdownMenu.Group>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className={css.menuSeparator} />;
}
