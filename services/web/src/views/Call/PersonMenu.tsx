import {
  EllipsisVertical,
  MessageSquare,
  MicOff,
  Pin,
  PinOff,
  ShieldCheck,
  UserX,
  VideoOff,
  Volume2,
} from 'lucide-react';
import { Slider } from 'radix-ui';
import { useState } from 'react';
import { t } from '../../i18n';
import { grantModerator, kick, muteOther, pin, privateMessage, setParticipantVolume } from '../../store/actions';
import { useStore } from '../../store/store';
import type { Participant } from '../../store/types';
import { Button, IconButton } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Menu, MenuItem, MenuSeparator } from '../../ui/Menu';
import css from './call.module.css';

interface PersonMenuProps {
  person: Participant;
  source: string;
  className?: string;
}

/** What one can do with somebody: on their tile and in the list of people. */
export function PersonMenu({ person, source, className = '' }: PersonMenuProps) {
  const moderator = useStore((s) => s.selfModerator);
  const pinned = useStore((s) => s.pinned === source);
  const volume = useStore((s) => s.volumes[person.id] ?? 1);
  const [asking, setAsking] = useState<'kick' | 'grant' | null>(null);
  const name = person.name || t('common.guest');
  const trigger = (
    <IconButton label={t('call.moreFor', { name })} className={className} tip={false}>
      <EllipsisVertical size={18} aria-hidden />
    </IconButton>
  );
  return (
    <>
      <Menu trigger={trigger} side="bottom" align="end">
        <MenuItem
          icon={pinned ? <PinOff size={18} aria-hidden /> : <Pin size={18} aria-hidden />}
          onSelect={() => pin(pinned ? null : source)}
        >
          {t(pinned ? 'call.unpin' : 'call.pin')}
        </MenuItem>
        <MenuItem icon={<MessageSquare size={18} aria-hidden />} onSelect={() => privateMessage(person.id)}>
          {t('call.private')}
        </MenuItem>
        <div className={css.volume}>
          <Volume2 size={18} aria-hidden />
          <Slider.Root
            className={css.slider}
            value={[Math.round(volume * 100)]}
            max={100}
            step={5}
            onValueChange={([value]) => setParticipantVolume(person.id, (value ?? 100) / 100)}
            onKeyDown={(event) => {
              if (event.key.startsWith('Arrow')) event.stopPropagation();
            }}
          >
            <Slider.Track className={css.sliderTrack}>
              <Slider.Range className={css.sliderRange} />
            </Slider.Track>
            <Slider.Thumb className={css.sliderThumb} aria-label={t('call.volume', { name })} />
          </Slider.Root>
        </div>
        {moderator ? (
          <>
            <MenuSeparator />
            {person.audioMuted ? null : (
              <MenuItem icon={<MicOff size={18} aria-hidden />} onSelect={() => void muteOther(person.id)}>
                {t('call.muteOther')}
              </MenuItem>
            )}
            {person.videoMuted ? null : (
              <MenuItem icon={<VideoOff size={18} aria-hidden />} onSelect={() => void muteOther(person.id, 'video')}>
                {t('call.stopVideoOther')}
              </MenuItem>
            )}
            {person.moderator ? null : (
              <MenuItem icon={<ShieldCheck size={18} aria-hidden />} onSelect={() => setAsking('grant')}>
                {t('call.grant')}
              </MenuItem>
            )}
            <MenuItem icon={<UserX size={18} aria-hidden />} danger onSelect={() => setAsking('kick')}>
              {t('call.kick')}
            </MenuItem>
          </>
        ) : null}
      </Menu>
      {asking ? (
        <Dialog
          title={t(`call.${asking}Title`, { name })}
          onClose={() => setAsking(null)}
          actions={
            <>
              <Button onClick={() => setAsking(null)}>{t('common.cancel')}</Button>
              <Button
                tone={asking === 'kick' ? 'danger' : 'primary'}
                onClick={() => {
                  void (asking === 'kick' ? kick(person.id) : grantModerator(person.id));
                  setAsking(null);
                }}
              >
                {t(`call.${asking}Confirm`)}
              </Button>
            </>
          }
        >
          <p>{t(`call.${asking}Text`)}</p>
        </Dialog>
      ) : null}
    </>
  );
}
