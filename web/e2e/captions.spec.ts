import type { PhotoDetail, SearchPage } from '../src/api/types';
import { ownLibrary, type OwnLibrary } from './own_library';
import { api } from './program';
import { expect, test } from './test';

let own: OwnLibrary;
test.beforeAll(async () => {
  own = await ownLibrary({ count: 3 });
});
test.afterAll(() => own.stop());

test('a caption is written by keyboard, found, and taken back', async ({ page }) => {
  const [photo] = own.photos;
  const detail = () => api<PhotoDetail>(own.url, `/photos/${photo!.id}`);
  const found = async (text: string) => (await api<SearchPage>(own.url, '/search', { text })).items.map((hit) => hit.photo.id);
  await page.goto(`${own.url}/photo/${photo!.id}`);
  const section = page.getByRole('region', { name: 'Caption' });
  const button = section.getByRole('button', { name: /^Edit the caption/ });
  await expect(button).toHaveText('Add a caption');
  await button.focus();
  await page.keyboard.press('Enter');
  const field = section.getByRole('textbox', { name: 'Caption' });
  await expect(field).toBeFocused();
  // Keys of the viewer are letters here.
  await page.keyboard.type('Rex, a fox? Into the zoo!');
  await page.keyboard.press('Escape');
  await expect(button).toBeFocused();
  await expect(button).toHaveText('Add a caption');
  expect((await detail()).annotations.caption).toBeNull();

  await page.keyboard.press('Enter');
  await expect(field).toHaveValue('');
  await page.keyboard.type('Rex at the zoo');
  await page.keyboard.press('Enter');
  await expect(button).toBeFocused();
  await expect(button).toHaveText('Rex at the zoo');
  await expect(section).toContainText('set in Tintype');
  expect((await detail()).caption).toEqual({ text: 'Rex at the zoo', by: 'person', producer: null });
  expect(await found('caption:"at the zoo"')).toEqual([photo!.id]);

  await page.reload();
  await expect(button).toHaveText('Rex at the zoo');
  await button.click();
  await expect(section).toContainText('Left empty');
  await field.fill(' ');
  await section.getByRole('button', { name: 'Save' }).click();
  await expect(button).toHaveText('Add a caption');
  expect((await detail()).caption).toBeNull();
  expect(await found('caption:rex')).toEqual([]);
});

test('it is said who said a caption, and a computed one is not made ones own by looking at it', async ({ page }) => {
  const [, photo] = own.photos;
  const asked: string[] = [];
  await page.route(`**/api/v1/photos/${photo!.id}`, async (route) => {
    const response = await route.fetch();
    const caption = { text: 'a dog on a beach', by: 'model', producer: 'vit_gpt2_int8@1' };
    await route.fulfill({ response, json: { ...((await response.json()) as PhotoDetail), caption } });
  });
  page.on('request', (request) => {
    if (request.method() === 'PATCH') asked.push(request.postData() ?? '');
  });
  await page.goto(`${own.url}/photo/${photo!.id}`);
  const section = page.getByRole('region', { name: 'Caption' });
  await expect(section).toContainText('a dog on a beach');
  await expect(section).toContainText('by the model vit_gpt2_int8 (version 1)');
  await section.getByRole('button', { name: 'Edit the caption: a dog on a beach' }).click();
  const field = section.getByRole('textbox', { name: 'Caption' });
  await expect(field).toHaveValue('a dog on a beach');
  await page.keyboard.press('Enter');
  await expect(field).toBeHidden();
  await section.getByRole('button', { name: /^Edit the caption/ }).click();
  await field.fill('a fox on a beach');
  await page.keyboard.press('Enter');
  await expect.poll(() => asked).toEqual([JSON.stringify({ caption: 'a fox on a beach' })]);
  await page.unroute(`**/api/v1/photos/${photo!.id}`);
});
