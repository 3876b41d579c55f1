import type { PhotoDetail, PhotoPage } from '../src/api/types';
import { ownLibrary, type OwnLibrary } from './own_library';
import { api } from './program';
import { expect, notices, test, tileOf, tiles } from './test';

let own: OwnLibrary;
test.beforeAll(async () => {
  own = await ownLibrary({ count: 8 });
});
test.afterAll(() => own?.stop());

const detail = (id: string) => api<PhotoDetail>(own.url, `/photos/${id}`);
const rating = async (id: string) => (await detail(id)).rating ?? 0;
const ratings = async () => (await api<PhotoPage>(own.url, '/photos?sort=taken_at&order=desc&limit=100')).items.map((photo) => photo.rating ?? 0);

test('a photo is rated, picked and made a favourite by keys on its tile', async ({ page }) => {
  const [photo] = own.photos;
  await page.goto(own.url);
  await expect(tiles(page).first()).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(tiles(page).first()).toBeFocused();
  const tile = tiles(page).first();

  await page.keyboard.press('3');
  await expect(tile).toHaveAccessibleName(/3 stars/);
  await expect.poll(() => rating(photo!.id)).toBe(3);
  // Numbers turn pages only while no photo has the focus.
  await expect(tile).toBeFocused();

  await page.keyboard.press('p');
  await expect(tile).toHaveAccessibleName(/picked/);
  await expect.poll(async () => (await detail(photo!.id)).flag).toBe('pick');
  await page.keyboard.press('x');
  await expect.poll(async () => (await detail(photo!.id)).flag).toBe('reject');
  await page.keyboard.press('u');
  await expect.poll(async () => (await detail(photo!.id)).flag).toBeNull();

  await page.keyboard.press('f');
  await expect.poll(() => rating(photo!.id)).toBe(5);
  await page.keyboard.press('0');
  await expect.poll(() => rating(photo!.id)).toBe(0);
  await expect(tile).not.toHaveAccessibleName(/star/);
});

test('the star of a tile makes a favourite, which the toolbar finds', async ({ page }) => {
  const photo = own.photos[1]!;
  await page.goto(own.url);
  const tile = tileOf(page, photo.id);
  const star = tile.getByRole('button', { name: /^Favourite/ });
  await tile.hover();
  await star.click();
  await expect(star).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(async () => (await detail(photo.id)).favorite).toBe(true);

  await page.getByRole('button', { name: 'Only favourites' }).click();
  await expect(page).toHaveURL(/favorite=true/);
  await expect(tiles(page)).toHaveCount(1);
  await expect(tiles(page)).toHaveAttribute('data-photo', photo.id);
  await page.getByRole('button', { name: 'Only favourites' }).click();
  await expect(tiles(page)).toHaveCount(own.photos.length);

  await tile.hover();
  await star.click();
  await expect.poll(async () => (await detail(photo.id)).favorite).toBe(false);
});

test('a change that is refused is taken back and said', async ({ page }) => {
  const photo = own.photos[2]!;
  const before = await rating(photo.id);
  await page.route('**/api/v1/photos/*/favorite', (route) =>
    route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Conflict', status: 409, code: 'CONFLICT', detail: 'Another program is writing to this file.' }) }),
  );
  await page.goto(own.url);
  const tile = tileOf(page, photo.id);
  await tile.hover();
  const star = tile.getByRole('button', { name: /^Favourite/ });
  await star.click();
  await expect(notices(page)).toContainText('Another program is writing to this file.');
  await expect(star).toHaveAttribute('aria-pressed', 'false');
  expect(await rating(photo.id)).toBe(before);
});

test('several photos are rated at once, and it is undone', async ({ page }) => {
  const before = await ratings();
  await page.goto(own.url);
  await expect(tiles(page).first()).toBeVisible();
  await tileOf(page, own.photos[3]!.id).hover();
  await tileOf(page, own.photos[3]!.id).getByRole('checkbox').click();
  await tiles(page).nth(6).click({ modifiers: ['Shift'] });
  const bar = page.getByRole('toolbar', { name: 'Selected photos' });
  await expect(bar).toContainText('4 photos');

  await bar.getByRole('button', { name: 'Rate 4 stars' }).click();
  const expected = before.with(3, 4).with(4, 4).with(5, 4).with(6, 4);
  await expect.poll(ratings).toEqual(expected);
  await expect(tiles(page).nth(4)).toHaveAccessibleName(/4 stars/);

  await notices(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(ratings).toEqual(before);
  await expect(tiles(page).nth(4)).not.toHaveAccessibleName(/4 stars/);
  await page.keyboard.press('Escape');
  await expect(bar).toBeHidden();
});

test('everything is chosen by one key, and keys act on what is chosen', async ({ page }) => {
  await page.goto(own.url);
  await expect(tiles(page).first()).toBeVisible();
  await page.keyboard.press('Control+a');
  await expect(page.getByRole('toolbar', { name: 'Selected photos' })).toContainText(`${own.photos.length} photos`);
  await page.keyboard.press('p');
  const picked = async () => (await api<PhotoPage>(own.url, '/photos?flag=pick&limit=100')).items.length;
  await expect.poll(picked).toBe(own.photos.length);
  await page.keyboard.press('u');
  await expect.poll(picked).toBe(0);
});

test('the viewer rates by key and by star, and takes a title and keywords', async ({ page }) => {
  const photo = own.photos[7]!;
  await page.goto(`${own.url}/photo/${photo.id}`);
  const viewer = page.getByRole('dialog', { name: photo.name });
  await expect(viewer.getByRole('group', { name: /^Rating/ })).toBeVisible();
  await page.keyboard.press('2');
  await expect.poll(() => rating(photo.id)).toBe(2);
  await viewer.getByRole('button', { name: 'Rate 4 stars' }).click();
  await expect.poll(() => rating(photo.id)).toBe(4);
  await expect(viewer.getByRole('group', { name: 'Rating: 4 stars' })).toBeVisible();

  const panel = viewer.getByRole('region', { name: 'Title and keywords' });
  await panel.getByRole('button', { name: /^Edit the title/ }).click();
  await panel.getByRole('textbox', { name: 'Title' }).fill('Evening at the lake');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await detail(photo.id)).annotations.title).toBe('Evening at the lake');
  await panel.getByRole('textbox', { name: 'Add keywords' }).fill('lake, evening');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await detail(photo.id)).annotations.keywords).toEqual(expect.arrayContaining(['lake', 'evening']));
  await expect(panel.getByRole('status')).toContainText('The last change');
  await panel.getByRole('button', { name: 'Remove keyword lake' }).click();
  await expect.poll(async () => (await detail(photo.id)).annotations.keywords).not.toContain('lake');
});
