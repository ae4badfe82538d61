// Chromium as the tests drive it. Whatever a page complains about fails the test that opened it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PATIENCE_MS = 10000;
const PROGRAMS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];

export function launch() {
  const executablePath = PROGRAMS.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('there is no Chromium: install the package chromium, or set CHROMIUM to its path');
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
  return chromium.launch({ executablePath, chromiumSandbox: false, args: quiet });
}

// A window of its own: no storage is shared with another. `complaints` holds what the console and the page reported.
// `expect` is called before a test provokes some: their reports may come later than what the page shows.
export async function openWindow(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints = [];
  const expected = [];
  const complain = (text) => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complain(message.text());
  });
  page.on('pageerror', (error) => complain(String(error)));
  page.on('dialog', (dialog) => {
    complain(`a dialog opened: ${dialog.message()}`);
    dialog.dismiss();
  });
  return {
    page,
    expect: (pattern) => expected.push(pattern),
    abandon: () => context.close(),
    async close() {
      await context.close();
      assert.deepEqual(complaints, [], 'the page complained');
    },
  };
}

// Nothing sticks out to the right of the window.
export async function assertNoSidewaysScroll(page) {
  const { content, window } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  assert.ok(content <= window, `the page is ${content} px wide in a window of ${window} px`);
}

// Whatever takes input says what for, to those who do not see the page too.
export async function assertNamed(page) {
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll('button, input, select, a')]
      .filter((one) => !(one.labels?.length || one.getAttribute('aria-label') || one.textContent.trim()))
      .map((one) => one.outerHTML));
  assert.deepEqual(nameless, []);
}

// One page of `browser` at `address` for the length of `work`.
export async function withPage(browser, address, work, options) {
  const window = await openWindow(browser, options);
  try {
    await window.page.goto(address);
    await work(window.page, window);
  } catch (error) {
    await window.abandon();
    throw error;
  }
  await window.close();
}
