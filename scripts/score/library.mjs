// What the program says about a folder of photos, asked for as a user would: index, report, dupes.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** Answers by labelled path (relative to the folder of photos). */
export class Library {
  constructor(root, rows, groups, exists = existsSync, search = () => []) {
    this.root = root;
    this.existsOnDisk = exists;
    this.searchPaths = search;
    this.rows = new Map(rows.map((row) => [row.path, row]));
    this.groupsByPath = new Map();
    for (const group of groups) {
      if (group.tier !== 'bytes' && group.tier !== 'picture') continue;
      for (const file of group.paths) {
        if (!this.groupsByPath.has(file)) this.groupsByPath.set(file, []);
        this.groupsByPath.get(file).push(group);
      }
    }
  }

  exists(relative) { return this.existsOnDisk(path.join(this.root, relative)); }

  /** The report's line for a file, or undefined when it has none. */
  row(relative) { return this.rows.get(path.join(this.root, relative)); }

  /** What the program finds for words, best first: paths relative to the folder of photos. */
  search(words, limit) {
    return this.searchPaths(words, limit).map((file) => path.relative(this.root, file));
  }

  /** The groups of tier bytes or picture that a file is in. */
  pictureGroups(relative) { return this.groupsByPath.get(path.join(this.root, relative)) ?? []; }
}

/** Indexes `folder` into the index at `dataDir` and reads back what there is to say. */
export function askProgram(tintype, folder, dataDir) {
  const root = realpathSync(folder);
  const index = run(tintype, ['index', root, '--json', '--data', dataDir]).at(-1);
  const rows = run(tintype, ['report', '--json', '--data', dataDir]);
  const groups = run(tintype, ['dupes', '--json', '--data', dataDir]);
  const search = (words, limit) =>
    run(tintype, ['search', '--limit', String(limit), '--json', '--data', dataDir, words])
      .filter((line) => typeof line.path === 'string').map((line) => line.path);
  return { index, library: new Library(root, rows, groups, existsSync, search) };
}

function run(tintype, args) {
  const result = spawnSync(tintype, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (result.error) throw new Error(`cannot run ${tintype}: ${result.error.message}`);
  if (result.status !== 0) {
    throw new Error(`${tintype} ${args[0]} ended with ${result.status ?? result.signal}\n${result.stderr}`);
  }
  return result.stdout.split('\n').filter((line) => line.trim() !== '').map((line) => {
    try { return JSON.parse(line); }
    catch (error) { throw new Error(`${tintype} ${args[0]} printed a line that is not JSON: ${line.slice(0, 200)}`, { cause: error }); }
  });
}
