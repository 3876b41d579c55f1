import { bucketName } from '../src/lib/dates';
import type { PhotoPage, Timeline } from '../src/api/types';
import { api } from './program';
import { expect, picturesLoaded, serverUrl, test, tiles } from './test';

test('the timeline shows months and pictures', async ({ page }) => {
  const { items: months, total } = await api<Timeline>(serverUrl(), '/timeline?granularity=month');
  expect(months.length).toBeGreaterThan(4);
  await page.goto('/');
  await expect(page.getByText(`${total} photos`, { exact: true })).toBeVisible();
  const headers = page.getByRole('main').getByRole('heading', { level: 2 });
  await expect(headers.first()).toHaveText(bucketName(months[0]!.key));
  await expect(headers.nth(1)).toHaveText(bucketName(months[1]!.key));
  await expect(page.getByRole('region', { name: `${bucketName(months[0]!.key)}, ${months[0]!.count} photos` })).toBeVisible();
  expect(await picturesLoaded(page.getByRole('main'))).toBeGreaterThan(8);

  // The last month is reached by one key; nothing between has to be loaded for that.
  await page.keyboard.press('End');
  await expect(page.getByRole('heading', { level: 2, name: bucketName(months.at(-1)!.key) })).toBeVisible();
  await picturesLoaded(page.getByRole('main'));
});

test('the date scrubber jumps', async ({ page }) => {
  const { items: months } = await api<Timeline>(serverUrl(), '/timeline?granularity=month');
  await page.goto('/');
  await expect(tiles(page).first()).toBeVisible();
  const rail = page.getByRole('slider', { name: 'Date' });
  const box = (await rail.boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height - 4);
  await expect(page.getByRole('heading', { level: 2, name: bucketName(months.at(-1)!.key) })).toBeVisible();
  await page.mouse.click(box.x + box.width / 2, box.y + 2);
  await expect(page.getByRole('heading', { level: 2, name: bucketName(months[0]!.key) })).toBeVisible();
});

test('blurred photos are found by the filter', async ({ page }) => {
  const blurred = await api<PhotoPage>(serverUrl(), '/photos?blurry=true&limit=1');
  const all = await api<PhotoPage>(serverUrl(), '/photos?limit=1');
  expect(blurred.total).toBeGreaterThan(0);
  expect(blurred.total).toBeLessThan(all.total!);
  await page.goto('/');
  await expect(tiles(page).first()).toBeVisible();
  await page.keyboard.press('f');
  const filters = page.getByRole('dialog', { name: 'Filters' });
  await filters.getByLabel('Sharpness verdict').selectOption({ label: 'Blurred' });
  await expect(page.getByText(`${blurred.total} matches`, { exact: true })).toBeVisible();
  await filters.getByRole('button', { name: 'Close' }).click();
  await expect(filters).toBeHidden();
  await expect(tiles(page).first()).toBeVisible();
  const names = await tiles(page).evaluateAll((list) => list.map((tile) => tile.getAttribute('aria-label') ?? ''));
  expect(names.filter((name) => !name.includes('blurred'))).toEqual([]);
  await page.getByRole('button', { name: /^Remove filter/ }).click();
  await expect(page.getByText(`${all.total} photos`, { exact: true })).toBeVisible();
});

test('sorting by sharpness shows the sharpest first, with the score on every tile', async ({ page }) => {
  const sorted = await api<PhotoPage>(serverUrl(), '/photos?sort=sharpness&order=desc&limit=10');
  await page.goto('/');
  await page.getByLabel('Sort by').selectOption({ label: 'Sharpness' });
  await expect(page).toHaveURL(/sort=sharpness/);
  await expect(tiles(page).first()).toHaveAttribute('data-photo', sorted.items[0]!.id);
  const shown = tiles(page).locator('.measure');
  await expect(shown.first()).toHaveText(sorted.items[0]!.sharpness!.toFixed(2));
  const scores = (await shown.allTextContents()).map(Number);
  expect(scores.length).toBeGreaterThan(5);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  // The other way round.
  await page.getByRole('button', { name: /^Order: Sharpest first/ }).click();
  await expect(tiles(page).first()).not.toHaveAttribute('data-photo', sorted.items[0]!.id);
});

test('a photo is found by its file name', async ({ page }) => {
  const [photo] = (await api<PhotoPage>(serverUrl(), '/photos?camera=Halden%20M6&limit=1')).items;
  await page.goto('/');
  await expect(tiles(page).first()).toBeVisible();
  await page.keyboard.press('n');
  await page.keyboard.type(photo!.name.replace(/\.\w+$/, ''));
  await expect(page.getByText('1 match', { exact: true })).toBeVisible();
  await expect(tiles(page)).toHaveAttribute('data-photo', photo!.id);
});
