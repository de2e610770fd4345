import { Hand, MicOff, Move } from 'lucide-react';
import { type CSSProperties, type PointerEvent, useEffect, useRef, useState } from 'react';
import { t } from '../../i18n';
import { showLevel } from '../../store/levels';
import { useStore } from '../../store/store';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/Button';
import { Video } from '../../ui/Video';
import css from './call.module.css';

const CORNERS = ['br', 'bl', 'tl', 'tr'] as const;
type Corner = (typeof CORNERS)[number];

interface OwnTileProps {
  /** Size of a place in the grid; without one it floats in a corner. */
  place?: CSSProperties;
}

/** The own picture: a tile among many, or in a corner of the stage, where it settles in the nearest one when dragged. */
export function OwnTile({ place }: OwnTileProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [corner, setCorner] = useState<Corner>('br');
  const [drag, setDrag] = useState<{ x: number; y: number; left: number; top: number } | null>(null);
  const id = useStore((s) => s.selfId);
  const name = useStore((s) => s.preferences.name);
  const track = useStore((s) => s.localVideo);
  const mirror = useStore((s) => s.preferences.mirror);
  const audioMuted = useStore((s) => s.audioMuted);
  const videoMuted = useStore((s) => s.videoMuted);
  const hand = useStore((s) => s.handRaised);

  useEffect(() => {
    const element = ref.current;
    return element ? showLevel(element, id) : undefined;
  }, [id]);

  const start = (event: PointerEvent<HTMLDivElement>) => {
    if (place || (event.target as HTMLElement).closest('button')) return;
    const box = event.currentTarget.getBoundingClientRect();
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ x: event.clientX - box.left, y: event.clientY - box.top, left: box.left, top: box.top });
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (drag) setDrag({ ...drag, left: event.clientX - drag.x, top: event.clientY - drag.y });
  };
  const end = (event: PointerEvent<HTMLDivElement>) => {
    if (!drag) return;
    const stage = event.currentTarget.parentElement?.getBoundingClientRect();
    setDrag(null);
    if (!stage) return;
    const right = event.clientX > stage.left + stage.width / 2;
    const bottom = event.clientY > stage.top + stage.height / 2;
    setCorner(`${bottom ? 'b' : 't'}${right ? 'r' : 'l'}` as Corner);
  };

  return (
    <div
      ref={ref}
      role="group"
      aria-label={t('call.ownTile')}
      className={place ? css.tile : `${css.tile} ${css.own}`}
      data-corner={drag ? undefined : corner}
      data-dragging={drag !== null}
      data-testid="own-tile"
      data-endpoint-id={id}
      data-audio-muted={audioMuted}
      data-video-muted={videoMuted}
      style={place ?? (drag ? { position: 'fixed', left: drag.left, top: drag.top } : undefined)}
      onPointerDown={start}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={() => setDrag(null)}
    >
      <div className={css.face}>
        <Avatar name={name} id={id} size={48} />
      </div>
      {track ? <Video track={track} mirrored={mirror} testId="own-video" /> : null}
      {hand ? (
        <div className={css.badges}>
          <span className={css.badge} data-kind="hand" role="img" aria-label={t('call.handUp')}>
            <Hand size={16} aria-hidden />
          </span>
        </div>
      ) : null}
      <div className={css.nameplate}>
        {audioMuted ? <MicOff size={14} role="img" aria-hidden={false} aria-label={t('call.muted')} /> : null}
        <span>{t('common.you')}</span>
      </div>
      {place ? null : (
        <IconButton
          label={t('call.moveOwn')}
          className={css.moveOwn ?? ''}
          tip={false}
          onClick={() => setCorner(CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length] ?? 'br')}
        >
          <Move size={16} aria-hidden />
        </IconButton>
      )}
    </div>
  );
}
