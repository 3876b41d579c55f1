import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Backup, Operation, Page as Listed, PhotoDetail, PhotoPage, Root } from '../src/api/types';
import { bring, ownLibrary, type OwnLibrary } from './own_library';
import { api, completed, operationThat } from './program';
import { expect, test } from './test';

let own: OwnLibrary;
test.beforeEach(async () => {
  own = await ownLibrary({ count: 4 });
});
test.afterEach(() => own?.stop());

const root = async () => (await api<{ items: Root[] }>(own.url, '/roots')).items[0]!;
const fileOf = async (id: string) => (await api<PhotoDetail>(own.url, `/photos/${id}`)).files[0]!.path;

test('where decisions are written is chosen per folder, and holds', async ({ page }) => {
  const photo = own.photos[0]!;
  const path = await fileOf(photo.id);
  await page.goto(`${own.url}/library`);
  const mode = page.getByLabel(`Where decisions about photos of ${(await root()).path} are written`);
  await mode.selectOption({ label: 'Library only' });
  await expect.poll(async () => (await root()).write_mode).toBe('database');
  await expect(page.getByRole('region', { name: 'Folders' })).toContainText('No file of this folder is ever changed');

  const before = await readFile(path);
  const rate = async (stars: number, words: RegExp) => {
    await page.goto(`${own.url}/photo/${photo.id}`);
    await page.getByRole('button', { name: `Rate ${stars} star${stars === 1 ? '' : 's'}` }).click();
    await expect(page.getByRole('region', { name: 'Title and keywords' }).getByRole('status')).toContainText(words);
    await expect.poll(async () => (await api<PhotoDetail>(own.url, `/photos/${photo.id}`)).rating).toBe(stars);
  };
  await rate(2, /library only/);
  expect((await readFile(path)).equals(before)).toBe(true);

  await page.goto(`${own.url}/library`);
  await mode.selectOption({ label: 'Side files' });
  await expect.poll(async () => (await root()).write_mode).toBe('sidecar');
  await rate(3, /side file/);
  expect((await readFile(path)).equals(before)).toBe(true);
  const beside = await readdir(join(own.folder, 'camera'));
  expect(beside.filter((name) => name.toLowerCase().endsWith('.xmp')).length).toBe(1);

  await page.goto(`${own.url}/library`);
  await mode.selectOption({ label: 'Into the files' });
  await expect.poll(async () => (await root()).write_mode).toBe('file');
  await page.reload();
  await expect(mode).toHaveValue('file');
  await rate(4, /into the file/);
  expect((await readFile(path)).equals(before)).toBe(false);
});

test('a backup is made, and restoring it says what is kept', async ({ page }) => {
  const backups = async () => (await api<{ items: Backup[] }>(own.url, '/backups')).items;
  const before = (await backups()).length;
  await page.goto(`${own.url}/library`);
  const panel = page.getByRole('region', { name: 'Backups' });
  await panel.getByRole('button', { name: 'Back up now' }).click();
  await expect.poll(async () => (await backups()).length).toBe(before + 1);
  const restore = panel.getByRole('button', { name: /^Restore the backup/ });
  await expect(restore).toHaveCount(before + 1);
  await restore.first().click();
  const dialog = page.getByRole('dialog', { name: /^Restore the backup/ });
  await expect(dialog).toContainText('are kept');
  await dialog.getByRole('button', { name: 'Keep the present one' }).click();
  await expect(dialog).toBeHidden();
});

test('the library is verified, and its operation says what it found', async ({ page }) => {
  await page.goto(`${own.url}/library`);
  await page.getByRole('region', { name: 'Care' }).getByRole('button', { name: 'Verify' }).click();
  const { id } = await operationThat(own.url, '/operations', (operation) => operation.kind === 'verify' && completed(operation));
  await page.goto(`${own.url}/operations`);
  const { label, failed } = await api<Operation>(own.url, `/operations/${id}`);
  expect(failed ?? 0).toBe(0);
  const card = page.getByRole('article', { name: label, exact: true }).first();
  await expect(card.locator('dl > div').filter({ hasText: 'Rotten' }).locator('dd')).toHaveText('0');
  await card.getByRole('button', { name: 'Details' }).click();
  await expect(page.getByRole('dialog', { name: /^Details of/ })).toBeVisible();
});

test('a card is imported: what is known is left out, and nothing moves before it was seen', async ({ page }) => {
  const known = await bring(own.outside, 1);
  const fresh = await bring(own.outside, 2, 4);
  await page.goto(`${own.url}/import`);
  await page.getByLabel('Source folder').fill(own.outside);
  await page.getByLabel('Folders by').fill('from card/{yyyy}');
  await expect(page.getByText('A photo of today goes to')).toContainText(`from card/${new Date().getFullYear()}`);
  const start = page.getByRole('button', { name: /^(Import|Copy)/ });
  await expect(start).toBeDisabled();
  await page.getByRole('button', { name: 'Look what is there' }).click();
  const plan = page.getByRole('table', { name: 'What would be imported' });
  await expect(plan.getByRole('row').filter({ hasText: known[0]! })).toContainText('in the library');
  for (const name of fresh) await expect(plan.getByRole('row').filter({ hasText: name })).toContainText('new');
  expect(existsSync(join(own.folder, 'from card'))).toBe(false);

  await page.getByRole('button', { name: 'Copy 2 files' }).click();
  await operationThat(own.url, '/operations', (operation) => operation.kind === 'import' && completed(operation));
  const last = page.getByRole('region', { name: 'Last import' });
  await expect(last.getByText('completed')).toBeVisible();
  await expect.poll(async () => (await api<PhotoPage>(own.url, '/photos?limit=100')).items.length).toBe(own.photos.length + 2);
  // Copied: the card is as it was.
  for (const name of [...known, ...fresh]) expect(existsSync(join(own.outside, name))).toBe(true);
  const { items } = await api<Listed<Operation>>(own.url, '/operations');
  expect(items.filter((operation) => operation.kind === 'import')).toHaveLength(1);
});
