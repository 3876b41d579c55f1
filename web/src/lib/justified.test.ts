import { describe, expect, it } from 'vitest';
import { estimateHeight, justify, lowerBound, rowsWithin, tileAspect, tileNearest } from './justified';

const options = { width: 1000, rowHeight: 160, gap: 4 };

/** Deterministic shapes, portraits and panoramas among them. */
function shapes(count: number, seed = 7): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return tileAspect([6000, 4000, 3000, 9000, 4000][state % 5]!, [4000, 6000, 4000, 3000, 4000][state % 5]!);
  });
}

describe('justify', () => {
  it('puts every tile in exactly one row, in order', () => {
    const { rows } = justify(shapes(500), options);
    expect(rows[0]!.start).toBe(0);
    for (let i = 1; i < rows.length; i++) expect(rows[i]!.start).toBe(rows[i - 1]!.end);
    expect(rows.at(-1)!.end).toBe(500);
  });

  it('fills the width to the pixel in every row but the last', () => {
    const layout = justify(shapes(500), options);
    for (const row of layout.rows.slice(0, -1)) {
      const last = row.end - 1;
      expect(layout.left[row.start]).toBe(0);
      expect(layout.left[last]! + layout.width[last]!).toBe(options.width);
      for (let i = row.start; i < last; i++) {
        const gap = layout.left[i + 1]! - layout.left[i]! - layout.width[i]!;
        expect(Math.abs(gap - options.gap)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('keeps rows near the wanted height', () => {
    const { rows } = justify(shapes(2000), options);
    for (const row of rows.slice(0, -1)) {
      expect(row.height).toBeGreaterThan(options.rowHeight * 0.6);
      expect(row.height).toBeLessThan(options.rowHeight * 1.5);
    }
  });

  it('stacks rows without overlap and sums to the height', () => {
    const { rows, height } = justify(shapes(300), options);
    for (let i = 1; i < rows.length; i++) expect(rows[i]!.top).toBe(rows[i - 1]!.top + rows[i - 1]!.height + options.gap);
    expect(height).toBe(rows.at(-1)!.top + rows.at(-1)!.height);
  });

  it('does not enlarge a lone last photo', () => {
    const layout = justify([1.5], options);
    expect(layout.rows).toEqual([{ start: 0, end: 1, top: 0, height: 160 }]);
    expect(layout.width[0]).toBe(240);
  });

  it('survives nothing to lay out and no room to do it', () => {
    expect(justify([], options).height).toBe(0);
    expect(justify([1.5, 1], { ...options, width: 0 }).rows).toEqual([]);
    const narrow = justify([3, 3, 0.45], { ...options, width: 50 });
    expect(narrow.rows.at(-1)!.end).toBe(3);
  });
});

describe('tileAspect', () => {
  it('crops what is too wide or too tall, and guesses what is unknown', () => {
    expect(tileAspect(3000, 2000)).toBe(1.5);
    expect(tileAspect(60_000, 10)).toBe(3);
    expect(tileAspect(10, 60_000)).toBe(0.45);
    expect(tileAspect(0, 0)).toBeCloseTo(4 / 3);
  });
});

describe('estimateHeight', () => {
  it('comes close to the truth for the true mean shape', () => {
    const aspects = shapes(5000);
    const mean = aspects.reduce((a, b) => a + b, 0) / aspects.length;
    const truth = justify(aspects, options).height;
    expect(Math.abs(estimateHeight(aspects.length, mean, options) / truth - 1)).toBeLessThan(0.15);
  });

  it('is nothing for nothing', () => {
    expect(estimateHeight(0, 1.5, options)).toBe(0);
  });
});

describe('rowsWithin', () => {
  const { rows } = justify(shapes(400), options);

  it('finds the same rows as looking at each', () => {
    for (const [top, bottom] of [[0, 1], [0, 900], [501, 1300], [-500, -1], [1e6, 2e6]] as const) {
      const slow = rows.map((row, i) => ({ row, i })).filter(({ row }) => row.top + row.height > top && row.top < bottom).map(({ i }) => i);
      const [first, end] = rowsWithin(rows, top, bottom);
      expect(Array.from({ length: end - first }, (_, k) => first + k)).toEqual(slow);
    }
  });
});

describe('tileNearest', () => {
  it('goes to the tile above or below the middle of this one', () => {
    const layout = justify([1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5], options);
    const [first, second] = layout.rows;
    expect(tileNearest(layout, second!, layout.left[first!.start]! + 10)).toBe(second!.start);
    expect(tileNearest(layout, first!, 99_999)).toBe(first!.end - 1);
  });
});

it('lowerBound finds the first index that holds', () => {
  expect(lowerBound(10, (i) => i >= 4)).toBe(4);
  expect(lowerBound(10, () => false)).toBe(10);
  expect(lowerBound(0, () => true)).toBe(0);
});
