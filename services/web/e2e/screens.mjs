// Every screen with made-up state, light and dark, large and small: screenshots, axe, and a content security policy.
// Usage: node e2e/screens.mjs [folder] [name...]
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { build, preview } from 'vite';
import { launch } from './browser.mjs';

const [folder = 'screens', ...only] = process.argv.slice(2);
const names = [
  'home',
  'prejoin',
  'denied',
  'alone',
  'grid2',
  'grid5',
  'grid12',
  'grid30',
  'stage',
  'chat',
  'people',
  'settings',
  'invite',
  'invite-found',
  'invite-signed-out',
  'invite-none',
  'invite-failed',
  'reconnecting',
  'blocked',
  'left',
  'kicked',
  'password',
  'waiting',
  'login',
  'expired',
  'media',
  'channel-lost',
  'focus-silent',
  'problem-unreachable',
  'problem-gateway',
  'problem-untrusted',
  'problem-restart',
  'problem-refused',
  'problem-full',
  'problem-bridge',
  'problem-config',
];
const sizes = [
  { name: 'wide', width: 1280, height: 800 },
  { name: 'phone', width: 375, height: 812 },
];

await mkdir(folder, { recursive: true });
const outDir = await mkdtemp(join(tmpdir(), 'jitsimesh-demo-'));
await build({ mode: 'demo', build: { outDir, emptyOutDir: true }, logLevel: 'error' });
const server = await preview({
  build: { outDir },
  preview: {
    port: 28556,
    host: '127.0.0.1',
    strictPort: true,
    proxy: {},
    headers: { 'Content-Security-Policy': "default-src 'self'" },
  },
  logLevel: 'error',
});
const browser = await launch();
let violations = 0;
for (const name of only.length > 0 ? only : names) {
  for (const size of sizes) {
    for (const theme of ['light', 'dark']) {
      // The other two combinations hold nothing new for axe: they are for people to look at.
      const inspected = (size.name === 'wide') === (theme === 'light');
      if (process.env.MESH_TEST_MODE === 'ci' && !inspected) continue;
      const context = await browser.newContext({
        viewport: { width: size.width, height: size.height },
        colorScheme: theme,
        reducedMotion: 'reduce',
        hasTouch: size.name === 'phone',
      });
      const page = await context.newPage();
      page.on('pageerror', (error) => console.error(`${name}: ${error.message}`));
      page.on('console', (message) => {
        if (!/Content Security Policy/.test(message.text())) return;
        violations += 1;
        console.error(`${name}: ${message.text()}`);
      });
      await page.goto(`http://127.0.0.1:28556/?demo=${name}`);
      await page.locator('#root > *').first().waitFor();
      await page.waitForTimeout(700);
      await page.screenshot({ path: `${folder}/${name}-${size.name}-${theme}.png` });
      const { violations: found } = inspected ? await new AxeBuilder({ page }).analyze() : { violations: [] };
      for (const violation of found) {
        violations += 1;
        console.error(`${name} ${size.name} ${theme}: ${violation.id}: ${violation.help}`);
        for (const node of violation.nodes.slice(0, 4)) {
          console.error(`    ${node.target.join(' ')}  ${node.any[0]?.message ?? node.all[0]?.message ?? ''}`);
        }
      }
      await context.close();
    }
  }
  console.log(name);
}
await browser.close();
await server.close();
await rm(outDir, { recursive: true });
console.log(violations === 0 ? 'no violations' : `${violations} violations`);
process.exit(violations === 0 ? 0 : 1);
