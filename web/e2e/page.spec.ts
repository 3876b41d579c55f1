import { expect, test, tiles } from './test';

const background = 'getComputedStyle(document.body).backgroundColor';

test('dark and light follow the system, and the choice of the reader', async ({ page }) => {
  await page.goto('/');
  await expect(tiles(page).first()).toBeVisible();
  const dark = await page.evaluate(background);
  expect(dark).toBe('rgb(20, 20, 20)');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(() => page.evaluate(background)).toBe('rgb(243, 243, 243)');
  await page.keyboard.press('t');
  await expect.poll(() => page.evaluate(background)).toBe(dark);
  await page.reload();
  await expect(tiles(page).first()).toBeVisible();
  expect(await page.evaluate(background)).toBe(dark);
});

test('every page is reached by its number, and the keys are listed', async ({ page }) => {
  await page.goto('/');
  await expect(tiles(page).first()).toBeVisible();
  for (const [key, name] of [['2', 'Albums'], ['3', 'Duplicates'], ['4', 'Operations'], ['5', 'Library'], ['6', 'Import'], ['7', 'Trash'], ['8', 'Models']] as const) {
    await page.keyboard.press(key);
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toContainText('Previous, next');
});

test('what the server refuses is said where it was asked', async ({ page }) => {
  await page.goto('/library');
  await page.getByRole('button', { name: 'Add folder' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a folder' });
  await dialog.getByRole('textbox').fill('/no/such/folder');
  await dialog.getByRole('button', { name: 'Add folder' }).click();
  const alert = dialog.getByRole('alert');
  await expect(alert).toContainText(/PATH_NOT_(FOUND|ALLOWED)/);
  await expect(alert).toContainText(/request /);

  await page.goto('/photo/00000000-0000-0000-0000-000000000000');
  await expect(page.getByRole('alert')).toContainText('NOT_FOUND');
});

test('a server that does not answer is said, and trying again works', async ({ page }) => {
  await page.route('**/api/v1/timeline*', (route) => route.abort());
  await page.goto('/');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('Tintype does not answer');
  await page.unroute('**/api/v1/timeline*');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(tiles(page).first()).toBeVisible();
  await expect(alert).toHaveCount(0);
});
