import { describe, expect, it } from 'vitest';
import type { Operation } from '../api/types';
import { operationRecord } from '../testing/records';
import { ModelFetches } from './models.svelte';

function setUp() {
  const items: Operation[] = [];
  const calls: string[][] = [];
  const fetches = new ModelFetches(
    { items },
    (names) => {
      calls.push(names);
      return Promise.resolve(operationRecord(String(calls.length), { kind: 'pull_models' }));
    },
    (operation) => void items.push(operation),
  );
  return { items, calls, fetches };
}

describe('fetching models', () => {
  it('a model is on its way until its operation ends', async () => {
    const { items, calls, fetches } = setUp();
    await fetches.fetch(['lite'], ['a', 'b']);
    await fetches.fetch(['c']);
    expect(calls).toEqual([['lite'], ['c']]);
    expect(['a', 'b', 'c', 'd'].filter((id) => fetches.isFetching(id))).toEqual(['a', 'b', 'c']);
    items[0] = { ...items[0]!, state: 'completed' };
    expect(['a', 'b', 'c', 'd'].filter((id) => fetches.isFetching(id))).toEqual(['c']);
    expect(fetches.running.map(({ id }) => id)).toEqual(['2']);
  });

  it('one begun elsewhere is followed too; other work is not', () => {
    const { items, fetches } = setUp();
    items.push(operationRecord('8', { kind: 'pull_models' }), operationRecord('9', { kind: 'index' }));
    expect(fetches.running.map(({ id }) => id)).toEqual(['8']);
    expect(fetches.isFetching('a')).toBe(false);
  });

  it('a refusal is thrown, and nothing is on its way', async () => {
    const fetches = new ModelFetches({ items: [] }, () => Promise.reject(new Error('no')), () => {});
    await expect(fetches.fetch(['a'])).rejects.toThrow('no');
    expect(fetches.isFetching('a')).toBe(false);
  });
});
