import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import type { DuplicateGroup } from '../api/types';
import { operationRecord, photoRecord } from '../testing/records';
import { Duplicates, type DuplicateApi } from './duplicates.svelte';

const group = (n: number): DuplicateGroup => ({
  id: `g${n}`, tier: 'bytes', keep: `p${n}`, why: '', photos: ['a', 'b'].map((copy) => ({ ...photoRecord(`p${n}`, { bytes: 10 }), path: `/${copy}/${n}` })),
});

async function setUp() {
  const pages = [[group(1), group(2)], [group(3)]];
  const api = {
    list: vi.fn((_: unknown, cursor: string | null) => {
      const at = Number(cursor ?? 0);
      return Promise.resolve({ items: pages[at]!, next_cursor: at + 1 < pages.length ? String(at + 1) : null, totals: { bytes: 3, picture: 0, moment: 0 }, stale: false });
    }),
    resolve: vi.fn((_: unknown) => Promise.resolve(operationRecord('1', { kind: 'trash' }))),
  } satisfies DuplicateApi;
  const sinks = { follow: vi.fn(), fail: vi.fn() };
  const duplicates = new Duplicates(api, sinks);
  duplicates.select('bytes');
  await vi.waitFor(() => expect(duplicates.groups.items).toHaveLength(2));
  return { duplicates, api, sinks };
}

describe('Duplicates', () => {
  it('sends the others of a group to the trash, and takes it off the page', async () => {
    const { duplicates, api, sinks } = await setUp();
    const [first] = duplicates.groups.items;
    duplicates.toggle(first!, '/b/1');
    duplicates.toggle(first!, '/a/1');
    await duplicates.resolve([first!]);
    expect(api.resolve).toHaveBeenCalledWith([{ tier: 'bytes', keep: ['/b/1'], remove: ['/a/1'] }]);
    expect(sinks.follow.mock.calls[0]![1]).toBe('To the trash: 1 duplicate');
    expect(duplicates.groups.items.map((g) => g.id)).toEqual(['g2']);
    expect(duplicates.totals?.bytes).toBe(2);
  });

  it('keeps all of a group for good', async () => {
    const { duplicates, api } = await setUp();
    await duplicates.keepAll(duplicates.groups.items[0]!);
    expect(api.resolve).toHaveBeenCalledWith([{ tier: 'bytes', keep: ['/a/1', '/b/1'], remove: [] }]);
  });

  it('counts all groups before all are resolved', async () => {
    const { duplicates, api } = await setUp();
    expect(await duplicates.loadAll()).toBe(true);
    expect(duplicates.leaving(duplicates.groups.items)).toEqual({ groups: 3, files: 3, bytes: 30 });
    // One of which everything is kept is not resolved in passing.
    duplicates.toggle(duplicates.groups.items[1]!, '/b/2');
    await duplicates.resolve(duplicates.groups.items);
    expect(api.resolve.mock.calls[0]![0]).toHaveLength(2);
    expect(duplicates.groups.items.map((g) => g.id)).toEqual(['g2']);
  });

  it('leaves everything as it is when it is refused', async () => {
    const { duplicates, api, sinks } = await setUp();
    api.resolve.mockRejectedValueOnce(new ApiError('CONFLICT', 'busy', 409));
    await duplicates.resolve(duplicates.groups.items);
    expect(duplicates.groups.items).toHaveLength(2);
    expect(duplicates.totals?.bytes).toBe(3);
    expect(sinks.fail).toHaveBeenCalledOnce();
  });
});
