import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SearchHit, SearchPage, Suggestion } from '../src/api/types';
import { api } from './program';
import { expect, library, picturesLoaded, serverUrl, test, tiles } from './test';

const CAMERA = 'camera:"Halden M6"';
const find = (text: string, like?: string) => api<SearchPage>(serverUrl(), '/search', { text, ...(like ? { photo_id: like } : {}), limit: 100 });

test('a search is typed with suggestions, gone through and narrowed by keyboard alone', async ({ page }) => {
  const all = await find(CAMERA);
  const fewer = await find(`${CAMERA} -${all.items[0]!.photo.name}`);
  expect(fewer.total).toBeLessThan(all.total);
  expect(fewer.items.length).toBeGreaterThan(2);
  const suggested = await api<{ items: Suggestion[] }>(serverUrl(), '/search/suggest?text=halden');
  const wanted = suggested.items.findIndex((item) => item.text === CAMERA);
  expect(wanted).toBeGreaterThanOrEqual(0);

  await page.goto('/albums');
  await expect(page.getByRole('heading', { level: 1, name: 'Albums' })).toBeVisible();
  await page.keyboard.press('/');
  const input = page.getByRole('combobox', { name: 'Search photos' });
  await expect(input).toBeFocused();
  await page.keyboard.type('halden');
  const option = page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option').nth(wanted);
  await expect(option).toContainText('Halden M6');
  for (let i = 0; i <= wanted; i++) await page.keyboard.press('ArrowDown');
  await expect(option).toHaveAttribute('aria-selected', 'true');
  await expect(input).toHaveAttribute('aria-activedescendant', (await option.getAttribute('id'))!);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/search?${new URLSearchParams({ q: CAMERA })}`);
  await expect(input).toHaveValue(`${CAMERA} `);
  await expect(page.getByRole('status').filter({ hasText: `${all.total} photos` })).toBeVisible();
  await expect(tiles(page).first()).toHaveAttribute('data-photo', all.items[0]!.photo.id);
  await expect(tiles(page).first()).toContainText(all.items[0]!.score.toFixed(2));
  await expect(tiles(page).first()).toContainText(all.items[0]!.reasons[0]!.text);
  await picturesLoaded(page.getByRole('region', { name: 'Photos found' }));

  // What is excluded is a chip of its own, and goes again.
  await page.keyboard.type(`-${all.items[0]!.photo.name}`);
  await page.keyboard.press('Enter');
  const chips = page.getByRole('list', { name: 'Looked for' }).getByRole('button');
  await expect(chips).toHaveCount(fewer.chips.length);
  await expect(chips.last()).toHaveText(`without${all.items[0]!.photo.name}`);
  await expect(tiles(page).first()).toHaveAttribute('data-photo', fewer.items[0]!.photo.id);

  await page.keyboard.press('Escape');
  await expect(input).not.toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(tiles(page).first()).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const viewer = (hit: SearchHit) => page.getByRole('dialog', { name: hit.photo.name });
  await expect(viewer(fewer.items[1]!)).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(viewer(fewer.items[2]!)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(tiles(page).nth(2)).toBeFocused();

  await chips.last().press('Enter');
  await expect(tiles(page).first()).toHaveAttribute('data-photo', all.items[0]!.photo.id);
  await expect(chips).toHaveCount(all.chips.length);
  await expect(chips.last()).toBeFocused();
  await page.goBack();
  await expect(chips).toHaveCount(fewer.chips.length);
  await expect(input).toHaveValue(`${CAMERA} -${all.items[0]!.photo.name}`);
});

test('photos that are similar are shown with a photo, opened, and listed', async ({ page }) => {
  const [first] = (await find(CAMERA)).items;
  const similar = (await api<{ items: SearchHit[] }>(serverUrl(), `/photos/${first!.photo.id}/similar?limit=9`)).items;
  expect(similar.length).toBeGreaterThan(2);
  await page.goto(`/photo/${first!.photo.id}`);
  const strip = page.getByRole('region', { name: 'Similar photos' });
  const links = strip.getByRole('listitem').getByRole('link');
  await expect(links).toHaveCount(similar.length);
  await picturesLoaded(strip);
  await links.nth(1).click();
  await expect(page.getByRole('dialog', { name: similar[1]!.photo.name })).toBeVisible();
  await expect(page).toHaveURL(`/photo/${similar[1]!.photo.id}`);
  await page.goBack();
  await expect(page.getByRole('dialog', { name: first!.photo.name })).toBeVisible();

  await strip.getByRole('link', { name: 'Show all' }).click();
  await expect(page).toHaveURL(`/search?like=${first!.photo.id}`);
  const found = await find('', first!.photo.id);
  await expect(tiles(page).first()).toHaveAttribute('data-photo', found.items[0]!.photo.id);
  await expect(tiles(page).first()).toContainText(found.items[0]!.reasons[0]!.text);
});

test('what is not found, not understood or not answered is said', async ({ page }) => {
  const query = (text: string) => `/search?${new URLSearchParams({ q: text })}`;
  await page.goto('/search');
  await page.getByRole('link', { name: 'bicy*' }).click();
  await expect(page).toHaveURL(query('bicy*'));

  // One word of two: the nearest are shown, and that they are not it.
  const partly = await find('halden qqzzxx');
  expect([partly.relaxed, partly.no_good_match]).toEqual([true, true]);
  await page.goto(query('halden qqzzxx'));
  await expect(tiles(page).first()).toHaveAttribute('data-photo', partly.items[0]!.photo.id);
  await expect(page.getByText('No photo is a good match').last()).toBeVisible();

  const odd = await find('qqzzxx rating:many');
  await page.goto(query('qqzzxx rating:many'));
  await expect(page.getByText(odd.warnings[0]!)).toBeVisible();
  await expect(page.getByRole('paragraph').filter({ hasText: 'No photo was found.' })).toBeVisible();
  await expect(tiles(page)).toHaveCount(0);

  await page.goto('/search?like=00000000-0000-0000-0000-000000000000');
  await expect(page.getByRole('alert')).toContainText('NOT_FOUND');

  await page.route('**/api/v1/search', (route) => route.abort());
  await page.goto(query('halden'));
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('Tintype does not answer');
  await page.unroute('**/api/v1/search');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(tiles(page).first()).toBeVisible();
  await expect(alert).toHaveCount(0);
});

/** Files of the library as a camera wrote them. */
const originals = () =>
  readdirSync(library(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^DSC_\d+\.jpg$/.test(entry.name))
    .map((entry) => ({ name: entry.name, path: join(entry.parentPath, entry.name) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

test('photos are found by a picture that is chosen or dropped, together with words', async ({ page }) => {
  const [one, other] = originals();
  const chips = page.getByRole('list', { name: 'Looked for' });
  const input = page.getByLabel('Picture to search by');
  await page.goto('/search');
  await expect(page.getByRole('button', { name: 'Search by a picture' })).toBeVisible();
  await input.setInputFiles(one!.path);
  await expect(chips.getByRole('button', { name: `Remove: looks like ${one!.name}` })).toBeVisible();
  await picturesLoaded(chips);
  // The photo itself looks most like it.
  await expect(tiles(page).first()).toContainText('looks like it 1.00');
  await expect(tiles(page).first()).toContainText(/DSC_|IMG_/);
  const first = await tiles(page).first().getAttribute('data-photo');

  // Words narrow it down; the picture stays.
  const box = page.getByRole('combobox', { name: 'Search photos' });
  await box.fill(CAMERA);
  await box.press('Enter');
  await expect(chips.getByRole('button')).toHaveCount(2);
  const narrowed = new Set((await find(CAMERA)).items.map((hit) => hit.photo.id));
  await expect(tiles(page).first()).toContainText('looks like it');
  const shown = await tiles(page).evaluateAll((all) => all.map((tile) => (tile as HTMLElement).dataset['photo']!));
  expect(shown.filter((id) => !narrowed.has(id))).toEqual([]);
  await page.goBack();
  await expect(tiles(page).first()).toHaveAttribute('data-photo', first!);

  // Another one is dropped: it takes the place of the first.
  const dropped = await page.evaluateHandle(([base64, name]) => {
    const bytes = Uint8Array.from(atob(base64!), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name!, { type: 'image/jpeg' }));
    return transfer;
  }, [readFileSync(other!.path).toString('base64'), other!.name] as const);
  const results = page.locator('.results');
  await results.dispatchEvent('dragover', { dataTransfer: dropped });
  await expect(page.getByText('Search by this picture')).toBeVisible();
  await results.dispatchEvent('drop', { dataTransfer: dropped });
  await expect(page.getByText('Search by this picture')).toBeHidden();
  const chip = chips.getByRole('button', { name: `Remove: looks like ${other!.name}` });
  await expect(chip).toBeVisible();
  await expect(chips.getByRole('button')).toHaveCount(1);
  await expect(tiles(page).first()).toContainText('looks like it 1.00');

  await chip.press('Enter');
  await expect(page).toHaveURL('/search');
  await expect(page.getByRole('heading', { name: 'What are you looking for?' })).toBeVisible();
});

test('a picture that cannot be searched by is refused, and why is said', async ({ page }) => {
  const input = page.getByLabel('Picture to search by');
  const alert = page.getByRole('alert');
  await page.goto('/search');
  await input.setInputFiles({ name: 'huge.tif', mimeType: 'image/tiff', buffer: Buffer.alloc(25 << 20) });
  await expect(alert).toContainText('huge.tif');
  await expect(alert).toContainText('PAYLOAD_TOO_LARGE');
  await expect(page).toHaveURL('/search');
  await input.setInputFiles({ name: 'note.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('hello') });
  await expect(alert).toContainText('INVALID_IMAGE');
  await expect(alert.getByRole('button')).toHaveCount(0);
  const [one] = originals();
  await input.setInputFiles(one!.path);
  await expect(alert).toHaveCount(0);
  await expect(tiles(page).first()).toBeVisible();
  // Its bytes are not in the address.
  await page.reload();
  await expect(alert).toContainText('Choose it again');
  await page.getByRole('button', { name: 'Remove: looks like the picture' }).click();
  await expect(page).toHaveURL('/search');
});
