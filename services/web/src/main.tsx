import '@fontsource-variable/inter/wght.css';
import './ui/tokens.css';
import './i18n';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { startApplication } from './store/actions';
import { exposeHook } from './store/debugHook';

async function start(): Promise<void> {
  exposeHook(null);
  const demo = import.meta.env.DEV ? new URLSearchParams(location.search).get('demo') : null;
  if (demo && import.meta.env.DEV) {
    const { showDemo } = await import('./dev/demo');
    showDemo(demo);
  } else startApplication();
  const root = document.getElementById('root');
  if (root) {
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
  }
}

void start();
