import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import type { Operation } from '../api/types';
import { operationRecord } from '../testing/records';
import { Toasts } from './toasts.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const items: Operation[] = [];
  const followed = {
    items,
    started(operation: Operation) {
      this.receive(operation);
      return operation;
    },
    receive(change: Operation) {
      const at = items.findIndex((operation) => operation.id === change.id);
      if (at < 0) items.push(change);
      else items[at] = change;
    },
  };
  const undo = vi.fn((_: string) => Promise.resolve(operationRecord('2')));
  return { toasts: new Toasts(followed, undo), followed, undo };
}

describe('Toasts', () => {
  it('leave by themselves, unless the reader is at them', () => {
    const { toasts } = setUp();
    toasts.say('one');
    const id = toasts.say('two');
    toasts.hold(id);
    vi.advanceTimersByTime(60_000);
    expect(toasts.items.map((toast) => toast.text)).toEqual(['two']);
    toasts.settle(id);
    vi.advanceTimersByTime(60_000);
    expect(toasts.items).toHaveLength(1);
    toasts.release(id);
    toasts.settle(id);
    vi.advanceTimersByTime(60_000);
    expect(toasts.items).toEqual([]);
  });

  it('follow work for as long as it takes', () => {
    const { toasts, followed } = setUp();
    toasts.follow(operationRecord('1', { done: 1 }));
    const { id } = toasts.items[0]!;
    vi.advanceTimersByTime(3_600_000);
    followed.receive(operationRecord('1', { done: 7 }));
    expect(toasts.operationOf(toasts.items[0]!)?.done).toBe(7);
    followed.receive(operationRecord('1', { state: 'completed' }));
    toasts.settle(id);
    toasts.settle(id);
    vi.advanceTimersByTime(60_000);
    expect(toasts.items).toEqual([]);
  });

  it('undo gives its place to the toast of the undoing', async () => {
    const { toasts, undo } = setUp();
    toasts.follow(operationRecord('1', { state: 'completed', undoable: true }));
    await toasts.undo(toasts.items[0]!);
    expect(undo).toHaveBeenCalledWith('1');
    expect(toasts.items.map((toast) => toast.operation)).toEqual(['2']);
  });

  it('say why something was not undone', async () => {
    const { toasts, undo } = setUp();
    undo.mockRejectedValueOnce(new ApiError('CONFLICT', 'too late', 409));
    toasts.follow(operationRecord('1', { state: 'completed', undoable: true }));
    await toasts.undo(toasts.items[0]!);
    expect(toasts.items.map((toast) => toast.error?.detail)).toEqual(['too late']);
  });

  it('are few', () => {
    const { toasts } = setUp();
    for (let n = 0; n < 9; n++) toasts.say(String(n));
    expect(toasts.items.map((toast) => toast.text)).toEqual(['5', '6', '7', '8']);
  });
});
