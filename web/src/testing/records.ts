/** Records as the server sends them, for tests. */

import type { Mark, Model, Operation, PhotoSummary, VectorSpace } from '../api/types';

export const photoRecord = (id: string, fields: Partial<PhotoSummary> = {}): PhotoSummary => ({
  id, taken_at: null, width: 3000, height: 2000, media: 'photo', format: 'jpeg', name: `${id}.jpg`, camera: null, rating: null, flag: null, favorite: false,
  stack: 0, sharpness: null, quality: null, is_blurry: null, blur_kind: null, files: 1, issues: 0, decodable: true, bytes: 1, ...fields,
});

export const operationRecord = (id: string, fields: Partial<Operation> = {}): Operation => ({
  id, kind: 'index', label: id, state: 'running', phase: 'reading', created_at: `2026-01-01T00:00:0${id}Z`, started_at: null, finished_at: null,
  total: 0, done: 0, computed: 0, cached: 0, opened: 0, issues: 0, bytes_read: 0, rate: 0, eta_secs: null, step_ms: {}, error: null, result: null,
  resumable: false, failed: 0, undoable: false, retryable: false, ...fields,
});

export const markRecord = (id: string, fields: Partial<Mark> = {}): Mark => ({
  id, rating: null, flag: null, favorite: false, title: null, caption: null, keywords: [], write: 'database', detail: null, ...fields,
});

export const modelRecord = (id: string, fields: Partial<Model> = {}): Model => ({
  id, title: id, task: 'scene', version: `${id}@1`, pack: 'lite', licence: 'MIT', commercial: true, note: '', state: 'absent', reason: null, usable: false,
  installed_bytes: 0, download_bytes: 1, loaded_bytes: 0, ...fields,
});

export const vectorSpaceRecord = (fields: Partial<VectorSpace> = {}): VectorSpace => ({
  kind: 'scene_embedding', producer: 'grid@1', model: null, reads_words: false, can_embed: true, pictures: 10, active: false, chosen: false, ...fields,
});
