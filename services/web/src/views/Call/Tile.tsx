import { Hand, MicOff, MonitorUp, Pin, WifiLow } from 'lucide-react';
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import { t } from '../../i18n';
import { showLevel } from '../../store/levels';
import { useStore } from '../../store/store';
import { type QualityLevel, qualityLevel, type TileModel } from '../../store/tiles';
import { Avatar } from '../../ui/Avatar';
import { Video } from '../../ui/Video';
import css from './call.module.css';
import { PersonMenu } from './PersonMenu';
import { observeSize, useTileSize } from './useTileSize';

interface TileProps {
  tile: TileModel;
  stage?: boolean;
  style?: CSSProperties;
  className?: string;
}

/** Somebody else's camera or screen. */
export function Tile({ tile, stage = false, style, className = '' }: TileProps) {
  const ref = useRef<HTMLDivElement>(null);
  const person = useStore((s) => s.participants[tile.id]);
  const track = useStore((s) => s.tracks[tile.key]?.track);
  const forwarded = useStore((s) => s.forwarded === null || s.forwarded.includes(tile.key));
  const pinned = useStore((s) => s.pinned === tile.key);
  const [avatarSize, setAvatarSize] = useState(72);
  const shown = person && (tile.kind === 'desktop' ? person.sharing : !person.videoMuted);
  useTileSize(ref, shown ? tile.key : null, stage);

  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    return observeSize(element, (width, height) =>
      setAvatarSize(Math.round(Math.min(144, Math.max(36, Math.min(width, height) * 0.38)))),
    );
  }, []);
  useEffect(() => {
    const element = ref.current;
    if (!element || tile.kind === 'desktop') return;
    return showLevel(element, tile.id);
  }, [tile.id, tile.kind]);

  if (!person) return null;
  const name = person.name || t('common.guest');
  const label = tile.kind === 'desktop' ? t('call.tileScreen', { name }) : t('call.tile', { name });
  const level = qualityLevel(person);
  return (
    <div
      ref={ref}
      role="group"
      aria-label={label}
      className={`${css.tile} ${className}`}
      style={style}
      data-testid="tile"
      data-endpoint-id={tile.id}
      data-source={tile.key}
      data-kind={tile.kind}
      data-fit={stage ? 'contain' : undefined}
      data-audio-muted={person.audioMuted}
      data-video-muted={person.videoMuted}
      data-hand={person.raisedHand !== null}
    >
      <div className={css.face}>
        {tile.kind === 'desktop' ? (
          <MonitorUp size={40} aria-hidden />
        ) : (
          <Avatar name={person.name} id={person.id} size={avatarSize} />
        )}
      </div>
      {shown && track ? <Video track={track} testId="remote-video" /> : null}
      <div className={css.badges}>
        {tile.kind === 'camera' && person.raisedHand !== null ? (
          <span className={css.badge} data-kind="hand" role="img" aria-label={t('call.handUp')}>
            <Hand size={16} aria-hidden />
          </span>
        ) : null}
        {pinned ? (
          <span className={css.badge} role="img" aria-label={t('call.pinned')}>
            <Pin size={16} aria-hidden />
          </span>
        ) : null}
        {shown && !forwarded && level !== 'good' ? (
          <span className={css.badge} role="img" aria-label={t('call.lowBandwidth')}>
            <WifiLow size={16} aria-hidden />
          </span>
        ) : null}
      </div>
      <div className={css.nameplate}>
        {tile.kind === 'camera' && person.audioMuted ? (
          <MicOff size={14} role="img" aria-hidden={false} aria-label={t('call.muted')} />
        ) : null}
        {level === 'good' ? null : <Bars level={level} />}
        <span>{label}</span>
      </div>
      <PersonMenu person={person} source={tile.key} className={css.tileMenu ?? ''} />
    </div>
  );
}

const LIT: Record<QualityLevel, number> = { good: 3, fair: 2, poor: 1, lost: 0 };

export function Bars({ level }: { level: QualityLevel }) {
  return (
    <span
      className={css.bars}
      role="img"
      aria-label={t('call.connection', { level: t(`call.connectionLevels.${level}`) })}
      data-level={level}
    >
      {[1, 2, 3].map((bar) => (
        <i key={bar} data-on={bar <= LIT[level]} />
      ))}
    </span>
  );
}
