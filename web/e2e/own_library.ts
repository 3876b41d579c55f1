/** A server with a few photos of its own, for tests that change something. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { PhotoPage, PhotoSummary } from '../src/api/types';
import { api, completed, operationThat, startServer } from './program';
import { library } from './test';

export interface OwnLibrary {
  url: string;
  /** The folder that was indexed. */
  folder: string;
  /** A folder beside it, for what is to come in; it is not indexed. */
  outside: string;
  /** Newest first, as the timeline shows them. */
  photos: PhotoSummary[];
  stop(): Promise<void>;
}

/** Photos as a camera wrote them, each another picture. */
function originals(): string[] {
  const found = readdirSync(library(), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && /^DSC_\d+\.jpg$/.test(entry.name));
  const byName = new Map(found.map((entry) => [entry.name, join(entry.parentPath, entry.name)]));
  return [...byName.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** Copies originals into `into`; `from` leaves out the first so many. */
export async function bring(into: string, count: number, from = 0): Promise<string[]> {
  await mkdir(into, { recursive: true });
  const paths = originals().slice(from, from + count);
  if (paths.length < count) throw new Error(`the demo library has only ${originals().length} originals`);
  const names = paths.map((path) => path.slice(path.lastIndexOf('/') + 1));
  await Promise.all(paths.map((path, i) => copyFile(path, join(into, names[i]!))));
  return names;
}

/** A small DINOv2 with random weights: a model of one's own, beside what needs none. */
async function bringModel(data: string): Promise<void> {
  const models = join(data, 'models');
  await mkdir(models, { recursive: true });
  const fixture = join(dirname(fileURLToPath(import.meta.url)), '../../crates/infer/tests/golden/dino.onnx.gz');
  const graph = gunzipSync(readFileSync(fixture));
  await writeFile(join(models, 'dino.onnx'), graph);
  const sha256 = createHash('sha256').update(graph).digest('hex');
  const files = { graph: { name: 'dino.onnx', sha256 } };
  await writeFile(join(models, 'own.json'), JSON.stringify([{ id: 'dino-mine', version: 'dino_mine@1', family: 'dino', licence: 'MIT', commercial: true, files }]));
}

/** Indexes `count` photos, the first `twice` of them as two equal files each; with a model, if wanted. */
export async function ownLibrary({ count = 6, twice = 0, model = false } = {}): Promise<OwnLibrary> {
  const work = await mkdtemp(join(tmpdir(), 'tintype-e2e-own-'));
  const folder = join(work, 'photos');
  await bring(join(folder, 'camera'), count);
  if (twice > 0) await bring(join(folder, 'copies'), twice);
  const outside = join(work, 'card');
  await mkdir(outside);
  if (model) await bringModel(join(work, 'data'));
  const server = await startServer({ data: join(work, 'data'), folders: [folder], allow: [outside] });
  const stop = async () => {
    await server.stop();
    await rm(work, { recursive: true, force: true });
  };
  try {
    await operationThat(server.url, '/operations', completed);
    const { items } = await api<PhotoPage>(server.url, '/photos?sort=taken_at&order=desc&limit=100');
    return { url: server.url, folder, outside, photos: items, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
