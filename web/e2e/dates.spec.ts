import type { PhotoDetail } from '../src/api/types';
import { shortDateTime } from '../src/lib/dates';
import { ownLibrary, type OwnLibrary } from './own_library';
import { api } from './program';
import { expect, notices, test, tiles } from './test';

let own: OwnLibrary;
test.beforeAll(async () => {
  own = await ownLibrary({ count: 4 });
});
test.afterAll(() => own?.stop());

const takenAt = async () => Promise.all(own.photos.map(async ({ id }) => (await api<PhotoDetail>(own.url, `/photos/${id}`)).taken_at));
const shifted = (taken: string | null, hours: number) => (taken === null ? null : new Date(Date.parse(`${taken.slice(0, 19)}Z`) + hours * 3_600_000).toISOString().slice(0, 19));

test('a shift shows what it would do, does nothing until told, and is undone', async ({ page }) => {
  const before = await takenAt();
  await page.goto(own.url);
  await expect(tiles(page).first()).toBeVisible();
  await page.keyboard.press('Control+a');
  await page.getByRole('button', { name: 'Edit dates…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Dates of 4 photos/ });
  const apply = dialog.getByRole('button', { name: /^Change/ });
  await expect(apply).toBeDisabled();

  await dialog.getByLabel('Direction').selectOption({ label: 'Earlier (−)' });
  await dialog.getByLabel('Hours').fill('3');
  const rows = dialog.getByRole('table', { name: 'What would change' }).getByRole('row');
  await expect(rows).toHaveCount(1 + own.photos.length);
  for (const [i, photo] of own.photos.entries()) {
    const row = rows.filter({ hasText: photo.name });
    await expect(row).toContainText(shortDateTime(before[i]));
    await expect(row).toContainText(shortDateTime(shifted(before[i]!, -3)));
  }
  await expect(dialog.getByText('4 photos would change')).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  expect(await takenAt()).toEqual(before);

  await page.getByRole('button', { name: 'Edit dates…' }).click();
  await dialog.getByLabel('Hours').fill('3');
  await dialog.getByRole('button', { name: 'Change 4 dates' }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(takenAt).toEqual(before.map((taken) => shifted(taken, 3)));
  await notices(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(takenAt).toEqual(before);
});

test('a name without a date is listed as a problem', async ({ page }) => {
  await page.goto(`${own.url}/photo/${own.photos[0]!.id}`);
  await page.getByRole('button', { name: 'Edit the date' }).click();
  const dialog = page.getByRole('dialog', { name: /^Dates of 1 photo/ });
  await dialog.getByRole('tab', { name: 'From file name' }).click();
  await expect(dialog.getByText('1 cannot')).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Change/ })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});
