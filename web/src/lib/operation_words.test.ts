import { describe, expect, it } from 'vitest';
import { operationRecord } from '../testing/records';
import { amount, figures, kindOf } from './operation_words';

const labels = (...args: Parameters<typeof figures>) => figures(...args).map((figure) => `${figure.label} ${figure.text}`);

describe('operations in words', () => {
  it('every kind has its own, and an unknown one reads', () => {
    for (const kind of ['index', 'analyze', 'rate', 'edit_date', 'trash', 'restore', 'purge', 'import', 'verify', 'rebuild', 'recover']) expect(kindOf(kind).title).not.toBe('');
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

  it('only what is wrong is marked', () => {
    const operation = operationRecord('1', { kind: 'verify', done: 9, result: { ok: 8, changed: 1, missing: 0, rotten: 1 } });
    expect(figures(operation).filter((figure) => figure.bad).map((figure) => figure.label)).toEqual(['Rotten']);
  });
});
