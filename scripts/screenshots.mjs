// Makes the pictures in docs/screenshots: the page over the demo library, served by the program itself.
//
//   node scripts/screenshots.mjs <tintype> [folder of the demo library, drawn when not given]
//
// Needs the page's packages (web/node_modules), a Chromium (TINTYPE_CHROMIUM, default /usr/bin/chromium) and the files of
// four models: from their publishers, or from TINTYPE__MODELS__MIRROR.

import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { paletted } from './screenshots/paletted.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { chromium } = createRequire(join(root, 'web/package.json'))('playwright-core');

const [program = 'target/release/tintype', drawn] = process.argv.slice(2);
const tintype = resolve(program);
const out = join(root, 'docs/screenshots');
const address = process.env.TINTYPE_PAGE; // another server of the page, for looking at changes before they are built in
const SIZE = { width: 1440, height: 900 };
// The page's accents, dark and light (web/src/styles/tokens.css): small in area, but they carry meaning.
const ACCENTS = [[0xdb, 0xa4, 0x56], [0x92, 0x59, 0x0a]];
const LIMIT_BYTES = 600_000;

// A path that may be read in a picture: it says nothing about this machine.
const work = join(tmpdir(), 'tintype');
const photos = join(work, 'Pictures');
rmSync(work, { recursive: true, force: true });
mkdirSync(photos, { recursive: true });
mkdirSync(out, { recursive: true });

