import type { SimilarPhotos, VectorSpace } from '../src/api/types';
import { ownLibrary, type OwnLibrary } from './own_library';
import { api } from './program';
import { expect, picturesLoaded, test } from './test';

let own: OwnLibrary;

test.beforeAll(async () => {
  own = await ownLibrary({ count: 6, model: true });
});
test.afterAll(() => own.stop());

const GRID = 'colour-gradient-grid@1';
const MODEL = 'dino_mine@1';
const active = async () => (await api<{ items: VectorSpace[] }>(own.url, '/vectors')).items.find((space) => space.active && space.kind === 'scene_embedding')!;

test('whose vectors searches use is seen and chosen', async ({ page }) => {
  expect(await active()).toMatchObject({ producer: MODEL, chosen: false, pictures: 6 });
  await page.goto(`${own.url}/models`);
  const group = page.getByRole('group', { name: 'How pictures look' });
  await expect(group.getByRole('radio', { name: /^Automatic/ })).toBeChecked();
  await expect(group.getByRole('radio', { name: /^Dino mine, version 1.*6 pictures.*used/ })).toBeVisible();
  await group.getByRole('radio', { name: /^Colours and gradients/ }).check();
  await expect(group.getByRole('radio', { name: /^Colours and gradients.*used/ })).toBeChecked();
  expect(await active()).toMatchObject({ producer: GRID, chosen: true });
  await page.reload();
  await expect(group.getByRole('radio', { name: /^Colours and gradients/ })).toBeChecked();
  await group.getByRole('radio', { name: /^Automatic/ }).check();
  await expect(group.getByRole('radio', { name: /^Dino mine.*used/ })).toBeVisible();
  expect(await active()).toMatchObject({ producer: MODEL, chosen: false });
});

test('what two producers find similar is compared beside each other', async ({ page }) => {
  const photo = own.photos[0]!.id;
  const names = async (producer: string) => (await api<SimilarPhotos>(own.url, `/photos/${photo}/similar?limit=9&producer=${producer}`)).items.map((hit) => hit.photo.id);
  const [model, grid] = [await names(MODEL), await names(GRID)];
  await page.goto(`${own.url}/photo/${photo}`);
  const strip = page.getByRole('region', { name: 'Similar photos' });
  const shown = async (group: string) => {
    const links = strip.getByRole('group', { name: group }).getByRole('listitem').getByRole('link');
    await expect(links).toHaveCount(5);
    return links.evaluateAll((all) => all.map((link) => new URL((link as HTMLAnchorElement).href).pathname.split('/').pop()));
  };
  expect(await shown('By the first')).toEqual(model);
  await strip.getByRole('button', { name: 'Compare' }).click();
  expect(await shown('By the second')).toEqual(grid);
  await picturesLoaded(strip);
  await strip.getByRole('group', { name: 'By the second' }).getByRole('combobox', { name: 'Compared by' }).selectOption({ label: 'How pictures look: Dino mine, version 1' });
  await expect.poll(() => shown('By the second')).toEqual(model);
  await strip.getByRole('button', { name: 'Compare' }).click();
  await expect(strip.getByRole('group', { name: 'By the second' })).toHaveCount(0);
});
