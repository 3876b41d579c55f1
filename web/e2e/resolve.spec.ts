import { existsSync } from 'node:fs';
import type { DuplicatePage, TrashPage } from '../src/api/types';
import { ownLibrary, type OwnLibrary } from './own_library';
import { api } from './program';
import { expect, notices, test } from './test';

let own: OwnLibrary;
test.beforeEach(async () => {
  own = await ownLibrary({ count: 5, twice: 3 });
});
test.afterEach(() => own?.stop());

const groups = async () => (await api<DuplicatePage>(own.url, '/duplicates?tier=bytes&limit=100')).items;
const trash = async () => (await api<TrashPage>(own.url, '/trash')).items;

test('the others of a group go to the trash, with the file that was kept', async ({ page }) => {
  const [group] = await groups();
  const paths = group!.photos.map((photo) => photo.path);
  await page.goto(`${own.url}/duplicates`);
  const card = page.getByRole('main').getByRole('article').first();
  await expect(card.getByRole('checkbox', { checked: true })).toHaveCount(1);

  // The engine's choice is turned round.
  const engines = paths.find((path) => path === group!.photos.find((photo) => photo.id === group!.keep)!.path)!;
  const other = paths.find((path) => path !== engines)!;
  await card.getByRole('checkbox', { name: `Keep ${other}` }).click();
  await expect(card.getByRole('button', { name: /^Move .* to trash/ })).toBeDisabled();
  await card.getByRole('checkbox', { name: `Keep ${engines}` }).click();
  await card.getByRole('button', { name: 'Move the other to trash' }).click();

  await expect.poll(async () => (await trash()).map((entry) => [entry.path, entry.kept_path])).toEqual([[engines, other]]);
  expect(existsSync(engines)).toBe(false);
  expect(existsSync(other)).toBe(true);
  await expect(page.getByRole('main').getByRole('article')).toHaveCount(2);
  await notices(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(trash).toEqual([]);
  await expect.poll(() => existsSync(engines)).toBe(true);
});

test('a group that is kept whole does not come back', async ({ page }) => {
  const before = await groups();
  await page.goto(`${own.url}/duplicates`);
  const cards = page.getByRole('main').getByRole('article');
  await expect(cards).toHaveCount(before.length);
  await cards.first().getByRole('button', { name: 'Keep all' }).click();
  await expect(cards).toHaveCount(before.length - 1);
  await expect.poll(async () => (await groups()).length).toBe(before.length - 1);
  await page.reload();
  await expect(cards).toHaveCount(before.length - 1);
  expect(await trash()).toEqual([]);
});

test('all of a tier are resolved after they were counted', async ({ page }) => {
  await page.goto(`${own.url}/duplicates`);
  await page.getByRole('button', { name: 'Resolve all…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Resolve all: exact copies' });
  await expect(dialog).toContainText('3 files');
  await expect(dialog).toContainText('3 groups');
  await dialog.getByRole('button', { name: 'Move 3 files to the trash' }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(async () => (await trash()).length).toBe(3);
  await expect.poll(async () => (await groups()).length).toBe(0);
  await expect(page.getByText('No duplicates of this kind were found.')).toBeVisible();
  // Bursts are looked at one by one.
  await page.getByRole('tab', { name: 'Same moment' }).click();
  await expect(page.getByRole('button', { name: 'Resolve all…' })).toBeHidden();
});
