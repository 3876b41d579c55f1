import { describe, expect, it } from 'vitest';
import { operationRecord } from '../testing/records';
import { amount, failedModels, figures, kindOf, pace, skippedSteps, standing } from './operation_words';

const labels = (...args: Parameters<typeof figures>) => figures(...args).map((figure) => `${figure.label} ${figure.text}`);

describe('operations in words', () => {
  it('every kind has its own, and an unknown one reads', () => {
    for (const kind of ['index', 'analyze', 'rate', 'edit_date', 'trash', 'restore', 'purge', 'import', 'verify', 'rebuild', 'recover', 'pull_models']) expect(kindOf(kind).title).not.toBe('');
    expect(kindOf('feature_pack').title).toBe('Feature pack');
    expect(amount('rate', 1)).toBe('1 file');
    expect(amount('index', 1200)).toBe('1,200 photos');
  });

  it('photos are counted by what was computed', () => {
    const operation = operationRecord('1', { done: 7, computed: 42, cached: 3, opened: 7, issues: 1, result: { photos: 90 } });
    expect(labels(operation)).toEqual(['Photos 90', 'Computed 42', 'Cached 3', 'Files opened 7', 'Issues 1']);
    expect(labels(operation, { active: true, expanded: true })).toEqual(['Computed 42', 'Cached 3', 'Files opened 7', 'Read 0 B', 'Issues 1']);
  });

  it('files are counted by what became of them', () => {
    const operation = operationRecord('1', { kind: 'import', done: 10, failed: 2, result: { known: 3, bytes: 4_000_000, mode: 'copy', failed: 2 } });
    expect(labels(operation)).toEqual(['Done 8', 'Failed 2', 'Known already 3', 'Bytes 4.0 MB']);
    expect(figures(operation).map((figure) => figure.opens)).toEqual(['done', 'failed', undefined, undefined]);
  });

  it('models are counted in bytes on their way, and one by one once there', () => {
    const operation = operationRecord('1', { kind: 'pull_models', done: 3_100_000, total: 8_000_000 });
    expect(standing(operation)).toBe('3.1 MB of 8.0 MB');
    expect(pace('pull_models', 2_000_000)).toBe('2.0 MB/s');
    expect(figures(operation, { active: true })).toEqual([]);
    const result = { photos: 0, pulled: ['a', 'b'], failed: [{ model: 'c', code: 'MODEL_UNAVAILABLE', detail: 'no publisher has it' }] };
    expect(labels({ ...operation, result })).toEqual(['Models fetched 2', 'Failed 1']);
    expect(failedModels(result)).toEqual([{ what: 'c', why: 'no publisher has it' }]);
    expect(standing(operationRecord('2', { done: 1200 }))).toBe('1,200 so far');
    expect(pace('index', 17.25)).toBe('17.3/s');
  });

  it('skipped steps come with their reasons', () => {
    expect(skippedSteps({ skipped_steps: [{ step: 'caption', reason: 'it needs extract_tags, which is skipped' }] })).toEqual([{ what: 'caption', why: 'it needs extract_tags, which is skipped' }]);
    for (const nothing of [null, 3, {}, { skipped_steps: [] }, { skipped_steps: 2 }, { failed: 7 }]) expect([...skippedSteps(nothing), ...failedModels(nothing)]).toEqual([]);
  });

  it('only what is wrong is marked', () => {
    const operation = operationRecord('1', { kind: 'verify', done: 9, result: { ok: 8, changed: 1, missing: 0, rotten: 1 } });
    expect(figures(operation).filter((figure) => figure.bad).map((figure) => figure.label)).toEqual(['Rotten']);
  });
});
