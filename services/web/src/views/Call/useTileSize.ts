import { type RefObject, useEffect } from 'react';
import { hideTile, showTile } from '../../store/visibleTiles';

/** Tells how large a source is shown, as long as it is. `source` null: nothing to ask for. */
export function useTileSize(ref: RefObject<HTMLElement | null>, source: string | null, stage: boolean): void {
  useEffect(() => {
    const element = ref.current;
    if (!element || !source) return;
    const token = Symbol(source);
    const report = () => showTile(token, source, { width: element.clientWidth, height: element.clientHeight, stage });
    const onResize = new ResizeObserver(report);
    // Tiles that are scrolled out of the filmstrip need no picture.
    const onScreen = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) {
        report();
        onResize.observe(element);
      } else {
        onResize.disconnect();
        hideTile(token);
      }
    });
    onScreen.observe(element);
    return () => {
      onScreen.disconnect();
      onResize.disconnect();
      hideTile(token);
    };
  }, [ref, source, stage]);
}

/** Size of an element while it is there. */
export function observeSize(element: HTMLElement, tell: (width: number, height: number) => void): () => void {
  const observer = new ResizeObserver(() => tell(element.clientWidth, element.clientHeight));
  observer.observe(element);
  tell(element.clientWidth, element.clientHeight);
  return () => observer.disconnect();
}
