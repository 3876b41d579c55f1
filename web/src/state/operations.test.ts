import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import type { Operation } from '../api/types';
import { operationRecord as operation } from '../testing/records';
import { isActive, merged, Operations, progressOf, type OperationApi } from './operations.svelte';

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

/** A server whose answers and whose stream come when they are told to. */
function setUp() {
  let tell: (operation: Operation) => void = () => {};
  let listed: (items: Operation[]) => void = () => {};
  let answer: (operation: Operation) => void = () => {};
  const asked = () => new Promise<Operation>((resolve) => (answer = resolve));
  const api = {
    list: () => new Promise<{ items: Operation[] }>((resolve) => (listed = (items) => resolve({ items }))),
    watch(onChange) {
      tell = onChange;
      return () => {};
    },
    control: vi.fn(asked),
    undo: vi.fn(asked),
    retry: vi.fn(asked),
  } satisfies OperationApi;
  const operations = new Operations(api);
  const ended = vi.fn();
  operations.onEnd(ended);
  operations.start();
  const states = () => operations.items.map((o) => `${o.id} ${o.state}`);
  return { operations, api, ended, states, tell: (o: Operation) => tell(o), list: (items: Operation[]) => listed(items), answer: (o: Operation) => answer(o) };
}

describe('answers and the stream', () => {
  it('an answer that comes late does not bring back what has ended', async () => {
    const { operations, tell, ended, states } = setUp();
    tell(operation('1', { state: 'completed' }));
    expect(operations.started(operation('1')).state).toBe('completed');
    expect(states()).toEqual(['1 completed']);
    // It ended once, although it was never seen running.
    expect(ended).toHaveBeenCalledOnce();
    expect(operations.finished).toBe(1);
  });

  it('a list that comes late neither forgets nor reverts what the stream said meanwhile', async () => {
    const { operations, tell, list, states } = setUp();
    tell(operation('1', { state: 'completed' }));
    tell(operation('2'));
    list([operation('1')]);
    await vi.waitFor(() => expect(operations.loaded).toBe(true));
    expect(states()).toEqual(['2 running', '1 completed']);
  });

  it('what a first list tells of the past has not just ended', async () => {
    const { operations, list, ended } = setUp();
    list([operation('1', { state: 'completed' })]);
    await vi.waitFor(() => expect(operations.loaded).toBe(true));
    expect(ended).not.toHaveBeenCalled();
  });

  it('retry goes by the stream when that was faster', async () => {
    const { operations, api, tell, answer, states } = setUp();
    const failed = operation('1', { state: 'completed', failed: 2, retryable: true });
    tell(failed);
    const done = operations.retry(failed, [4]);
    expect(api.retry).toHaveBeenCalledWith('1', [4]);
    tell(operation('1', { state: 'running' }));
    tell(operation('1', { state: 'completed' }));
    answer(operation('1', { state: 'running' }));
    expect(await done).toBe(true);
    expect(states()).toEqual(['1 completed']);
    expect(operations.finished).toBe(2);
  });

  it('says why undo was refused', async () => {
    const { operations, api } = setUp();
    api.undo.mockRejectedValueOnce(new ApiError('CONFLICT', 'nothing to undo', 409));
    expect(await operations.undo(operation('1'))).toBe(false);
    expect(operations.failures['1']?.code).toBe('CONFLICT');
  });
});
