import { describe, expect, it, vi } from 'vitest';
import { photoRecord } from '../testing/records';
import { Selection } from './selection.svelte';

const photos = ['a', 'b', 'c', 'd', 'e'].map((id) => photoRecord(id));

function setUp(limit = 100) {
  const say = vi.fn();
  const index = (id: string) => photos.findIndex((photo) => photo.id === id);
  const list = {
    total: photos.length,
    find: (id: string) => (index(id) < 0 ? null : { section: 0, index: index(id) }),
    between: (from: { index: number }, to: { index: number }, most: number) =>
      Promise.resolve(photos.slice(Math.min(from.index, to.index), Math.max(from.index, to.index) + 1).slice(0, most)),
    all: (most: number) => Promise.resolve(photos.slice(0, most)),
  };
  return { selection: new Selection(list, say, limit), say };
}

describe('Selection', () => {
  it('adds and takes away single photos', () => {
    const { selection } = setUp();
    selection.toggle(photos[1]!);
    selection.toggle(photos[3]!);
    selection.toggle(photos[1]!);
    expect(selection.ids).toEqual(['d']);
    expect(selection.has('d')).toBe(true);
  });

  it('extends from the photo chosen last, in either direction', async () => {
    const { selection } = setUp();
    selection.toggle(photos[2]!);
    await selection.extendTo(photos[4]!);
    expect(selection.ids.sort()).toEqual(['c', 'd', 'e']);
    await selection.extendTo(photos[0]!);
    expect(selection.size).toBe(5);
  });

  it('begins a range at the photo itself when there is nothing to begin from', async () => {
    const { selection } = setUp();
    await selection.extendTo(photos[2]!);
    expect(selection.ids).toEqual(['c']);
    await selection.extendTo(photos[3]!);
    expect(selection.ids).toEqual(['c', 'd']);
  });

  it('takes no more than one change may have, and says so', async () => {
    const { selection, say } = setUp(3);
    await selection.selectAll();
    expect(selection.ids).toEqual(['a', 'b', 'c']);
    expect(say).toHaveBeenCalledOnce();
    // What is chosen already does not count twice.
    await selection.selectAll();
    expect(selection.size).toBe(3);
  });

  it('forgets', async () => {
    const { selection } = setUp();
    await selection.selectAll();
    selection.forget(['a', 'x']);
    expect(selection.size).toBe(4);
    selection.clear();
    expect(selection.size).toBe(0);
    await selection.extendTo(photos[1]!);
    expect(selection.ids).toEqual(['b']);
  });
});
