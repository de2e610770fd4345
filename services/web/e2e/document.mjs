// The shared document of two people in a call.
// Usage: node e2e/document.mjs https://localhost:8443[/path] FOLDER etherpad|stand-in
// With etherpad one types and the other reads it in Etherpad's own editor; a stand-in has a page with the id "pad" that says its own address.
// Prints one line a step; ends with 1 when a step fails. E2E_TIMEOUT (30000): milliseconds that one thing may take.
import { mkdir } from 'node:fs/promises';
import { launch, profile } from './browser.mjs';
import { step } from './steps.mjs';

const [base = 'https://localhost:8443', folder = 'screens/document', kind = 'etherpad'] = process.argv.slice(2);
const TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 30_000);
const room = `Doc${Date.now().toString(36)}`;
const violations = [];

await mkdir(folder, { recursive: true });
const browser = await launch();

async function person(name) {
  const context = await profile(browser, TIMEOUT, { viewport: { width: 1400, height: 800 } });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(`${name}: ${message.text()}`);
  });
  await page.goto(`${base}/${room}`);
  await page.getByLabel('Your name').fill(name);
  await page.getByTestId('join').click();
  await page.getByTestId('call').waitFor();
  await page.getByTestId('toggle-document').click();
  return page;
}

const frameOf = (page) => page.frameLocator('iframe[title="Shared document"]');
const editorOf = (page) =>
  frameOf(page).frameLocator('iframe[name="ace_outer"]').frameLocator('iframe[name="ace_inner"]').locator('body');

let failed = false;
try {
  let ann;
  let bob;
  await step('both open the document of the room', async () => {
    ann = await person('Ann');
    bob = await person('Bob');
    const addresses = await Promise.all(
      [ann, bob].map((page) => page.locator('iframe[title="Shared document"]').getAttribute('src')),
    );
    const [first, second] = addresses.map((address) => new URL(address).pathname);
    if (first !== second || !first.endsWith(room.toLowerCase())) throw new Error(`${first} and ${second}`);
  });
  if (kind === 'etherpad') {
    await step('what one types the other reads', async () => {
      await editorOf(ann).waitFor();
      await editorOf(ann).click();
      await ann.keyboard.type('Minutes of the meeting');
      await editorOf(bob).getByText('Minutes of the meeting').waitFor();
    });
  } else {
    await step('its page is the one behind the edge', async () => {
      for (const page of [ann, bob])
        await frameOf(page).locator('#pad').getByText(`/p/${room.toLowerCase()}`).waitFor();
    });
  }
  await step('it stays as it is while it is hidden', async () => {
    await ann.screenshot({ path: `${folder}/document.png` });
    await ann.getByTestId('toggle-document').click();
    await ann.getByTestId('document').waitFor({ state: 'hidden' });
    await ann.getByTestId('toggle-document').click();
    await ann.getByTestId('document').waitFor();
  });
  await step('the policy of the pages refused nothing', () => {
    if (violations.length > 0) throw new Error(violations.join('\n'));
  });
} catch {
  failed = true;
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
