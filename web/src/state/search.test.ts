import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import type { SearchPage, SearchQuery } from '../api/types';
import { photoRecord } from '../testing/records';
import { Search } from './search.svelte';

const page = (ids: string[], next_cursor: string | null = null, fields: Partial<SearchPage> = {}): SearchPage => ({
  items: ids.map((id) => ({ photo: photoRecord(id), score: 1, good: true, reasons: [] })),
  next_cursor, total: ids.length, total_is_exact: true, query: '', chips: [], warnings: [], relaxed: false, no_good_match: false, waiting: 0, ...fields,
});
const pages: Record<string, SearchPage> = { '': page(['a', 'b'], '2', { total: 5 }), '2': page(['c', 'd'], '4'), '4': page(['e']) };
const paged = () => vi.fn((query: SearchQuery, _: AbortSignal) => Promise.resolve(pages[query.cursor ?? '']!));
const words = (text: string) => ({ text, like: null, picture: null });
const ids = (search: Search) => search.hits.map((hit) => hit.photo.id);

describe('Search', () => {
  it('asks for words and likeness together, page by page, with the same question', async () => {
    const api = paged();
    const search = new Search(api);
    await search.show({ text: 'dog', like: 'x', picture: null });
    expect(ids(search)).toEqual(['a', 'b']);
    expect(search.complete).toBe(false);
    await search.more();
    await search.more();
    await search.more();
    expect(ids(search)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(search.complete).toBe(true);
    expect(search.answer?.total).toBe(5);
    expect(api.mock.calls.map(([query]) => query)).toEqual([null, '2', '4'].map((cursor) => ({ text: 'dog', photo_id: 'x', limit: 100, cursor })));
  });

  it('sends a picture with every page of the question, and says when it is gone', async () => {
    const api = vi.fn((query: SearchQuery, _: AbortSignal, _picture: Blob | null) => Promise.resolve(pages[query.cursor ?? '']!));
    const file = new Blob(['x']);
    const search = new Search(api, { get: (key) => (key === 'k' ? { file } : null) });
    await search.show({ text: 'dog', like: null, picture: 'k' });
    await search.more();
    expect(api.mock.calls.map(([query, , picture]) => [query.text, query.cursor, picture])).toEqual([['dog', null, file], ['dog', '2', file]]);
    await search.show({ text: 'dog', like: null, picture: 'lost' });
    expect(search.error?.code).toBe('PICTURE_GONE');
    expect(search.loading).toBe(false);
    expect(api).toHaveBeenCalledTimes(2);
  });

  it('asks nothing twice, and nothing for nothing', async () => {
    const api = paged();
    const search = new Search(api);
    await search.show(words(''));
    await search.more();
    expect(api).not.toHaveBeenCalled();
    void search.show(words('dog'));
    await search.show(words('dog'));
    await search.show(words('dog'));
    expect(api).toHaveBeenCalledOnce();
    await search.show(words(''));
    expect(search.answer).toBeNull();
    expect(search.hits).toEqual([]);
  });

  it('drops the answer to an earlier question', async () => {
    const answers: ((answer: SearchPage) => void)[] = [];
    const api = vi.fn((_query: SearchQuery, _signal: AbortSignal) => new Promise<SearchPage>((resolve) => answers.push(resolve)));
    const search = new Search(api);
    const first = search.show(words('dog'));
    const second = search.show(words('cat'));
    expect(api.mock.calls[0]![1].aborted).toBe(true);
    answers[1]!(page(['cat']));
    await second;
    answers[0]!(page(['dog']));
    await first;
    expect(ids(search)).toEqual(['cat']);
    expect(search.loading).toBe(false);
  });

  it('keeps what it has when a page does not come, and goes on from there', async () => {
    const api = paged();
    const search = new Search(api);
    await search.show(words('dog'));
    api.mockRejectedValueOnce(new ApiError('NETWORK', 'gone', 0));
    await search.more();
    expect(search.error?.code).toBe('NETWORK');
    expect(ids(search)).toEqual(['a', 'b']);
    await search.retry();
    expect(search.error).toBeNull();
    expect(ids(search)).toEqual(['a', 'b', 'c', 'd']);
    // With everything loaded, what failed can only have been the renewal.
    await search.more();
    api.mockRejectedValueOnce(new ApiError('NETWORK', 'gone', 0));
    await search.renew();
    expect(search.error?.code).toBe('NETWORK');
    expect(ids(search)).toEqual(['a', 'b', 'c', 'd', 'e']);
    api.mockResolvedValueOnce(page(['e']));
    await search.retry();
    expect(search.error).toBeNull();
    expect(ids(search)).toEqual(['e']);
  });

  it('asks again after a failure of the first page', async () => {
    const api = paged();
    api.mockRejectedValueOnce(new ApiError('NOT_FOUND', 'no such photo', 404));
    const search = new Search(api);
    await search.show({ text: '', like: 'x', picture: null });
    expect(search.error?.status).toBe(404);
    await search.retry();
    expect(ids(search)).toEqual(['a', 'b']);
    expect(search.answer?.total).toBe(5);
  });

  it('fetches as much as was loaded when photos changed, and shows the old until then', async () => {
    const api = paged();
    const search = new Search(api);
    await search.show(words('dog'));
    await search.more();
    const shown = search.shown;
    api.mockResolvedValueOnce(page(['b', 'x'], '2', { total: 4 }));
    const renewed = search.renew();
    expect(ids(search)).toEqual(['a', 'b', 'c', 'd']);
    await renewed;
    expect(ids(search)).toEqual(['b', 'x', 'c', 'd']);
    expect(search.answer?.total).toBe(4);
    expect(search.shown).toBe(shown);
    await search.more();
    expect(ids(search)).toEqual(['b', 'x', 'c', 'd', 'e']);
  });

  it('shows a photo once that comes in two pages', async () => {
    const api = paged();
    const search = new Search(api);
    await search.show(words('dog'));
    api.mockResolvedValueOnce(page(['b', 'c']));
    await search.more();
    expect(ids(search)).toEqual(['a', 'b', 'c']);
  });

  it('knows what comes before and after a hit, over the end of a page', async () => {
    const search = new Search(paged());
    // Opened by its address: the results are on their way.
    void search.show(words('dog'));
    expect((await search.neighbour('b', -1))?.id).toBe('a');
    expect(await search.neighbour('a', -1)).toBeNull();
    expect((await search.neighbour('b', 1))?.id).toBe('c');
    expect(await search.neighbour('elsewhere', 1)).toBeNull();
    expect((await search.neighbour('d', 1))?.id).toBe('e');
    expect(await search.neighbour('e', 1)).toBeNull();
  });

  it('takes over what was decided of a photo', async () => {
    const search = new Search(vi.fn(() => Promise.resolve(page(['a', 'b']))));
    await search.show(words('dog'));
    search.patch(new Set(['b']), { rating: 4 });
    expect([search.find('a')?.rating, search.find('b')?.rating]).toEqual([null, 4]);
  });
});
