// Firefox as a participant, driven over WebDriver BiDi, with the few calls that the scenarios make of a browser.
import puppeteer from 'puppeteer-core';

/** Starts Firefox with a fake camera and microphone; its contexts and pages are asked for as Chromium's are. */
export async function launchFirefox() {
  const firefox = await puppeteer.launch({
    browser: 'firefox', executablePath: process.env.FIREFOX || '/usr/bin/firefox-esr', headless: true, acceptInsecureCerts: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true, 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0,
      'media.peerconnection.ice.loopback': true, 'media.peerconnection.ice.obfuscate_host_addresses': false,
      // Several pages share one window, of which only one is in front; the others shall draw and tick all the same.
      'dom.min_background_timeout_value': 4, 'dom.timeout.enable_budget_timer_throttling': false, 'layout.throttled_frame_rate': 60,
      // A video codec of the browser's own, no download of another one.
      'media.gmp-manager.updateEnabled': false, 'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false,
    },
  });
  return {
    version: () => firefox.version(),
    async newContext({ viewport } = {}) {
      const context = await firefox.createBrowserContext();
      return {
        async newPage() {
          const page = await context.newPage();
          if (viewport) await page.setViewport(viewport);
          return page;
        },
      };
    },
    close: () => firefox.close(),
  };
}
