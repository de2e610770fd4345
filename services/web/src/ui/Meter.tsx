import { useEffect, useRef } from 'react';
import { levelOf } from '../store/levels';
import css from './ui.module.css';

const BARS = 16;

/** Loudness as bars; written to the DOM at animation frames. */
export function Meter({ id, label }: { id: string; label: string }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let frame = 0;
    let last = -1;
    const draw = () => {
      const meter = ref.current;
      const on = Math.round(levelOf(id) * BARS);
      if (meter && on !== last) {
        last = on;
        [...meter.children].forEach((bar, i) => {
          (bar as HTMLElement).dataset.on = String(i < on);
        });
      }
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [id]);
  return (
    <div ref={ref} className={css.meter} role="img" aria-label={label} data-testid="mic-meter">
      {Array.from({ length: BARS }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars are the same ones for ever
        <span key={i} />
      ))}
    </div>
  );
}
