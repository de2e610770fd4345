import { Tooltip } from 'radix-ui';
import { useStore } from './store/store';
import { Toasts } from './ui/Toasts';
import { Call } from './views/Call/Call';
import { Home } from './views/Home';
import { Left } from './views/Left';
import { Prejoin } from './views/Prejoin';
import { Problem } from './views/Problem';
import { WaitingForHost } from './views/WaitingForHost';

export function App() {
  const phase = useStore((s) => s.phase);
  return (
    <Tooltip.Provider delayDuration={400} skipDelayDuration={200}>
      {phase === 'home' ? <Home /> : null}
      {phase === 'prejoin' || phase === 'joining' ? <Prejoin joining={phase === 'joining'} /> : null}
      {phase === 'waiting' ? <WaitingForHost /> : null}
      {phase === 'call' ? <Call /> : null}
      {phase === 'left' ? <Left /> : null}
      {phase === 'problem' ? <Problem /> : null}
      <Toasts />
    </Tooltip.Provider>
  );
}
