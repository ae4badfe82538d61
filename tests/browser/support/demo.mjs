// What a visitor of the example's page does and sees.
export async function beUser(page, user) {
  await page.getByLabel('as user').selectOption(String(user));
  await page.getByRole('status').filter({ hasText: `live as user ${user}` }).waitFor();
}

export function press(page, button) {
  return page.getByRole('button', { name: button, exact: true }).click();
}

export function jobs(page, text) {
  return page.locator('#jobs li').filter({ hasText: text });
}

export function news(page, text) {
  return page.locator('#news li').filter({ hasText: text });
}
