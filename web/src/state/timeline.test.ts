import { describe, expect, it, vi } from 'vitest';
import { ApiError, type Query } from '../api/client';
import type { PhotoSummary } from '../api/types';
import { noFilters } from '../lib/filters';
import { photoRecord } from '../testing/records';
import { FLAT, TimelineState, type TimelineApi } from './timeline.svelte';

const photo = (id: string, taken_at: string | null): PhotoSummary => photoRecord(id, { taken_at });

/** A small server: three months, one of which needs two pages. */
function server() {
  const months: Record<string, PhotoSummary[]> = {
    '2024-06': [photo('a', '2024-06-02T00:00:00'), photo('b', '2024-06-01T00:00:00')],
    '2024-05': [1, 2, 3].map((n) => photo(`c${n}`, '2024-05-01T00:00:00')),
    '': [photo('z', null)],
  };
  const asked: Query[] = [];
  const api: TimelineApi = {
    timeline: () => Promise.resolve({ items: Object.entries(months).map(([key, photos]) => ({ key, count: photos.length })), total: Object.values(months).flat().length }),
    photos(query) {
      asked.push(query);
      const taken = query['taken'] as string | undefined;
      const all = taken === undefined ? Object.values(months).flat() : (months[taken === 'none' ? '' : taken] ?? []);
      const start = Number(query['cursor'] ?? 0);
      const end = start + 2;
      return Promise.resolve({ items: all.slice(start, end), next_cursor: end < all.length ? String(end) : null });
    },
  };
  return { api, asked, months };
}

async function shown(order: 'asc' | 'desc' = 'desc') {
  const mock = server();
  const timeline = new TimelineState(mock.api);
  await timeline.show({ ...noFilters(), order }, null);
  return { ...mock, timeline };
}

