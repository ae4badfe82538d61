import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Api } from './support/api.mjs';
import { launch, withPage } from './support/browser.mjs';
import { beUser, jobs, news, press } from './support/demo.mjs';
import { freePortPair, startDemo, temporaryFolder } from './support/program.mjs';

let browser, folder, port, demo;

before(async () => {
  folder = await temporaryFolder();
  port = await freePortPair();
  demo = await startDemo(folder.path, port);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
  await folder?.remove();
});

test('says that it is cut off, comes back, and shows what it missed', () => withPage(browser, demo.address, async (page, window) => {
  await beUser(page, 42);
  await press(page, 'Import a table');
  await jobs(page, 'importCsv').waitFor();
  window.expect(/net::ERR_|WebSocket connection/);
  await page.route('**/session?*', (route) => route.abort());
  await demo.stop();
  await page.locator('#link[data-state="off"]').waitFor();
  demo = await startDemo(folder.path, port);

  const api = new Api(demo.dashboard);
  const missed = await api.submit({ type: 'nightlyReport', userId: 42 });
  assert.equal((await api.finished(missed.id)).state, 'succeeded');
  await page.getByRole('status').filter({ hasText: 'the demo does not answer; trying again' }).waitFor();
  assert.equal(await news(page, 'The report is written').count(), 0);

  await page.unroute('**/session?*');
  await page.getByRole('status').filter({ hasText: 'live as user 42' }).waitFor();
  await news(page, 'The report is written').waitFor();
  await jobs(page, 'importCsv').filter({ hasText: 'succeeded' }).waitFor();
}));
