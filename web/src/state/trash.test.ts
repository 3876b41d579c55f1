import { describe, expect, it } from 'vitest';
import type { TrashEntry } from '../api/types';
import { Trash } from './trash.svelte';

const entry = (id: string, bytes: number): TrashEntry => ({ id, photo_id: null, name: id, path: `/p/${id}`, bytes, trashed_at: '2026-01-01T00:00:00Z', reason: null, kept_path: null });

async function setUp() {
  let there = [entry('a', 1), entry('b', 20), entry('c', 300)];
  const trash = new Trash(() => Promise.resolve({ items: there, next_cursor: null, total: there.length, total_bytes: there.reduce((sum, e) => sum + e.bytes, 0) }));
  await trash.reload();
  return { trash, without: (id: string) => (there = there.filter((e) => e.id !== id)) };
}

describe('Trash', () => {
  it('knows how much there is, and how much is chosen', async () => {
    const { trash } = await setUp();
    expect([trash.total, trash.totalBytes]).toEqual([3, 321]);
    trash.toggle('a');
    trash.toggle('c');
    expect(trash.chosenBytes).toBe(301);
    trash.toggle('a');
    expect([...trash.chosen]).toEqual(['c']);
  });

  it('chooses all, and none when all are chosen', async () => {
    const { trash } = await setUp();
    trash.toggle('b');
    trash.toggleAll();
    expect(trash.allChosen).toBe(true);
    trash.toggleAll();
    expect(trash.chosen.size).toBe(0);
  });

  it('forgets what was put back meanwhile', async () => {
    const { trash, without } = await setUp();
    trash.toggleAll();
    without('b');
    await trash.reload();
    expect([...trash.chosen]).toEqual(['a', 'c']);
    expect(trash.total).toBe(2);
  });
});
