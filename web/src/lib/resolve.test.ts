import { describe, expect, it } from 'vitest';
import type { DuplicateGroup } from '../api/types';
import { photoRecord } from '../testing/records';
import { enginesChoice, keepAll, keptPaths, leaving, resolutionOf, toggled } from './resolve';

const member = (id: string, path: string, bytes: number) => ({ ...photoRecord(id, { bytes }), path });
/** One photo three times, as exact copies are. */
const copies: DuplicateGroup = { id: 'g', tier: 'bytes', keep: 'a', why: '', photos: [member('a', '/1', 10), member('a', '/2', 10), member('a', '/3', 10)] };
const sizes: DuplicateGroup = { id: 'h', tier: 'picture', keep: 'c', why: '', photos: [member('b', '/small', 5), member('c', '/large', 50)] };

describe('resolving duplicates', () => {
  it('keeps one file of a photo that is there several times', () => {
    expect([...enginesChoice(copies)]).toEqual(['/1']);
    expect([...enginesChoice(sizes)]).toEqual(['/large']);
    expect(resolutionOf(copies, enginesChoice(copies))).toEqual({ tier: 'bytes', keep: ['/1'], remove: ['/2', '/3'] });
  });

  it('follows the person, and never lets the last one go', () => {
    const more = toggled(enginesChoice(sizes), '/small');
    expect([...more].sort()).toEqual(['/large', '/small']);
    const other = toggled(more, '/large');
    expect([...other]).toEqual(['/small']);
    expect(toggled(other, '/small')).toBe(other);
    expect(keptPaths(sizes, new Map([['h', other]]))).toBe(other);
  });

  it('keeping all removes nothing', () => {
    expect(keepAll(copies)).toEqual({ tier: 'bytes', keep: ['/1', '/2', '/3'], remove: [] });
  });

  it('adds up what would go', () => {
    expect(leaving([copies, sizes], new Map())).toEqual({ groups: 2, files: 3, bytes: 25 });
    const all = new Map([['h', new Set(['/small', '/large'])]]);
    expect(leaving([copies, sizes], all)).toEqual({ groups: 1, files: 2, bytes: 20 });
  });
});