describe('TimelineState', () => {
  it('knows all months at once and fetches no photo before it is asked to', async () => {
    const { timeline, asked } = await shown();
    expect(timeline.sections.map((section) => section.key)).toEqual(['2024-06', '2024-05', '']);
    expect(timeline.total).toBe(6);
    expect(asked).toEqual([]);
  });

  it('keeps undated photos last when the order is reversed', async () => {
    const { timeline } = await shown('asc');
    expect(timeline.sections.map((section) => section.key)).toEqual(['2024-05', '2024-06', '']);
  });

  it('has one flat section in any other order', async () => {
    const { api } = server();
    const timeline = new TimelineState(api);
    await timeline.show({ ...noFilters(), sort: 'quality' }, null);
    expect(timeline.sections.map((section) => section.key)).toEqual([FLAT]);
    expect(timeline.flat).toBe(true);
    await timeline.load(0);
    expect(timeline.sections[0]!.photos).toHaveLength(2);
    expect(timeline.sections[0]!.complete).toBe(false);
  });

  it('asks once when several ask at the same time', async () => {
    const { timeline, asked } = await shown();
    await Promise.all([timeline.load(0), timeline.load(0), timeline.load(0)]);
    expect(asked).toHaveLength(1);
    await timeline.load(0);
    expect(asked).toHaveLength(1);
  });

  it('steps through every photo across months and pages, both ways', async () => {
    const { timeline } = await shown();
    await timeline.load(0);
    const seen = [];
    let at = timeline.find('a');
    while (at) {
      seen.push(timeline.photoAt(at)!.id);
      at = await timeline.step(at, 1);
    }
    expect(seen).toEqual(['a', 'b', 'c1', 'c2', 'c3', 'z']);
    const back = await timeline.step(timeline.find('z')!, -1);
    expect(timeline.photoAt(back!)!.id).toBe('c3');
    expect(await timeline.step(timeline.find('a')!, -1)).toBeNull();
  });

  it('finds a photo that was opened by its address', async () => {
    const { timeline } = await shown();
    expect(timeline.find('c3')).toBeNull();
    expect(await timeline.locate(photo('c3', '2024-05-01T00:00:00'))).toEqual({ section: 1, index: 2 });
    expect(await timeline.locate(photo('nowhere', '1990-01-01T00:00:00'))).toBeNull();
  });

  it('says why a month did not come, and asks again', async () => {
    const { timeline, api } = await shown();
    const good = api.photos;
    api.photos = () => Promise.reject(new ApiError('DATABASE_UNAVAILABLE', 'locked', 503));
    await timeline.load(0);
    expect(timeline.sections[0]!.error?.code).toBe('DATABASE_UNAVAILABLE');
    api.photos = good;
    await timeline.load(0);
    expect(timeline.sections[0]!.error).toBeNull();
    expect(timeline.sections[0]!.photos).toHaveLength(2);
  });

  it('keeps what did not change when it is refreshed', async () => {
    const { timeline, months, asked } = await shown();
    await timeline.load(0);
    months['2024-05']!.push(photo('new', '2024-05-09T00:00:00'));
    await timeline.refresh();
    expect(timeline.sections[0]!.photos).toHaveLength(2);
    expect(timeline.sections[1]!.count).toBe(4);
    expect(asked).toHaveLength(1);
  });

  it('fetches again what may have changed, and shows the old until then', async () => {
    const { timeline, months, asked } = await shown();
    await timeline.load(1);
    await timeline.load(1);
    expect(asked).toHaveLength(2);
    months['2024-05'] = [2, 3].map((n) => photoRecord(`c${n}`, { taken_at: '2024-05-01T00:00:00', rating: 4 }));
    await timeline.refresh(true);
    expect(timeline.sections[1]!.photos.map((p) => [p.id, p.rating])).toEqual([['c1', null], ['c2', null], ['c3', null]]);
    await timeline.load(1);
    expect(timeline.sections[1]!.photos.map((p) => [p.id, p.rating])).toEqual([['c2', 4], ['c3', 4]]);
    expect(timeline.sections[1]!.count).toBe(2);
    expect(timeline.sections[1]!.aspects).toHaveLength(2);
    await timeline.load(1);
    expect(asked).toHaveLength(3);
  });

  it('lists what lies between two photos, in either direction, loading months on the way', async () => {
    const { timeline } = await shown();
    await timeline.load(0);
    await timeline.load(2);
    const [b, z] = [timeline.find('b')!, timeline.find('z')!];
    const ids = async (from: typeof b, to: typeof b, limit = 100) => (await timeline.between(from, to, limit)).map((p) => p.id);
    expect(await ids(b, z)).toEqual(['b', 'c1', 'c2', 'c3', 'z']);
    expect(await ids(z, b)).toEqual(['b', 'c1', 'c2', 'c3', 'z']);
    expect(await ids(b, z, 2)).toEqual(['b', 'c1']);
  });

  it('lists everything without keeping it', async () => {
    const { timeline } = await shown();
    await timeline.load(0);
    expect((await timeline.all(100)).map((p) => p.id)).toEqual(['a', 'b', 'c1', 'c2', 'c3', 'z']);
    expect(timeline.find('c1')).toBeNull();
    expect(await timeline.all(3)).toHaveLength(3);
  });

  it('takes over what was decided on loaded photos', async () => {
    const { timeline } = await shown();
    await timeline.load(0);
    timeline.patch(new Set(['b', 'nowhere']), { rating: 5, favorite: true });
    expect(timeline.sections[0]!.photos.map((p) => p.rating)).toEqual([null, 5]);
  });

  it('ignores an answer to what is no longer asked', async () => {
    const { timeline, api } = await shown();
    let answer: (page: { items: PhotoSummary[]; next_cursor: null }) => void = () => {};
    const good = api.photos;
    api.photos = () => new Promise((resolve) => (answer = resolve));
    const late = timeline.load(0);
    api.photos = good;
    await timeline.show({ ...noFilters(), blurry: true }, null);
    answer({ items: [photo('late', null)], next_cursor: null });
    await late;
    expect(timeline.find('late')).toBeNull();
  });

  it('does nothing when asked for what it shows', async () => {
    const { timeline } = await shown();
    const changed = vi.fn();
    timeline.onChange = changed;
    await timeline.show(noFilters(), null);
    expect(changed).not.toHaveBeenCalled();
  });
});
