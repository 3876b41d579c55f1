/**
 * Looks at every page in a headless browser: `node mock/shots.mjs <address> <folder> [only] [narrow]`.
 * Reports errors of the page, and exits with 1 when there were any.
 */

import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [address = 'http://127.0.0.1:8787', folder = 'test-results/shots', only = '', narrow = ''] = process.argv.slice(2);
const SIZE = narrow ? { width: 420, height: 860 } : { width: 1440, height: 900 };
await mkdir(folder, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let failures = 0;

async function open(colorScheme) {
  const page = await browser.newPage({ viewport: SIZE, colorScheme });
  page.on('pageerror', (error) => {
    failures++;
    console.error('page error:', error.message);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') console.error('console:', message.text());
  });
  return page;
}

const calm = (page, ms = 900) => page.waitForTimeout(ms);
const later = async (page) => {
  const button = page.getByRole('button', { name: 'Later' });
  if (await button.isVisible().catch(() => false)) await button.click();
};

const scenes = {
  async resume(page, shot) {
    await page.goto(address);
    await calm(page, 1500);
    await page.getByRole('button', { name: 'Details' }).first().click();
    await calm(page, 500);
    await shot('resume');
  },
  async timeline(page, shot) {
    await page.goto(address);
    await calm(page, 1200);
    await later(page);
    await calm(page, 1200);
    await shot('timeline');
    await page.keyboard.press('f');
    await calm(page);
    await shot('filters');
  },
  async selecting(page, shot) {
    await page.goto(address);
    await calm(page, 1200);
    await later(page);
    await page.locator('a[data-photo]').nth(2).hover();
    await calm(page, 400);
    await shot('tile-hover');
    await page.getByRole('checkbox').nth(1).click();
    await page.locator('a[data-photo]').nth(6).click({ modifiers: ['Shift'] });
    await calm(page, 300);
    await page.keyboard.press('4');
    await calm(page, 1500);
    await shot('selected');
    await page.getByRole('button', { name: 'Edit dates…' }).click();
    await page.getByLabel('Hours').fill('2');
    await calm(page, 1200);
    await shot('dates');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Move to trash…' }).click();
    await calm(page, 500);
    await shot('to-trash');
  },
  async middle(page, shot) {
    await page.goto(`${address}/?blurry=false&quality_min=0.5`);
    await calm(page, 1200);
    await later(page);
    const rail = page.getByRole('slider', { name: 'Date' });
    const box = await rail.boundingBox();
    await page.mouse.move(box.x + 20, box.y + box.height * 0.4);
    await page.mouse.down();
    await page.mouse.move(box.x + 20, box.y + box.height * 0.6, { steps: 6 });
    await page.mouse.up();
    await calm(page, 1500);
    await shot('timeline-middle');
  },
  async sharpness(page, shot) {
    await page.goto(`${address}/?sort=sharpness`);
    await calm(page, 1500);
    await later(page);
    await calm(page);
    await shot('sorted');
  },
  async viewer(page, shot) {
    await page.goto(address);
    await calm(page, 1200);
    await later(page);
    await page.locator('a[data-photo]').nth(3).click();
    await calm(page, 1500);
    await shot('viewer');
    await page.keyboard.press('z');
    await calm(page, 1200);
    await shot('viewer-zoomed');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('w');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('3');
    await page.keyboard.press('p');
    await calm(page);
    await shot('viewer-rated');
    await calm(page);
    await page.keyboard.press('Escape');
    await calm(page);
    await shot('viewer-closed');
  },
  async broken(page, shot) {
    await page.goto(`${address}/?has_issues=true`);
    await calm(page, 1200);
    await later(page);
    await calm(page);
    await shot('issues');
    await page.locator('a[data-photo]').first().click();
    await calm(page, 1200);
    await shot('viewer-broken');
  },
  async stack(page, shot) {
    await page.goto(address);
    await calm(page, 1200);
    await later(page);
    await page.getByRole('link', { name: /2 files/ }).first().click();
    await calm(page);
    await page.getByRole('button', { name: 'Rate 2 stars' }).click();
    await page.getByRole('button', { name: /^Edit the title/ }).click();
    await calm(page);
    await shot('viewer-stack');
  },
  async search(page, shot) {
    await page.goto(`${address}/search`);
    await calm(page, 1200);
    await later(page);
    await shot('search-empty');
    await page.keyboard.press('/');
    await page.keyboard.type('mountains -ca');
    await calm(page, 500);
    await page.keyboard.press('ArrowDown');
    await calm(page, 300);
    await shot('search-typing');
    await page.goto(`${address}/search?q=${encodeURIComponent('mountains img_1 -camera:canon')}`);
    await calm(page, 1200);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await calm(page, 400);
    await shot('search');
    await page.keyboard.press('Enter');
    await calm(page, 1500);
    await page.getByRole('region', { name: 'Similar photos' }).scrollIntoViewIfNeeded();
    await calm(page);
    await shot('viewer-similar');
    await page.getByRole('link', { name: 'Show all' }).click();
    await calm(page, 1200);
    await shot('search-like');
    await page.goto(`${address}/search?q=${encodeURIComponent('rating:many nothing')}`);
    await calm(page, 900);
    await shot('search-none');
  },
  async duplicates(page, shot) {
    await page.goto(`${address}/duplicates?tier=moment`);
    await calm(page, 1200);
    await later(page);
    await calm(page);
    await shot('duplicates');
    await page.goto(`${address}/duplicates?tier=bytes`);
    await calm(page, 900);
    await later(page);
    await page.getByRole('button', { name: 'Resolve all…' }).click();
    await calm(page, 1500);
    await shot('resolve-all');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Compare' }).first().click();
    await calm(page, 1200);
    await shot('compare');
  },
  async operations(page, shot) {
    await page.request.post(`${address}/api/v1/ingest_directory`, { data: { path: '/photos/new' } }).catch(() => {});
    await calm(page, 3500);
    await page.goto(`${address}/operations`);
    await calm(page, 1500);
    await shot('operations');
  },
  async items(page, shot) {
    await page.goto(`${address}/operations`);
    await calm(page, 1500);
    await page.getByRole('article', { name: 'Rate 240 photos' }).getByRole('button', { name: 'Details' }).click();
    await calm(page, 700);
    await shot('operation-items');
  },
  async importing(page, shot) {
    await page.goto(`${address}/import`);
    await calm(page, 1200);
    await later(page);
    await page.getByLabel('Source folder').fill('/media/me/CARD/DCIM');
    await page.getByRole('button', { name: 'Look what is there' }).click();
    await calm(page);
    await shot('import');
    await page.getByRole('button', { name: /^Copy/ }).click();
    await calm(page, 7500);
    await shot('imported');
  },
  async trash(page, shot) {
    await page.goto(`${address}/trash`);
    await calm(page, 1200);
    await later(page);
    await page.getByRole('checkbox').nth(2).check();
    await calm(page, 700);
    await shot('trash');
    await page.getByRole('button', { name: 'Delete for good…' }).click();
    await calm(page, 400);
    await shot('purge');
  },
  async models(page, shot) {
    await page.goto(`${address}/models`);
    await calm(page, 1200);
    await later(page);
    await calm(page, 300);
    await shot('models');
    await page.getByRole('button', { name: 'Fetch scrfd-500m' }).click();
    await calm(page, 400);
    await shot('licence');
    await page.keyboard.press('Escape');
    const pack = page.getByRole('button', { name: /^Fetch the lite pack/ });
    // The mock keeps what an earlier scene fetched.
    if (!(await pack.isVisible())) return;
    await pack.click();
    await calm(page, 3200);
    await shot('fetching');
  },
  async boxes(page, shot) {
    await page.goto(address);
    await calm(page, 1200);
    await later(page);
    await page.locator('a[data-photo]').nth(1).click();
    await calm(page, 1200);
    await page.keyboard.press('b');
    await calm(page, 300);
    await page.getByRole('region', { name: 'Content' }).scrollIntoViewIfNeeded();
    await calm(page, 300);
    await shot('boxes');
  },
  async skipped(page, shot) {
    await page.goto(`${address}/operations`);
    await calm(page, 1200);
    await later(page);
    for (const card of await page.locator('button.title:not([disabled])').all()) await card.click();
    await page.getByRole('region', { name: 'Steps that were skipped' }).scrollIntoViewIfNeeded();
    await calm(page, 300);
    await shot('skipped');
  },
  async albums(page, shot) {
    await page.goto(`${address}/albums`);
    await calm(page, 1200);
    await later(page);
    await calm(page);
    await shot('albums');
  },
  async library(page, shot) {
    await page.goto(`${address}/library`);
    await calm(page, 1200);
    await later(page);
    await calm(page);
    await shot('library');
    await page.getByRole('button', { name: 'Rebuild…' }).click();
    await calm(page, 400);
    await shot('rebuild');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Restore the backup/ }).first().click();
    await calm(page, 400);
    await shot('restore');
  },
};

for (const scheme of ['dark', 'light']) {
  for (const [name, scene] of Object.entries(scenes)) {
    if (only && !only.split(',').includes(name)) continue;
    const page = await open(scheme);
    try {
      await scene(page, (file) => page.screenshot({ path: `${folder}/${file}-${scheme}${narrow && '-narrow'}.png` }));
    } catch (error) {
      failures++;
      console.error(`${name} (${scheme}):`, error.message);
    }
    await page.close();
  }
}
await browser.close();
process.exit(failures > 0 ? 1 : 0);
