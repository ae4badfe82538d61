import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Api } from './support/api.mjs';
import { assertNamed, assertNoSidewaysScroll, launch, withPage } from './support/browser.mjs';
import { openJob, row, signIn } from './support/operator.mjs';
import { ADMIN_TOKEN, startHost, temporaryFolder } from './support/program.mjs';

let browser, folder, host, api;
const onPage = (work, options) => withPage(browser, host.address, work, options);

before(async () => {
  folder = await temporaryFolder();
  host = await startHost(folder.path, { WORKER_COUNT: '2', WORKER_CONCURRENCY: '4', SHUTDOWN_GRACE: '0s' });
  api = new Api(host.address);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await host?.stop();
  await folder?.remove();
});

test('shows a job of every state, and the workers with what they run', () => onPage(async (page) => {
  const scheduled = await api.submit({ type: 'count', due: '1h' });
  const started = await api.submit({ type: 'obey' });
  const succeeded = await api.submit({ type: 'count' });
  const failed = await api.submit({ type: 'misbehave', data: { how: 'throw' } });
  const cancelled = await api.submit({ type: 'count', due: '1h' });
  await api.cancel(cancelled.id);
  await signIn(page);
  for (const [state, job] of Object.entries({ scheduled, started, succeeded, failed, cancelled }))
    await row(page, job.id, state).waitFor();
  await page.getByRole('button', { name: '1 started' }).waitFor();
  for (const worker of await api.workers())
    await page.locator('#workers tr').filter({ hasText: String(worker.pid) }).filter({ hasText: worker.hostname }).waitFor();
  await page.locator('#workers').getByRole('button', { name: `#${started.id} obey` }).waitFor();
  await api.cancel(started.id);
}));

test('follows a job from its submission to its end without a reload', () => onPage(async (page) => {
  await signIn(page);
  await page.evaluate(() => { globalThis.sinceTheBeginning = true; });
  const gate = `${folder.path}/gate`;
  execFileSync('mkfifo', [gate]);
  const job = await api.submit({ type: 'gate', data: { gate } });
  await row(page, job.id, 'started').waitFor();
  await writeFile(gate, 'pass\n');
  await row(page, job.id, 'succeeded').waitFor();
  const card = await openJob(page, job.id);
  await card.getByText('"said": "pass"').waitFor();
  assert.equal(await page.evaluate(() => globalThis.sinceTheBeginning), true);
}));

test('tells why a job failed, in the list and with all of its attempts', () => onPage(async (page) => {
  const first = await api.submit({ type: 'flaky', data: { how: 'throw' } });
  const last = await api.finished(first.id);
  await signIn(page);
  await row(page, last.id, 'the disk of the printer is on fire').waitFor();
  const card = await openJob(page, last.id);
  await card.locator('#job-error').getByText('the disk of the printer is on fire').waitFor();
  assert.equal(await card.locator('#job-attempts li').filter({ hasText: 'on fire' }).count(), 3);
}));

test('runs a failed job again', () => onPage(async (page) => {
  const failed = await api.submit({ type: 'misbehave', data: { how: 'throw' } });
  await api.finished(failed.id);
  await signIn(page);
  const card = await openJob(page, failed.id);
  assert.ok(await card.getByRole('button', { name: 'Cancel' }).isDisabled());
  await card.getByRole('button', { name: 'Retry' }).click();
  const again = page.getByRole('heading', { name: new RegExp(`Job #(?!${failed.id}$)`) });
  await again.waitFor();
  await row(page, Number((await again.textContent()).slice(5)), 'failed').waitFor();
}));

test('stops a running job', () => onPage(async (page) => {
  const job = await api.submit({ type: 'obey' });
  await signIn(page);
  await row(page, job.id, 'started').waitFor();
  const card = await openJob(page, job.id);
  assert.ok(await card.getByRole('button', { name: 'Retry' }).isDisabled());
  await card.getByRole('button', { name: 'Cancel' }).click();
  await row(page, job.id, 'cancelled').waitFor();
  assert.equal((await api.job(job.id)).state, 'cancelled');
}));

test('shows the jobs of one state when its count is pressed, and all when it is pressed again', () => onPage(async (page) => {
  const failed = await api.submit({ type: 'misbehave', data: { how: 'throw' } });
  const succeeded = await api.submit({ type: 'count' });
  await Promise.all([api.finished(failed.id), api.finished(succeeded.id)]);
  await signIn(page);
  await row(page, succeeded.id).waitFor();
  const count = page.getByRole('button', { name: /failed$/ });
  await count.click();
  await row(page, succeeded.id).waitFor({ state: 'detached' });
  await row(page, failed.id).waitFor();
  assert.equal(await count.getAttribute('aria-pressed'), 'true');
  await count.click();
  await row(page, succeeded.id).waitFor();
}));

test('turns a wrong token away with a sentence and lets the right one in', () => onPage(async (page, window) => {
  window.expect(/status of 401/);
  for (const [token, sentence] of [['wrong', /token/i], ['clé', 'A token has only visible ASCII characters.']]) {
    await page.getByLabel('Token').fill(token);
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: sentence }).waitFor();
    assert.ok(await page.getByRole('main').isHidden());
  }
  await signIn(page);
}));

test('takes the token of a link and removes it from the address', () => withPage(
  browser, `${host.address}#token=${ADMIN_TOKEN}`, async (page) => {
    await page.getByRole('heading', { name: 'Workers' }).waitFor();
    assert.equal(page.url(), host.address);
  }));

test('forgets everything at sign-out', () => onPage(async (page) => {
  const job = await api.submit({ type: 'count' });
  await signIn(page);
  await row(page, job.id).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token').waitFor();
  await page.reload();
  await page.getByLabel('Token').waitFor();
  assert.equal(await page.locator('#jobs tr').count(), 0);
}));

test('is worked with the keyboard alone', () => onPage(async (page) => {
  const job = await api.submit({ type: 'count' });
  await page.keyboard.type(ADMIN_TOKEN);
  await page.keyboard.press('Enter');
  await row(page, job.id, 'succeeded').waitFor();
  const opener = row(page, job.id).getByRole('button');
  await opener.focus();
  await page.keyboard.press('Enter');
  const card = page.getByRole('region', { name: `Job #${job.id}` });
  await card.and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Escape');
  await card.waitFor({ state: 'hidden' });
  await opener.and(page.locator(':focus')).waitFor();
  await assertNamed(page);
}));

for (const colorScheme of ['light', 'dark'])
  test(`fits a telephone, ${colorScheme}`, () => onPage(async (page) => {
    const tag = 'a-tag-that-is-much-longer-than-a-telephone-is-wide-'.repeat(3);
    const job = await api.submit({ type: 'misbehave', tag, data: { how: 'throw', unbroken: tag } });
    await api.finished(job.id);
    await assertNoSidewaysScroll(page);
    await signIn(page);
    await openJob(page, job.id);
    await assertNoSidewaysScroll(page);
  }, { viewport: { width: 380, height: 800 }, colorScheme }));
