import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/**
 * `config.js` and `interface_config.js` are written by the edge proxy, not by this build, so the tags are added after
 * bundling. They stay relative: `/tenant/room` then reads `/tenant/config.js`, which carries that tenant's host names.
 */
const serverConfig: Plugin = {
  name: 'server-config',
  transformIndexHtml: {
    order: 'post',
    handler: () => [
      { tag: 'script', attrs: { src: './config.js' }, injectTo: 'head' },
      { tag: 'script', attrs: { src: './interface_config.js' }, injectTo: 'head' },
    ],
  },
};

const backend = process.env.MESH_URL ?? 'https://localhost:8443';
const proxied = [
  '/config.js',
  '/interface_config.js',
  '/http-bind',
  '/conference-request',
  '/xmpp-websocket',
  '/colibri-ws',
  '/people-search',
];

export default defineConfig({
  base: './',
  plugins: [react(), serverConfig],
  build: {
    // `static` is one of the words that can never be a room name.
    assetsDir: 'static',
    target: 'es2022',
    sourcemap: false,
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: Object.fromEntries(
      proxied.map((p) => [p, { target: backend, secure: false, ws: true, changeOrigin: true }]),
    ),
  },
  test: {
    environment: 'jsdom',
    include: ['test/**/*.test.{ts,tsx}'],
    setupFiles: ['test/setup.ts'],
    restoreMocks: true,
    // A machine that does much else draws slowly.
    testTimeout: 30_000,
    // The browser's build: the tests run in a DOM, and the one for Node wants packages that nothing else needs.
    alias: { 'strophe.js': fileURLToPath(new URL('./node_modules/strophe.js/dist/strophe.esm.js', import.meta.url)) },
  },
} as Parameters<typeof defineConfig>[0]);
