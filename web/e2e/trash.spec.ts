import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PhotoPage, TrashPage } from '../src/api/types';
import { ownLibrary, type OwnLibrary } from './own_library';
import { api } from './program';
import { expect, notices, test, tileOf, tiles } from './test';

let own: OwnLibrary;
test.beforeAll(async () => {
  own = await ownLibrary({ count: 5 });
});
test.afterAll(() => own?.stop());

const inTrash = async () => (await api<TrashPage>(own.url, '/trash')).items.map((entry) => entry.name).sort();
const inLibrary = async () => (await api<PhotoPage>(own.url, '/photos?limit=100')).items.length;
const onDisk = (name: string) => existsSync(join(own.folder, 'camera', name));

test('photos go to the trash, are found there, and come back', async ({ page }) => {
  const [first, second] = own.photos;
  await page.goto(own.url);
  for (const photo of [first!, second!]) {
    await tileOf(page, photo.id).hover();
    await tileOf(page, photo.id).getByRole('checkbox').click();
  }
  await page.getByRole('button', { name: 'Move to trash…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Move 2 photos to the trash?' });
  await dialog.getByLabel(/^Why/).fill('out of focus');
  await dialog.getByRole('button', { name: 'Move to trash' }).click();
  await expect.poll(inTrash).toEqual([first!.name, second!.name].sort());
  await expect.poll(inLibrary).toBe(own.photos.length - 2);
  expect(onDisk(first!.name)).toBe(false);
  await expect(tiles(page)).toHaveCount(own.photos.length - 2);

  await page.goto(`${own.url}/trash`);
  const rows = page.getByRole('table', { name: 'Files in the trash' }).getByRole('row');
  await expect(rows).toHaveCount(3);
  const row = rows.filter({ hasText: first!.name });
  await expect(row).toContainText('out of focus');
  await expect(row).toContainText(join(own.folder, 'camera'));
  await row.getByRole('button', { name: `Put ${first!.name} back` }).click();
  await expect.poll(inTrash).toEqual([second!.name]);
  await expect.poll(() => onDisk(first!.name)).toBe(true);
  await page.getByRole('button', { name: 'Put all back' }).click();
  await expect(page.getByText('The trash is empty.')).toBeVisible();
  await expect.poll(inLibrary).toBe(own.photos.length);
  expect(onDisk(second!.name)).toBe(true);
});

test('a photo leaves from the viewer, and undo brings it back', async ({ page }) => {
  const photo = own.photos[2]!;
  await page.goto(`${own.url}/photo/${photo.id}`);
  await expect(page.getByRole('dialog', { name: photo.name })).toBeVisible();
  await page.getByRole('button', { name: 'Move to the trash' }).click();
  await page.getByRole('dialog', { name: /^Move “/ }).getByRole('button', { name: 'Move to trash' }).click();
  await expect.poll(inTrash).toEqual([photo.name]);
  await notices(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(inTrash).toEqual([]);
  await expect.poll(() => onDisk(photo.name)).toBe(true);
});

test('deleting for good says what it means, and only then deletes', async ({ page }) => {
  const photo = own.photos[3]!;
  await api(own.url, '/trash', { photo_ids: [photo.id] });
  await expect.poll(inTrash).toEqual([photo.name]);
  await page.goto(`${own.url}/trash`);
  await page.getByRole('button', { name: 'Empty the trash…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Empty the trash?' });
  await expect(dialog).toContainText('This cannot be undone');
  await dialog.getByRole('button', { name: 'Keep them' }).click();
  await expect(dialog).toBeHidden();
  expect(await inTrash()).toEqual([photo.name]);

  await page.getByRole('button', { name: 'Empty the trash…' }).click();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect.poll(inTrash).toEqual([]);
  await expect(page.getByText('The trash is empty.')).toBeVisible();
  expect(onDisk(photo.name)).toBe(false);
});
