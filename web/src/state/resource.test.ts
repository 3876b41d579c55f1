import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import { PagedList } from './resource.svelte';

type Listed = { items: number[]; next_cursor: string | null };

describe('PagedList', () => {
  it('fetches page by page, to the end', async () => {
    const list = new PagedList<number>((cursor) => Promise.resolve({ items: [Number(cursor ?? 0)], next_cursor: cursor === '2' ? null : String(Number(cursor ?? 0) + 1) }));
    await list.reload();
    while (!list.complete) await list.more();
    expect(list.items).toEqual([0, 1, 2]);
    await list.more();
    expect(list.items).toEqual([0, 1, 2]);
  });

  it('asks once when several ask, and all wait for the answer', async () => {
    let answer: (page: Listed) => void = () => {};
    const fetchPage = vi.fn(() => new Promise<Listed>((resolve) => (answer = resolve)));
    const list = new PagedList(fetchPage);
    void list.reload();
    const second = list.more();
    let done = false;
    void second.then(() => (done = true));
    await Promise.resolve();
    expect(done).toBe(false);
    answer({ items: [1], next_cursor: null });
    await second;
    expect(list.items).toEqual([1]);
    expect(fetchPage).toHaveBeenCalledOnce();
  });

  it('drops the answer to what was started over, and recovers from a failure', async () => {
    const answers: ((page: Listed) => void)[] = [];
    const fetchPage = vi.fn(() => new Promise<Listed>((resolve) => answers.push(resolve)));
    const list = new PagedList(fetchPage);
    const first = list.reload();
    const second = list.reload();
    answers[0]!({ items: [1], next_cursor: null });
    answers[1]!({ items: [2], next_cursor: 'x' });
    await Promise.all([first, second]);
    expect(list.items).toEqual([2]);
    fetchPage.mockRejectedValueOnce(new ApiError('NETWORK', 'gone', 0));
    await list.more();
    expect(list.error?.code).toBe('NETWORK');
    const again = list.more();
    answers[2]!({ items: [3], next_cursor: null });
    await again;
    expect(list.error).toBeNull();
    expect(list.items).toEqual([2, 3]);
  });
});
