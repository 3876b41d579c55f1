import { describe, expect, it } from 'vitest';
import { operationRecord as operation } from '../testing/records';
import { isActive, merged, progressOf } from './operations.svelte';

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
