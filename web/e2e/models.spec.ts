import type { ModelList } from '../src/api/types';
import { api } from './program';
import { expect, serverUrl, test } from './test';

test('models are listed by pack, with their licences, and none is there at first', async ({ page }) => {
  const { engine, items } = await api<ModelList>(serverUrl(), '/models');
  await page.goto('/models');
  await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'What runs models' })).toContainText(engine.version);
  for (const [pack, title] of [['lite', 'Lite'], ['quality', 'Quality'], ['research', 'Research']] as const) {
    const table = page.getByRole('table', { name: `${title} models` });
    const models = items.filter((model) => model.pack === pack);
    expect(models.length).toBeGreaterThan(0);
    // One more is the head.
    await expect(table.getByRole('row')).toHaveCount(models.length + 1);
    for (const model of models) {
      const row = table.getByRole('row').filter({ has: page.getByText(model.id, { exact: true }) });
      await expect(row).toContainText('not installed');
      await expect(row).toContainText(model.licence);
      await expect(row).toContainText(model.commercial ? 'commercial use allowed' : 'no commercial use');
      await expect(row.getByRole('button', { name: `Fetch ${model.id}`, exact: true })).toBeEnabled();
    }
  }
  await expect(page.getByRole('button', { name: /^Fetch the lite pack/ })).toBeEnabled();
});

test('a model that may not be used commercially is not fetched before its licence was accepted', async ({ page }) => {
  const asked: string[] = [];
  // Nothing is to be fetched from anywhere by this test.
  await page.route('**/api/v1/models/pull', async (route) => {
    asked.push(route.request().postData() ?? '');
    await route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify({ title: 'No', status: 422, code: 'BAD_VALUE', detail: 'Stopped by the test.' }) });
  });
  const model = (await api<ModelList>(serverUrl(), '/models')).items.find(({ commercial }) => !commercial)!;
  await page.goto('/models');
  const fetch = page.getByRole('button', { name: `Fetch ${model.id}`, exact: true });
  await fetch.click();
  const dialog = page.getByRole('dialog', { name: `Accept the licence of ${model.id}?` });
  await expect(dialog).toContainText(model.licence);
  await dialog.getByRole('button', { name: 'Do not fetch' }).click();
  await expect(dialog).toBeHidden();
  expect(asked).toEqual([]);

  await fetch.click();
  await dialog.getByRole('button', { name: 'Accept and fetch' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Stopped by the test.');
  expect(asked).toEqual([JSON.stringify({ models: [model.id] })]);
});
