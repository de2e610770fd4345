import { SendHorizontal, X } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { ChatMessage } from '../../conference/Room';
import { t } from '../../i18n';
import { closePanel, sendChat, setChatTo } from '../../store/actions';
import { useStore } from '../../store/store';
import { IconButton } from '../../ui/Button';
import ui from '../../ui/ui.module.css';
import css from './call.module.css';

const clock = new Intl.DateTimeFormat('en', { timeStyle: 'short' });

export interface ChatGroup {
  key: string;
  first: ChatMessage;
  messages: ChatMessage[];
}

/** Messages of one author within one minute stand together. */
export function groupMessages(messages: readonly ChatMessage[]): ChatGroup[] {
  const groups: ChatGroup[] = [];
  for (const message of messages) {
    const last = groups[groups.length - 1];
    const together =
      last &&
      last.first.from === message.from &&
      last.first.own === message.own &&
      last.first.privateWith === message.privateWith &&
      Math.floor(last.first.at / 60_000) === Math.floor(message.at / 60_000);
    if (together) last.messages.push(message);
    else groups.push({ key: `${message.id}-${message.from}`, first: message, messages: [message] });
  }
  return groups;
}

const LINK = /(https?:\/\/[^\s<>"')\]]+)/g;

export function Linked({ text }: { text: string }) {
  let offset = 0;
  return text.split(LINK).map((part, index) => {
    const key = offset;
    offset += part.length;
    return index % 2 === 1 ? (
      <a key={key} href={part} target="_blank" rel="noopener noreferrer">
        {part}
      </a>
    ) : (
      part
    );
  });
}

export function Chat() {
  const messages = useStore((s) => s.chat);
  const participants = useStore((s) => s.participants);
  const to = useStore((s) => s.chatTo);
  const [draft, setDraft] = useState('');
  const end = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const nameOf = (who: string | null) => (who && participants[who]?.name) || t('common.guest');

  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when a message comes, not when the ref does
  useEffect(() => {
    end.current?.scrollIntoView?.({ block: 'end' });
  }, [messages.length]);
  useEffect(() => {
    input.current?.focus();
  }, []);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (draft.trim() === '') return;
    sendChat(draft);
    setDraft('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
  };

  return (
    <aside className={css.panel} aria-labelledby={`${id}-title`} data-testid="chat-panel">
      <div className={css.panelHead}>
        <h2 id={`${id}-title`}>{t('chat.title')}</h2>
        <IconButton label={t('common.close')} onClick={closePanel} tip={false}>
          <X size={20} aria-hidden />
        </IconButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region has to be reachable by keyboard */}
      <div className={css.messages} role="log" aria-label={t('chat.log')} aria-live="off" tabIndex={0}>
        {messages.length === 0 ? (
          <div className={css.empty}>
            <strong>{t('chat.empty')}</strong>
            {t('chat.emptyHint')}
          </div>
        ) : null}
        {groupMessages(messages).map(({ key, first, messages: lines }) => (
          <div key={key} className={css.group} data-private={first.privateWith !== null} data-testid="chat-group">
            <div className={css.groupHead}>
              <strong>{first.own ? t('common.you') : first.fromName || nameOf(first.from)}</strong>
              {first.privateWith ? (
                <span className={css.privateNote}>
                  {first.own ? t('chat.privateTo', { name: nameOf(first.privateWith) }) : t('chat.privateFrom')}
                </span>
              ) : null}
              <time dateTime={new Date(first.at).toISOString()}>{clock.format(first.at)}</time>
            </div>
            {lines.map((line) => (
              <p key={line.id} data-testid="chat-message">
                <Linked text={line.text} />
              </p>
            ))}
          </div>
        ))}
        <div ref={end} />
      </div>
      <form className={css.compose} onSubmit={submit}>
        <div className={css.sendTo}>
          <label htmlFor={`${id}-to`}>{t('chat.to')}</label>
          <select
            id={`${id}-to`}
            className={`${ui.input} ${ui.select}`}
            value={to ?? ''}
            onChange={(event) => setChatTo(event.target.value || null)}
          >
            <option value="">{t('chat.everyone')}</option>
            {Object.values(participants).map((p) => (
              <option key={p.id} value={p.id}>
                {p.name || t('common.guest')}
              </option>
            ))}
          </select>
        </div>
        <div className={css.composeRow}>
          <textarea
            ref={input}
            className={ui.input}
            rows={1}
            maxLength={4000}
            value={draft}
            aria-label={t('chat.message')}
            placeholder={t('chat.placeholder')}
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={onKeyDown}
          />
          <IconButton type="submit" label={t('chat.send')} className={css.send} disabled={draft.trim() === ''}>
            <SendHorizontal size={20} aria-hidden />
          </IconButton>
        </div>
      </form>
    </aside>
  );
}
