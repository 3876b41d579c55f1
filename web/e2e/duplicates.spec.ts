import type { DuplicatePage, DuplicateTier } from '../src/api/types';
import { api } from './program';
import { expect, picturesLoaded, serverUrl, test } from './test';

const TIERS: [DuplicateTier, string][] = [
  ['bytes', 'Exact copies'],
  ['picture', 'Same picture'],
  ['moment', 'Same moment'],
];

for (const [tier, label] of TIERS) {
  test(`duplicates: ${label.toLowerCase()}, with the kept photo marked in each group`, async ({ page }) => {
    const known = await api<DuplicatePage>(serverUrl(), `/duplicates?tier=${tier}&limit=100`);
    expect(known.items.length).toBeGreaterThan(0);
    expect(known.totals[tier]).toBe(known.items.length);
    await page.goto('/duplicates');
    const tab = page.getByRole('tab', { name: label });
    await tab.click();
    await expect(tab).toHaveAttribute('aria-selected', 'true');
    await expect(tab).toContainText(String(known.items.length));
    const groups = page.getByRole('main').getByRole('article');
    await expect(groups).toHaveCount(known.items.length);
    for (const [i, group] of known.items.entries()) {
      const card = groups.nth(i);
      await expect(card.getByRole('link')).toHaveCount(group.photos.length);
      await expect(card.getByRole('link').filter({ has: page.getByText('kept', { exact: true }) })).toHaveCount(1);
      await expect(card).toContainText('Kept because');
    }
    await picturesLoaded(groups.first());
  });
}

test('two photos of a group are compared side by side', async ({ page }) => {
  await page.goto('/duplicates?tier=moment');
  await page.getByRole('button', { name: 'Compare' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Compare' });
  await expect(dialog.getByText('Kept', { exact: true })).toBeVisible();
  await expect(dialog.getByRole('row', { name: /^Sharpness/ })).toBeVisible();
  expect(await picturesLoaded(dialog)).toBe(2);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});
