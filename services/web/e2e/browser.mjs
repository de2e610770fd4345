import { chromium } from 'playwright-core';

// With the camera and the microphone that Chromium makes up, and with media over loopback, where servers under test listen.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--use-fake-device-for-media-stream',
  '--allow-loopback-in-peer-connection',
];

/** Where a page plays sound that nobody has clicked for. */
export const AUTOPLAY = '--autoplay-policy=no-user-gesture-required';

/** Starts Chromium (CHROMIUM names another than Debian's). More arguments are added to those that every scenario needs. */
export function launch(...more) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...ARGUMENTS, ...more],
  });
}

/** A browser profile of its own, which takes a self-signed certificate and has the camera and the microphone; options are Playwright's. */
export async function profile(browser, timeout, options = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    permissions: ['camera', 'microphone'],
    ...options,
  });
  context.setDefaultTimeout(timeout);
  return context;
}
