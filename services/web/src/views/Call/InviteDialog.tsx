import { Copy, FileText, Mail, Share2 } from 'lucide-react';
import { useId } from 'react';
import { t } from '../../i18n';
import {
  canShareInvite,
  closeInvite,
  copyInvite,
  copyInviteText,
  inviteMail,
  sendInvites,
  shareInvite,
} from '../../store/invitations';
import { inviteLink } from '../../store/navigation';
import { useStore } from '../../store/store';
import { Button, ButtonLink } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import css from './invite.module.css';
import { PeoplePicker } from './PeoplePicker';

/** The link to the call, ways to hand it on, and people of the directory. */
export function InviteDialog() {
  const hasDirectory = useStore((s) => s.hasDirectory);
  return (
    <Dialog title={t('invite.title')} onClose={closeInvite} actions={hasDirectory ? <Send /> : null}>
      <div className={css.invite} data-testid="invite">
        <Link />
        {hasDirectory ? <PeoplePicker /> : null}
      </div>
    </Dialog>
  );
}

function Link() {
  const id = useId();
  return (
    <section className={css.linkPart} aria-labelledby={id}>
      <h3 id={id}>{t('invite.link')}</h3>
      <div className={css.link}>
        <span data-testid="invite-link">{inviteLink().replace(/^https?:\/\//, '')}</span>
        <Button onClick={() => void copyInvite()}>
          <Copy size={18} aria-hidden />
          {t('common.copy')}
        </Button>
      </div>
      <div className={css.ways}>
        <ButtonLink href={inviteMail()} data-testid="invite-mail">
          <Mail size={18} aria-hidden />
          {t('invite.mail')}
        </ButtonLink>
        <Button onClick={() => void copyInviteText()}>
          <FileText size={18} aria-hidden />
          {t('invite.copyText')}
        </Button>
        {canShareInvite() ? (
          <Button onClick={() => void shareInvite()}>
            <Share2 size={18} aria-hidden />
            {t('invite.share')}
          </Button>
        ) : null}
      </div>
    </section>
  );
}

/** Has the chosen people invited by the server's service; without one, a mail to them is opened. */
function Send() {
  const { chosen, sending, failure } = useStore((s) => s.invite);
  const byService = useStore((s) => s.sendsInvitations);
  if (chosen.length === 0) return null;
  return (
    <>
      {failure ? (
        <p className={css.failure} role="alert">
          {failure}
        </p>
      ) : null}
      {byService ? (
        <Button tone="primary" disabled={sending} data-testid="invite-send" onClick={() => void sendInvites()}>
          {sending ? t('invite.sending') : t('invite.send', { count: chosen.length })}
        </Button>
      ) : (
        <ButtonLink tone="primary" href={inviteMail(chosen)} data-testid="invite-send">
          <Mail size={18} aria-hidden />
          {t('invite.mailTo', { count: chosen.length })}
        </ButtonLink>
      )}
    </>
  );
}
