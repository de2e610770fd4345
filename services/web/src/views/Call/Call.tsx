import { Volume2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ErrorKey } from '../../errors/codes';
import { t } from '../../i18n';
import { unblock } from '../../store/actions';
import { useStore } from '../../store/store';
import { ErrorCode } from '../../ui/ErrorCode';
import ui from '../../ui/ui.module.css';
import { Chat } from './Chat';
import css from './call.module.css';
import { Dialogs } from './Dialogs';
import { People } from './People';
import { SharedDocument } from './SharedDocument';
import { Stage } from './Stage';
import { Toolbar } from './Toolbar';
import { useShortcuts } from './useShortcuts';

const IDLE_MS = 4000;

/** True after four seconds without a sign of the user; any movement, touch or key ends it. */
function useIdle(): boolean {
  const [idle, setIdle] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    const wake = () => {
      setIdle(false);
      if (timer.current) clearTimeout(timer.current);
      timer.current = setTimeout(() => setIdle(true), IDLE_MS);
    };
    const events = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;
    for (const event of events) window.addEventListener(event, wake, { passive: true });
    wake();
    return () => {
      for (const event of events) window.removeEventListener(event, wake);
      if (timer.current) clearTimeout(timer.current);
    };
  }, []);
  return idle;
}

export function Call() {
  const panel = useStore((s) => s.panel);
  const dialog = useStore((s) => s.dialog);
  const [documentOpened, setDocumentOpened] = useState(false);
  if (panel === 'document' && !documentOpened) setDocumentOpened(true);
  const idle = useIdle();
  useShortcuts();
  return (
    <div className={css.call} data-testid="call" data-idle={idle && panel === null && dialog === null}>
      <main className={css.main} aria-label={t('call.stage')}>
        <h1 className="visuallyHidden">{t('call.stage')}</h1>
        <Ribbons />
        <Stage />
      </main>
      {panel === 'chat' ? <Chat /> : null}
      {panel === 'people' ? <People /> : null}
      {documentOpened ? <SharedDocument hidden={panel !== 'document'} /> : null}
      <Toolbar />
      <Dialogs />
    </div>
  );
}

function Ribbons() {
  const signalling = useStore((s) => s.signalling);
  const media = useStore((s) => s.media);
  const channelLost = useStore((s) => s.channelLost);
  const others = useStore((s) => s.order.length > 0);
  const blocked = useStore((s) => s.audioBlocked);
  return (
    <div className={css.ribbons}>
      {signalling === 'resuming' ? <Ribbon text={t('call.reconnecting')} testId="reconnecting" /> : null}
      {media === 'interrupted' ? (
        <Ribbon text={t('call.mediaInterrupted')} code="media" testId="media-interrupted" />
      ) : null}
      {media === 'connected' && channelLost ? (
        <Ribbon text={t('call.channelLost')} code="channel" testId="channel-lost" />
      ) : null}
      {others && (media === 'connecting' || media === 'waiting') ? (
        <Ribbon text={t('call.connecting')} testId="media-connecting" />
      ) : null}
      {blocked ? (
        <button type="button" className={css.ribbon} onClick={unblock} title={t('call.clickToHearHint')}>
          <Volume2 size={18} aria-hidden />
          {t('call.clickToHear')}
        </button>
      ) : null}
    </div>
  );
}

function Ribbon({ text, code, testId }: { text: string; code?: ErrorKey; testId: string }) {
  return (
    <div className={css.ribbon} role="status" data-testid={testId}>
      <span
        className={`${ui.spinner} ${css.small ?? ''}`}
        aria-hidden
        style={{ flex: 'none', width: 16, height: 16, borderWidth: 2 }}
      />
      <span>
        {text} {code ? <ErrorCode of={code} /> : null}
      </span>
    </div>
  );
}
