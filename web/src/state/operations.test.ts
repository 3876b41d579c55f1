import { describe, expect, it } from 'vitest';
import type { Operation } from '../api/types';
import { isActive, merged, progressOf } from './operations.svelte';

const operation = (id: string, fields: Partial<Operation> = {}): Operation => ({
  id, kind: 'index', label: id, state: 'running', phase: 'reading', created_at: `2026-01-01T00:00:0${id}Z`, started_at: null, finished_at: null,
  total: 0, done: 0, computed: 0, cached: 0, opened: 0, issues: 0, bytes_read: 0, rate: 0, eta_secs: null, step_ms: {}, error: null, result: null,
  resumable: false, ...fields,
});

describe('operations', () => {
  it('replaces a changed one in place and puts a new one first', () => {
    const list = [operation('2'), operation('1')];
    expect(merged(list, operation('1', { done: 5 })).map((o) => [o.id, o.done])).toEqual([['2', 0], ['1', 5]]);
    expect(merged(list, operation('3')).map((o) => o.id)).toEqual(['3', '2', '1']);
  });

  it('knows how far it is', () => {
    expect(progressOf(operation('1'))).toBeNull();
    expect(progressOf(operation('1', { total: 200, done: 50 }))).toBe(0.25);
    expect(progressOf(operation('1', { total: 200, done: 300 }))).toBe(1);
    expect(progressOf(operation('1', { state: 'completed' }))).toBe(1);
    expect(isActive(operation('1', { state: 'pending' }))).toBe(true);
    expect(isActive(operation('1', { state: 'paused' }))).toBe(false);
  });
});
