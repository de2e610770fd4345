import '@fontsource-variable/inter/wght.css';
import './ui/tokens.css';
import './i18n';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { startApplication } from './store/actions';
import { exposeHook } from './store/debugHook';
import { configurationOf, startEmbedding } from './store/embedding';

async function start(): Promise<void> {
  exposeHook(null);
  const mayDemo = import.meta.env.DEV || import.meta.env.MODE === 'demo';
  const demo = mayDemo ? new URLSearchParams(location.search).get('demo') : null;
  if (mayDemo && demo) {
    const { showDemo } = await import('./dev/demo');
    showDemo(demo);
  } else {
    startEmbedding();
    startApplication(configurationOf((window as unknown as { config?: unknown }).config));
  }
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
