import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertNamed, assertNoSidewaysScroll, launch, withPage } from './support/browser.mjs';
import { beUser, jobs, news, press } from './support/demo.mjs';
import { freePortPair, startDemo, temporaryFolder } from './support/program.mjs';

let browser, folder, demo;
const asUser = (user, work, options) => withPage(browser, demo.address, async (page) => {
  await beUser(page, user);
  await work(page);
}, options);

before(async () => {
  folder = await temporaryFolder();
  demo = await startDemo(folder.path, await freePortPair());
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
  await folder?.remove();
});

// Remembers every text that a job's note had: progress is gone again before anybody can ask for it.
const watchNotes = (page) => page.evaluate(() => {
  globalThis.notes = [];
  const look = () => globalThis.notes.push(...[...document.querySelectorAll('#jobs .note')].map((note) => note.textContent));
  new MutationObserver(look).observe(document.getElementById('jobs'), { subtree: true, childList: true, characterData: true });
});

test('shows a user the progress and the end of each job, and nobody else', () => asUser(42, (page) => asUser(7, async (other) => {
  await watchNotes(page);
  await press(page, 'Resize a picture');
  await press(page, 'Import a table');
  await press(page, 'Send a mail');
  await press(page, "Write tonight's report");
  for (const type of ['resizeImage', 'importCsv', 'sendEmail', 'nightlyReport']) await jobs(page, `${type} #`).filter({ hasText: 'succeeded in' }).waitFor();
  for (const told of ['A picture is ready', 'rows of tables/customers.csv are imported', 'Mail to someone@example.com', 'The report is written'])
    await news(page, told).waitFor();
  const notes = await page.evaluate(() => globalThis.notes);
  assert.ok(notes.some((note) => /^\d+ rows$/.test(note)), `no progress among ${notes}`);
  await page.waitForFunction(() => document.querySelector('#news img').naturalWidth > 0);

  // What the other was told comes in order: after this one nothing of the first user's can come.
  await press(other, 'Send a mail');
  await news(other, 'Mail to someone@example.com').waitFor();
  assert.equal(await other.locator('#news li').count(), 1);
  assert.equal(await other.locator('#jobs li').count(), 1);
})));

test('tries a mail again that the server put off, and tells why another was refused', () => asUser(99, async (page) => {
  await press(page, 'Send one that needs a retry');
  await jobs(page, 'failed, will be tried again').filter({ hasText: 'attempt 1 of 6: the mail to later@example.com' }).waitFor();
  await jobs(page, 'succeeded in').filter({ hasText: 'attempt 2 of 6' }).waitFor();
  await news(page, 'Mail to later@example.com was accepted').waitFor();
  await press(page, 'Send one that is refused');
  await jobs(page, 'nobody@nowhere.invalid').filter({ hasText: 'failed in' }).waitFor();
}));

test('shows a user who comes back what was told before', () => asUser(42, async (page) => {
  await press(page, 'Send a mail');
  // A job's end comes after all that was told before it.
  await jobs(page, 'sendEmail #').filter({ hasText: 'succeeded in' }).waitFor();
  const before = await page.locator('#news li').count();
  await beUser(page, 7);
  await page.reload();
  await beUser(page, 42);
  await page.locator('#news li').nth(before - 1).waitFor();
  assert.equal(await page.locator('#news li').count(), before);
}));

test('shows the end of a job that came while nobody listened, and before the answer', () => asUser(7, async (page) => {
  await page.route('**/jobs/sendEmail', async (route) => {
    await page.evaluate(() => state.socket.close());
    await page.getByRole('status').filter({ hasText: 'the connection is lost' }).waitFor();
    const response = await route.fetch();
    const { id } = await response.json();
    await page.waitForFunction(async (job) => (await (await fetch(`/jobs/${job}`)).json()).state === 'succeeded', id);
    await page.getByRole('status').filter({ hasText: 'live as user 7' }).waitFor();
    await route.fulfill({ response });
  });
  await press(page, 'Send a mail');
  await jobs(page, 'sendEmail #').filter({ hasText: 'succeeded' }).waitFor();
}));

test('shows only the one chosen last when users are changed at once', () => withPage(browser, demo.address, async (page) => {
  await page.evaluate(() => {
    const user = document.getElementById('user');
    for (const one of ['7', '42', '7', '42', '99']) {
      user.value = one;
      user.dispatchEvent(new Event('change'));
    }
  });
  await page.getByRole('status').filter({ hasText: 'live as user 99' }).waitFor();
  await press(page, "Write tonight's report");
  await news(page, 'The report is written').waitFor();
  assert.equal(await news(page, 'The report is written').count(), 1);
}));

test('leads to the operator\'s page, signed in', () => asUser(42, async (page) => {
  await page.getByRole('link', { name: "The operator's page" }).click();
  await page.getByRole('heading', { name: 'Workers' }).waitFor();
  assert.equal(page.url(), demo.dashboard);
}));

for (const colorScheme of ['light', 'dark'])
  test(`fits a telephone and has a name for everything, ${colorScheme}`, () => asUser(42, async (page) => {
    await press(page, 'Send one that is refused');
    await jobs(page, 'nobody@nowhere.invalid').last().waitFor();
    await assertNoSidewaysScroll(page);
    await assertNamed(page);
  }, { viewport: { width: 380, height: 800 }, colorScheme }));

test('is worked with the keyboard alone', () => asUser(42, async (page) => {
  await page.getByLabel('as user').focus();
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Resize a picture' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Enter');
  await jobs(page, 'resizeImage #').first().waitFor();
}));
