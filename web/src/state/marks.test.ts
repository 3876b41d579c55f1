import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import type { Mark, Operation } from '../api/types';
import { markRecord, operationRecord, photoRecord } from '../testing/records';
import { Marks, type MarkApi } from './marks.svelte';

/** A server that answers when it is told to. */
function setUp() {
  const waiting: { call: string; answer: (mark: Mark) => void; refuse: () => void }[] = [];
  const ask = (call: string) =>
    new Promise<Mark>((answer, reject) => waiting.push({ call, answer, refuse: () => reject(new ApiError('CONFLICT', 'busy', 409)) }));
  const api: MarkApi = {
    favorite: (id) => ask(`favorite ${id}`),
    rating: (id, rating) => ask(`rating ${id} ${rating}`),
    flag: (id, flag) => ask(`flag ${id} ${flag}`),
    metadata: (id, body) => ask(`metadata ${id} ${JSON.stringify(body)}`),
    bulk: vi.fn(() => Promise.resolve(operationRecord('1', { kind: 'rate' }))),
  };
  const sinks = { patch: vi.fn(), fail: vi.fn(), follow: vi.fn((operation: Operation, _: string) => operation) };
  return { marks: new Marks(api, sinks), api, sinks, waiting };
}

const asked = (waiting: unknown[], n: number) => vi.waitFor(() => expect(waiting).toHaveLength(n));

describe('Marks', () => {
  it('shows a change before the server has answered, then hands it to the photos', async () => {
    const { marks, sinks, waiting } = setUp();
    const photo = photoRecord('a');
    const done = marks.apply(photo, { rating: 5 });
    expect(marks.of(photo)).toEqual({ rating: 5, flag: null, favorite: true });
    await asked(waiting, 1);
    waiting[0]!.answer(markRecord('a', { rating: 5, favorite: true, write: 'file' }));
    expect((await done)?.write).toBe('file');
    expect(sinks.patch).toHaveBeenCalledWith(new Set(['a']), { rating: 5, flag: null, favorite: true });
    expect(marks.last.get('a')?.write).toBe('file');
    // Nothing lies over the photo any more: this one was not patched.
    expect(marks.of(photo).rating).toBeNull();
  });

  it('takes a refused change back, and says so', async () => {
    const { marks, sinks, waiting } = setUp();
    const photo = photoRecord('a', { rating: 2 });
    const done = marks.apply(photo, { flag: 'pick' });
    expect(marks.of(photo).flag).toBe('pick');
    await asked(waiting, 1);
    waiting[0]!.refuse();
    expect(await done).toBeNull();
    expect(marks.of(photo)).toEqual({ rating: 2, flag: null, favorite: false });
    expect(sinks.fail).toHaveBeenCalledOnce();
    expect(sinks.patch).not.toHaveBeenCalled();
  });

  it('sends changes of one photo one after the other, and shows the last', async () => {
    const { marks, waiting } = setUp();
    const photo = photoRecord('a');
    void marks.apply(photo, { rating: 3 });
    const last = marks.apply(photo, { rating: 4 });
    await asked(waiting, 1);
    waiting[0]!.answer(markRecord('a', { rating: 3 }));
    await asked(waiting, 2);
    expect(waiting.map((w) => w.call)).toEqual(['rating a 3', 'rating a 4']);
    expect(marks.of(photo).rating).toBe(4);
    waiting[1]!.answer(markRecord('a', { rating: 4 }));
    await last;
  });

  it('does not toggle a favourite that is what it should be', async () => {
    const { marks, waiting } = setUp();
    expect(await marks.apply(photoRecord('a', { favorite: true, rating: 5 }), { favorite: true })).toBeNull();
    expect(waiting).toHaveLength(0);
  });

  it('changes many in one operation, whose end hands the change over', async () => {
    const { marks, api, sinks } = setUp();
    const photos = [photoRecord('a'), photoRecord('b')];
    await marks.applyAll(['a', 'b'], { rating: 4 });
    expect(api.bulk).toHaveBeenCalledWith(['a', 'b'], { rating: 4 });
    expect(sinks.follow.mock.calls[0]![1]).toBe('Rated 4 stars · 2 photos');
    expect(photos.map((photo) => marks.of(photo).rating)).toEqual([4, 4]);
    expect(sinks.patch).not.toHaveBeenCalled();
    marks.noticeEnd(operationRecord('1', { state: 'completed' }));
    expect(sinks.patch).toHaveBeenCalledWith(new Set(['a', 'b']), { rating: 4, favorite: false });
    expect(marks.of(photos[0]!).rating).toBeNull();
  });

  it('hands a change over at once when the work ended before its answer came', async () => {
    const { marks, sinks } = setUp();
    sinks.follow.mockImplementationOnce((operation) => ({ ...operation, state: 'completed' }));
    await marks.applyAll(['a'], { rating: 4 });
    expect(sinks.patch).toHaveBeenCalledOnce();
    expect(marks.of(photoRecord('a')).rating).toBeNull();
  });

  it('claims nothing for a bulk change that failed in part', async () => {
    const { marks, sinks } = setUp();
    await marks.applyAll(['a', 'b'], { favorite: true });
    marks.noticeEnd(operationRecord('1', { state: 'completed', failed: 1 }));
    expect(sinks.patch).not.toHaveBeenCalled();
    expect(marks.of(photoRecord('a')).favorite).toBe(false);
  });

  it('takes a refused bulk change back', async () => {
    const { marks, api, sinks } = setUp();
    vi.mocked(api.bulk).mockRejectedValueOnce(new ApiError('BATCH_TOO_LARGE', 'too many', 400));
    await marks.applyAll(['a'], { flag: 'reject' });
    expect(marks.of(photoRecord('a')).flag).toBeNull();
    expect(sinks.fail).toHaveBeenCalledOnce();
  });
});
