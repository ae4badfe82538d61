import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Api } from './support/api.mjs';
import { launch, withPage } from './support/browser.mjs';
import { openJob, row, signIn } from './support/operator.mjs';
import { freePortPair, startHost, temporaryFolder } from './support/program.mjs';

const SCRIPT = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
let browser, folder, host, api;

before(async () => {
  folder = await temporaryFolder();
  host = await startHost(folder.path, { PORT: String(await freePortPair()) });
  api = new Api(host.address);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await host?.stop();
  await folder?.remove();
});

test('shows scripts in tag, data and result as text', () => withPage(browser, host.address, async (page) => {
  const gate = `${folder.path}/gate`;
  execFileSync('mkfifo', [gate]);
  const job = await api.submit({ type: 'gate', tag: SCRIPT, data: { gate, text: SCRIPT } });
  await writeFile(gate, `${SCRIPT}\n`);
  await api.finished(job.id);
  await signIn(page);
  await row(page, job.id, SCRIPT).waitFor();
  const card = await openJob(page, job.id);
  await card.locator('#job-result').filter({ hasText: '<script>alert(2)</script>' }).waitFor();
  await card.locator('#job-data').filter({ hasText: '<script>alert(2)</script>' }).waitFor();
  assert.equal(await page.locator('img, main script').count(), 0);
}));

test('shows characters that would turn a text around', () => withPage(browser, host.address, async (page) => {
  const job = await api.submit({ type: 'count', tag: 'invoice\u202Efdp.exe' });
  await signIn(page);
  await row(page, job.id, 'invoice\\u202efdp.exe').waitFor();
}));

test('is sent with a policy under which no markup or script of a text becomes part of the page', () => withPage(browser, host.address, async (page, window) => {
  window.expect(/Trusted(HTML|Script)/);
  const { headers } = await fetch(host.address);
  assert.match(headers.get('content-security-policy'), /default-src 'none'; script-src 'self';/);
  assert.doesNotMatch(headers.get('content-security-policy'), /unsafe|\*/);
  for (const markup of [SCRIPT, '<b>bold</b>'])
    await assert.rejects(page.evaluate((text) => { document.body.innerHTML = text; }, markup), /TrustedHTML/);
  await assert.rejects(page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'alert(3)';
    document.body.append(script);
  }), /TrustedScript/);
}));

test('says that the server is away, and goes on when it is back', () => withPage(browser, host.address, async (page, window) => {
  await signIn(page);
  window.expect(/net::ERR_/);
  await host.stop();
  await page.getByRole('status').filter({ hasText: 'The server does not answer.' }).waitFor();
  host = await startHost(folder.path, { PORT: new URL(host.address).port });
  await page.getByRole('status').filter({ hasText: 'As of' }).waitFor();
  const job = await api.submit({ type: 'count' });
  await row(page, job.id, 'succeeded').waitFor();
}));