if (drawn) {
  cpSync(drawn, photos, { recursive: true, preserveTimestamps: true });
} else {
  const run = spawnSync(tintype, ['demo', '--into', photos], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (run.status !== 0) throw new Error('tintype demo failed');
}

// Pictures that came by messenger carry no date of their own; a file's time is the best guess, and drawing them just
// now would put them into today.
for (const entry of readdirSync(photos, { recursive: true, withFileTypes: true })) {
  const day = /^photo-(\d{4}-\d{2}-\d{2})\./.exec(entry.name)?.[1];
  if (day) utimesSync(join(entry.parentPath, entry.name), new Date(`${day}T18:30:00Z`), new Date(`${day}T18:30:00Z`));
}

// A camera's card to import from: the last photos taken are still on it, beside some that are in the library.
const card = join(work, 'CARD/DCIM/100HALDN');
mkdirSync(card, { recursive: true });
const originals = readdirSync(photos, { recursive: true, withFileTypes: true })
  .filter((entry) => /^DSC_\d+\.jpg$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
for (const path of originals.slice(-8)) renameSync(path, join(card, basename(path)));
for (const path of originals.slice(-12, -8)) copyFileSync(path, join(card, basename(path)));
writeFileSync(join(card, 'DSC_9999.jpg'), 'not a picture');

const server = spawn(tintype, ['serve', '--listen', '127.0.0.1:0', '--no-open', '--json', '--data', join(work, 'data'), '--allow', work], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise((found, failed) => {
  server.once('exit', (code) => failed(new Error(`tintype serve ended with ${code}`)));
  createInterface({ input: server.stdout }).on('line', (line) => {
    const serving = /"serving"\s*:\s*"([^"]+)"/.exec(line)?.[1];
    if (serving) found(serving.replace(/\/$/, ''));
  });
});

const ask = async (path, body, method = 'POST') => {
  const response = await fetch(`${url}/api/v1${path}`, body && { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
};
const finished = async () => {
  for (;;) {
    const { items } = await ask('/operations');
    if (items.length > 0 && items.every((operation) => operation.state === 'completed')) return;
    if (items.some((operation) => operation.state === 'failed')) throw new Error(JSON.stringify(items));
    await pause(100);
  }
};

let browser;
try {
  await ask('/models/pull', { models: ['mobilenet-v2', 'yolox-nano', 'nima-aesthetic', 'ppocr-v3-tiny'] });
  await finished();
  await ask('/ingest_directory', { path: photos });
  await finished();
  // The second run is the point of the whole thing: it belongs into the picture of the operations.
  await ask('/ingest_directory', { path: photos });
  await finished();

  browser = await chromium.launch({
    executablePath: process.env.TINTYPE_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const base = address ?? url;

  async function picture(name, colorScheme, visit) {
    const page = await browser.newPage({ viewport: SIZE, colorScheme, locale: 'en-GB' });
    await visit(page);
    // What was focused on the way there is of no interest.
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await page.mouse.move(SIZE.width - 1, SIZE.height - 1);
    await page.waitForFunction(() => {
      const images = [...document.images].filter((image) => image.checkVisibility());
      return images.length === 0 || images.every((image) => image.complete && image.naturalWidth > 0);
    });
    let png = await page.screenshot({ animations: 'disabled' });
    if (png.length > LIMIT_BYTES) png = paletted(png, ACCENTS);
    if (png.length > LIMIT_BYTES) throw new Error(`${name}.png is ${png.length} bytes`);
    writeFileSync(join(out, `${name}.png`), png);
    console.log(`docs/screenshots/${name}.png`, statSync(join(out, `${name}.png`)).size);
    await page.close();
  }

  const timeline = async (page) => {
    await page.goto(base);
    await page.locator('a[data-photo]').first().waitFor();
    await page.keyboard.press('-'); // smaller tiles: more of them
    // By the key for the next month to the meadow and the race: people, bursts and landscapes in one view.
    const { items: months } = await ask('/timeline?granularity=month');
    for (const { key } of months) {
      if (key === '2024-05') break;
      await page.keyboard.press(']');
    }
    await page.waitForFunction(() => {
      const heading = [...document.querySelectorAll('main h2')].find((h) => h.textContent === 'May 2024');
      return heading && Math.abs(heading.getBoundingClientRect().top - 90) < 12;
    });
    await page.locator('a[data-photo] img').first().waitFor();
  };
  await picture('timeline', 'dark', timeline);
  await picture('timeline-light', 'light', timeline);

  const { items: runners } = await ask('/photos?name=DSC_0446&limit=1');
  await picture('viewer', 'dark', async (page) => {
    await page.goto(`${base}/photo/${runners[0].id}`);
    await page.getByRole('complementary', { name: 'Information' }).getByRole('article').first().waitFor();
    await page.getByRole('img', { name: runners[0].name }).waitFor();
    await page.getByRole('link', { name: 'Next photo' }).waitFor();
  });

  await picture('duplicates', 'dark', async (page) => {
    await page.goto(`${base}/duplicates?tier=moment`);
    await page.getByRole('article').first().waitFor();
  });

  await picture('operations', 'dark', async (page) => {
    await page.goto(`${base}/operations`);
    await page.getByText('live', { exact: true }).waitFor();
    // The first run over the photos; before it the models were fetched.
    await page.getByRole('article').nth(-2).getByRole('button').first().click();
    await page.getByRole('table', { name: 'Time by step' }).waitFor();
  });

  // From here on the library changes: some of May is rated, and then more of it is chosen by hand.
  const { items: may } = await ask('/photos?taken=2024-05&sort=taken_at&order=desc&limit=60');
  const of = (...places) => places.map((place) => may[place]?.id).filter(Boolean);
  for (const [change, ids] of [[{ favorite: true }, of(1, 9)], [{ rating: 4 }, of(2, 6, 12)], [{ rating: 3 }, of(0, 7, 10, 15)], [{ flag: 'pick' }, of(1, 4, 9)], [{ flag: 'reject' }, of(8, 14)]]) {
    await ask('/photos/bulk-favorite', { photo_ids: ids, ...change });
    await finished();
  }
  const choose = async (page) => {
    await timeline(page);
    const tile = (photo) => page.locator('.tile').filter({ has: page.locator(`[data-photo="${photo.id}"]`) });
    await tile(may[2]).hover();
    await tile(may[2]).getByRole('checkbox').click();
    await tile(may[6]).getByRole('link').click({ modifiers: ['Shift'] });
    await page.getByRole('toolbar', { name: 'Selected photos' }).waitFor();
  };
  await picture('culling', 'dark', choose);

  await picture('dates', 'light', async (page) => {
    await choose(page);
    await page.getByRole('button', { name: 'Edit dates…' }).click();
    await page.getByLabel('Direction').selectOption({ label: 'Earlier (−)' });
    await page.getByLabel('Hours').fill('1');
    await page.getByRole('table', { name: 'What would change' }).waitFor();
  });

  await picture('import', 'dark', async (page) => {
    await page.goto(`${base}/import`);
    await page.getByLabel('Source folder').fill(dirname(card));
    await page.getByRole('button', { name: 'Look what is there' }).click();
    await page.getByRole('table', { name: 'What would be imported' }).waitFor();
  });

  await picture('search', 'dark', async (page) => {
    await page.goto(`${base}/search?q=${encodeURIComponent('2023 coast -camera:pocket')}`);
    await page.locator('a[data-photo] img').first().waitFor();
  });

  await picture('models', 'dark', async (page) => {
    await page.goto(`${base}/models`);
    await page.getByRole('group').first().getByRole('radio').first().waitFor();
  });

  await ask('/backups', {});
  const [root] = (await ask('/roots')).items;
  await ask(`/roots/${root.id}`, { write_mode: 'sidecar' }, 'PATCH');
  await picture('library', 'dark', async (page) => {
    await page.goto(`${base}/library`);
    await page.getByRole('button', { name: /^Restore the backup/ }).first().waitFor();
    await page.getByRole('region', { name: 'Feature store' }).getByRole('row').nth(1).waitFor();
  });

  const { items: copies } = await ask('/duplicates?tier=bytes&limit=6');
  await ask('/duplicates/resolve', {
    groups: copies.map(({ tier, keep, photos: members }) => {
      const kept = members.find((photo) => photo.id === keep).path;
      return { tier, keep: [kept], remove: members.map((photo) => photo.path).filter((path) => path !== kept) };
    }),
  });
  await finished();
  await picture('trash', 'dark', async (page) => {
    await page.goto(`${base}/trash`);
    await page.getByRole('table', { name: 'Files in the trash' }).getByRole('row').nth(1).waitFor();
  });
} finally {
  await browser?.close();
  server.kill('SIGTERM');
  await new Promise((done) => (server.exitCode === null && server.signalCode === null ? server.once('exit', done) : done()));
  rmSync(work, { recursive: true, force: true });
}
