import type { Feature, PhotoPage } from '../src/api/types';
import { producerParts } from '../src/lib/features';
import { api } from './program';
import { expect, serverUrl, test, tiles } from './test';

const CAMERA = 'camera=Halden%20M6';

test('a photo is opened, stepped through and zoomed by keyboard alone', async ({ page }) => {
  const { items } = await api<PhotoPage>(serverUrl(), `/photos?${CAMERA}&sort=taken_at&order=desc&limit=3`);
  await page.goto(`/?${CAMERA}`);
  await expect(tiles(page).first()).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(tiles(page).first()).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(tiles(page).nth(1)).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');

  const viewer = (name: string) => page.getByRole('dialog', { name });
  const first = viewer(items[0]!.name);
  await expect(first).toBeVisible();
  const picture = first.getByRole('img', { name: items[0]!.name });
  await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(1000);

  await page.keyboard.press('ArrowRight');
  await expect(viewer(items[1]!.name)).toBeVisible();
  await expect(page).toHaveURL(new RegExp(items[1]!.id));
  await page.keyboard.press('ArrowRight');
  await expect(viewer(items[2]!.name)).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(first).toBeVisible();

  // Fitted, then actual pixels from the original, then fitted again.
  await expect(picture).toBeVisible();
  // The original takes the preview's place at any moment: an element that was just replaced has no width, and is asked again.
  const width = () => picture.evaluate((image) => image.getBoundingClientRect().width);
  const fitted = await width();
  await page.keyboard.press('z');
  await expect(first.getByText('100 %')).toBeVisible();
  await expect.poll(async () => Math.round(await width())).toBe(items[0]!.width);
  await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(items[0]!.width);
  await page.keyboard.press('w');
  await expect.poll(width).toBe(fitted);
  await page.keyboard.press('+');
  await expect.poll(async () => (await width()) / fitted).toBeCloseTo(1.5, 1);

  await page.keyboard.press('Escape');
  await expect(first).toBeHidden();
  await expect(tiles(page).first()).toBeFocused();
});

test('the information panel names the producer and version of everything computed', async ({ page }) => {
  const [photo] = (await api<PhotoPage>(serverUrl(), `/photos?${CAMERA}&limit=1`)).items;
  const features = (await api<{ items: Feature[] }>(serverUrl(), `/photos/${photo!.id}/features`)).items;
  expect(features.map((feature) => feature.kind)).toEqual(expect.arrayContaining(['blur', 'perceptual_hash', 'scene_embedding', 'technical_quality']));
  await page.goto(`/photo/${photo!.id}`);
  const panel = page.getByRole('complementary', { name: 'Information' });
  await expect(panel.getByText('Halden M6')).toBeVisible();
  const cards = panel.getByRole('article');
  await expect(cards).toHaveCount(features.length);
  for (const feature of features) {
    const { name, version } = producerParts(feature.producer);
    const card = cards.filter({ has: page.locator('code', { hasText: new RegExp(`^${feature.kind}$`) }) });
    await expect(card.getByTitle('Producer and version')).toHaveText(`${name}${version}`);
    expect(version).not.toBe('');
  }
  await page.keyboard.press('i');
  await expect(panel).toBeHidden();
  await page.keyboard.press('i');
  await expect(panel).toBeVisible();
});

test('a damaged photo is shown with what is wrong', async ({ page }) => {
  await page.goto('/?has_issues=true');
  await page.getByRole('link', { name: /IMG_half/ }).click();
  const issues = page.getByRole('region', { name: 'Issues' });
  await expect(issues).toContainText('TRUNCATED_IMAGE');
  await expect(issues).toContainText('The file ends early');
  // What could be read of it is a picture.
  const picture = page.getByRole('img', { name: 'IMG_half.jpg' });
  await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
});
