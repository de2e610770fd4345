import { ChevronLeft, ChevronRight, Copy, UserPlus } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { t } from '../../i18n';
import { copyInvite, openInvite } from '../../store/invitations';
import { inviteLink } from '../../store/navigation';
import { useStore } from '../../store/store';
import { arrange, fitGrid, type TileModel, tilesOf, tilesPerPage } from '../../store/tiles';
import { Button, IconButton } from '../../ui/Button';
import css from './call.module.css';
import { OwnTile } from './OwnTile';
import { Tile } from './Tile';
import { observeSize } from './useTileSize';

/** From this many others on a floating picture would hide somebody; it becomes a tile like theirs. */
const OWN_IN_GRID_FROM = 4;

/** Everybody's pictures: a grid, or one large with the others beside it. */
export function Stage() {
  const participants = useStore((s) => s.participants);
  const order = useStore((s) => s.order);
  const selfId = useStore((s) => s.selfId);
  const localDesktop = useStore((s) => s.localDesktop);
  const layout = useStore((s) => s.preferences.layout);
  const pinned = useStore((s) => s.pinned);
  const dominant = useStore((s) => s.dominant);
  const tiles = useMemo(
    () => tilesOf({ participants, order, selfId, localDesktop }),
    [participants, order, selfId, localDesktop],
  );
  const { mode, stage, others } = arrange(tiles, layout, pinned, dominant);
  return (
    <section
      aria-label={t('call.participants')}
      className={`${css.grid} ${mode === 'stage' ? css.stageMode : ''}`}
      data-testid="stage"
      data-mode={mode}
    >
      {tiles.length === 0 ? <Alone /> : null}
      {mode === 'grid' && tiles.length > 0 ? <Grid tiles={others} /> : null}
      {mode === 'stage' && stage ? (
        <div className={css.stageLayout} data-alone={others.length === 0}>
          <Tile key={stage.key} tile={stage} stage className={css.stageTile ?? ''} />
          {others.length > 0 ? (
            <div className={css.filmstrip} data-testid="filmstrip">
              {others.map((tile) => (
                <Tile key={tile.key} tile={tile} />
              ))}
            </div>
          ) : null}
        </div>
      ) : null}
      {mode === 'grid' && tiles.length >= OWN_IN_GRID_FROM ? null : <OwnTile />}
    </section>
  );
}

function Grid({ tiles }: { tiles: TileModel[] }) {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [page, setPage] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    return observeSize(element, (width, height) => setSize({ width, height }));
  }, []);
  const own = tiles.length >= OWN_IN_GRID_FROM ? 1 : 0;
  const perPage = tilesPerPage(size.width, size.height) - own;
  const pages = Math.max(1, Math.ceil(tiles.length / perPage));
  const current = Math.min(page, pages - 1);
  const visible = tiles.slice(current * perPage, (current + 1) * perPage);
  const fit = fitGrid(visible.length + own, size.width, size.height);
  return (
    <div className={pages > 1 ? css.paged : css.fill}>
      <div ref={ref} className={css.gridInner} data-testid="grid" data-columns={fit.columns}>
        {size.width > 0
          ? visible.map((tile) => <Tile key={tile.key} tile={tile} style={{ width: fit.width, height: fit.height }} />)
          : null}
        {own && size.width > 0 ? <OwnTile place={{ width: fit.width, height: fit.height }} /> : null}
      </div>
      {pages > 1 ? (
        <div className={css.pager}>
          <IconButton label={t('call.previousPage')} disabled={current === 0} onClick={() => setPage(current - 1)}>
            <ChevronLeft size={20} aria-hidden />
          </IconButton>
          <span>{t('call.page', { page: current + 1, pages })}</span>
          <IconButton label={t('call.nextPage')} disabled={current === pages - 1} onClick={() => setPage(current + 1)}>
            <ChevronRight size={20} aria-hidden />
          </IconButton>
        </div>
      ) : null}
    </div>
  );
}

function Alone() {
  return (
    <div className={css.alone} data-testid="alone">
      <h2>{t('call.alone')}</h2>
      <p>{t('call.aloneHint')}</p>
      <div className={css.link}>
        <span>{inviteLink().replace(/^https?:\/\//, '')}</span>
        <IconButton label={t('common.copy')} onClick={() => void copyInvite()}>
          <Copy size={18} aria-hidden />
        </IconButton>
      </div>
      <Button className={css.inviteButton ?? ''} onClick={openInvite}>
        <UserPlus size={18} aria-hidden />
        {t('invite.button')}
      </Button>
    </div>
  );
}
