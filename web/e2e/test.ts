/** The test function of these tests: the address of the shared server, and no error of the page goes unnoticed. */

import { expect, test as base, type Locator, type Page } from '@playwright/test';

function fromSetUp(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the global set-up did not run`);
  return value;
}

export const serverUrl = (): string => fromSetUp('TINTYPE_E2E_URL');
export const library = (): string => fromSetUp('TINTYPE_E2E_LIBRARY');

export const test = base.extend<{ pageErrors: void }>({
  baseURL: async ({}, use) => use(serverUrl()),
  pageErrors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && message.text().includes('Content Security Policy')) errors.push(message.text());
      });
      await use();
      expect(errors, 'errors of the page').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export const tiles = (page: Page): Locator => page.locator('a[data-photo]');

/** Waits until every picture below has pixels, and says how many there are. */
export async function picturesLoaded(below: Locator): Promise<number> {
  const images = below.locator('img');
  await expect(images.first()).toBeVisible();
  await expect
    .poll(() => images.evaluateAll((all) => (all as HTMLImageElement[]).filter((image) => image.naturalWidth === 0).length), { message: 'pictures without pixels' })
    .toBe(0);
  return images.count();
}

/** The tile of one photo, with its star and its check mark. */
export const tileOf = (page: Page, photo: string): Locator => page.locator('.tile').filter({ has: page.locator(`[data-photo="${photo}"]`) });

/** The notices in the corner: what work is under way, and its "Undo". */
export const notices = (page: Page): Locator => page.getByRole('status', { name: 'Notices' });
