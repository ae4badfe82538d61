// Steps that every test of the operator's page takes.
import { ADMIN_TOKEN } from './program.mjs';

export async function signIn(page) {
  await page.getByLabel('Token').fill(ADMIN_TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor();
}

// The row of a job in the list, once it has this text.
export function row(page, id, text = '') {
  const number = page.getByRole('button', { name: `#${id}`, exact: true });
  return page.locator('#jobs tr').filter({ has: number }).filter({ hasText: text });
}

export async function openJob(page, id) {
  await row(page, id).getByRole('button').click();
  const card = page.getByRole('region', { name: `Job #${id}` });
  await card.waitFor();
  return card;
}
