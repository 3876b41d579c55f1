#!/usr/bin/env node
// Scores the program on labelled photos: node scripts/score.mjs [options] DIR, or `make score DATA=DIR`.
//
// DIR holds the photos and, in labels/, one file per task. For every task found, one line says the score, indented
// lines say what was left out and the parts, and score/<target>.csv lists every miss. The program is run as a user
// would run it, on an index of its own; it never sees a label.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { formatTable, parseTable } from './score/csv.mjs';
import { askProgram } from './score/library.mjs';
import { TARGETS } from './score/targets.mjs';

const USAGE = `usage: node scripts/score.mjs [--tintype PROGRAM] [--data-dir DIR] [--out DIR] DIR
  --tintype   the program to score (default target/release/tintype)
  --data-dir  where its index goes (default: a temporary folder, removed afterwards)
  --out       where the misses go (default score)`;

/** The lines to print for one target, and its misses as a table (or null). */
export function scoreTarget(target, labelsText, library) {
  if (!target.module) {
    return { lines: [`${target.id} – (needs ${target.needs}; not available in this version)`], table: null };
  }
  const labels = target.module.labelsAreJson ? JSON.parse(labelsText) : parseTable(labelsText);
  const { value, n, absent, unread, detail, misses } = target.module.score(labels, library);
  const lines = [
    `${target.id} ${Number.isNaN(value) ? '–' : value.toFixed(3)} (n=${n})`,
    `   labelled files absent and left out: ${absent}; there but not decoded, counted as wrong: ${unread}`,
  ];
  if (detail) lines.push(`   ${detail}`);
  return { lines, table: formatTable(target.module.missColumns, misses) };
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { tintype: { type: 'string' }, 'data-dir': { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help || positionals.length !== 1) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  const [folder] = positionals;
  const labelsFolder = path.join(folder, 'labels');
  const found = TARGETS.filter((target) => existsSync(path.join(labelsFolder, target.labels)));
  if (found.length === 0) {
    console.error(`no label file in ${labelsFolder}; looked for ${TARGETS.map((target) => target.labels).join(', ')}`);
    return 2;
  }
  const out = values.out ?? 'score';
  const dataDir = values['data-dir'] ?? mkdtempSync(path.join(os.tmpdir(), 'tintype-score-'));
  try {
    const { index, library } = askProgram(values.tintype ?? 'target/release/tintype', folder, dataDir);
    console.error(`indexed ${index.files} files, ${index.photos} photos, ${index.issues} issues in ${index.secs.toFixed(1)} s`);
    mkdirSync(out, { recursive: true });
    for (const target of found) {
      const { lines, table } = scoreTarget(target, readFileSync(path.join(labelsFolder, target.labels), 'utf8'), library);
      console.log(lines.join('\n'));
      if (table !== null) writeFileSync(path.join(out, `${target.id}.csv`), table);
    }
    return 0;
  } finally {
    if (!values['data-dir']) rmSync(dataDir, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.exitCode = main();
  } catch (error) {
    console.error(`score: ${error.message}`);
    process.exitCode = error.code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
  }
}
