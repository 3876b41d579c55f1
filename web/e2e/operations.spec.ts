import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation, Page as Listed, PhotoPage } from '../src/api/types';
import { api, completed, operationThat, startServer, type Server } from './program';
import { expect, library, serverUrl, test, tiles } from './test';

test('the first run is there with what it computed, and its issues', async ({ page }) => {
  const first = (await api<Listed<Operation>>(serverUrl(), '/operations?limit=1000')).items.at(-1)!;
  expect(first.computed).toBeGreaterThan(0);
  await page.goto('/operations');
  const card = page.getByRole('article', { name: first.label }).last();
  await expect(card.getByText('completed')).toBeVisible();
  const number = (label: string) => card.locator('dl > div').filter({ hasText: label }).locator('dd');
  await expect(number('Computed')).toHaveText(String(first.computed));
  await expect(number('Cached')).toHaveText(String(first.cached));
  await expect(number('Files opened')).toHaveText(String(first.opened));

  await number('Issues').getByRole('button').click();
  const issues = page.getByRole('dialog', { name: /issues of/ });
  await expect(issues.getByRole('row', { name: /IMG_empty\.jpg/ })).toContainText('EMPTY_FILE');
  await expect(issues.getByRole('row', { name: /IMG_half\.jpg/ })).toContainText('TRUNCATED_IMAGE');
});

test('indexing again computes nothing and opens nothing, and says so', async ({ page }) => {
  await page.goto('/operations');
  await expect(page.getByText('live', { exact: true })).toBeVisible();
  const started = await api<Operation>(serverUrl(), '/ingest_directory', { path: library() });
  const again = await operationThat(serverUrl(), `/operations/${started.id}`, completed);
  expect({ computed: again.computed, opened: again.opened }).toEqual({ computed: 0, opened: 0 });
  expect(again.cached).toBeGreaterThan(0);
  // It came over the event stream: the page was not loaded again.
  const card = page.getByRole('article', { name: again.label }).filter({ hasText: 'Everything was known already' });
  await expect(card.first()).toContainText('no photo was opened and nothing was computed');
});

test('a long title is cut short, and nothing beside it is out of reach', async ({ page }) => {
  const label = `Fetch models: ${'mobilenet-v2, '.repeat(60)}`;
  await page.route(/\/api\/v1\/operations\?/, async (route) => {
    const response = await route.fetch();
    const list = (await response.json()) as Listed<Operation>;
    await route.fulfill({ response, json: { ...list, items: list.items.map((operation) => ({ ...operation, label })) } });
  });
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto('/operations');
    const card = page.getByRole('article').first();
    await expect(card).toContainText('Fetch models');
    expect(await card.evaluate((element) => element.closest('.page')!.scrollWidth - element.closest('.page')!.clientWidth)).toBe(0);
    expect(await card.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  }
});

test('work cut off by a power failure is offered, resumed and completed', async ({ page }) => {
  const data = await mkdtemp(join(tmpdir(), 'tintype-e2e-cut-'));
  let server: Server | undefined;
  try {
    // One thread, so that there is time to pull the plug between the first batch and the last.
    server = await startServer({ data, folders: [library()], threads: 1 });
    const cut = await operationThat(server.url, '/operations', (operation) => operation.state === 'running' && operation.total > 0 && operation.done > 0 && operation.done < operation.total);
    await server.stop('SIGKILL');

    server = await startServer({ data });
    const interrupted = await operationThat(server.url, `/operations/${cut.id}`, (operation) => operation.state !== 'running');
    expect(interrupted.state).toBe('interrupted');
    await page.goto(server.url);
    const dialog = page.getByRole('dialog', { name: 'Work was interrupted' });
    await expect(dialog).toContainText(cut.label);
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await expect(dialog).toBeHidden();

    const resumed = await operationThat(server.url, `/operations/${cut.id}`, completed);
    expect(resumed.done).toBe(resumed.total);
    // The store is what an undisturbed run leaves.
    const whole = await api<PhotoPage>(serverUrl(), '/photos?limit=1000');
    const after = await api<PhotoPage>(server.url, '/photos?limit=1000');
    const known = (photos: PhotoPage) => photos.items.map((photo) => [photo.id, photo.sharpness, photo.quality, photo.is_blurry, photo.files]).sort();
    expect(known(after)).toEqual(known(whole));
    await expect(page.getByText(`${whole.total} photos`, { exact: true })).toBeVisible();
    await expect(tiles(page).first()).toBeVisible();
    await page.goto(`${server.url}/operations`);
    await expect(page.getByRole('article', { name: cut.label }).getByText('completed')).toBeVisible();
  } finally {
    await server?.stop();
    await rm(data, { recursive: true, force: true });
  }
});
