import { describe, expect, it } from 'vitest';
import { SectionStack, type SectionShape } from './sections';

const options = { width: 1000, rowHeight: 160, gap: 4, header: 30, spacing: 10 };
const unloaded = (count: number): SectionShape => ({ count, aspects: [] });
const loaded = (count: number, aspect = 1.5): SectionShape => ({ count, aspects: Array.from({ length: count }, () => aspect) });

function stackOf(shapes: SectionShape[]): SectionStack {
  const stack = new SectionStack(options);
  stack.rebuild(shapes);
  return stack;
}

describe('SectionStack', () => {
  it('stacks hundreds of months that nobody has looked at yet', () => {
    const stack = stackOf(Array.from({ length: 300 }, (_, i) => unloaded(1 + ((i * 37) % 900))));
    for (let i = 1; i < 300; i++) expect(stack.placed[i]!.top).toBe(stack.placed[i - 1]!.top + stack.placed[i - 1]!.height);
    expect(stack.height).toBe(stack.placed[299]!.top + stack.placed[299]!.height);
  });

  it('finds the section at a position, and all within a range', () => {
    const stack = stackOf([unloaded(50), unloaded(50), unloaded(50)]);
    const second = stack.placed[1]!;
    expect(stack.sectionAt(second.top - 1)).toBe(0);
    expect(stack.sectionAt(second.top)).toBe(1);
    expect(stack.sectionAt(1e9)).toBe(2);
    expect(stack.sectionAt(-5)).toBe(0);
    expect(stack.within(second.top + 5, second.top + 6)).toEqual([1, 2]);
    expect(stack.within(0, 1e9)).toEqual([0, 3]);
    expect(stackOf([]).within(0, 100)).toEqual([0, 0]);
    expect(stackOf([]).sectionAt(0)).toBe(-1);
  });

  it('moves what is below when an estimate becomes a fact, and nothing above', () => {
    const stack = stackOf([unloaded(100), unloaded(100), unloaded(100)]);
    const before = stack.placed.map((section) => section.top);
    stack.update(1, loaded(100, 0.5));
    expect(stack.placed[1]!.top).toBe(before[1]);
    expect(stack.placed[2]!.top).not.toBe(before[2]);
  });

  it('keeps what the reader looks at in place when a section above loads', () => {
    const stack = stackOf([unloaded(400), loaded(200), unloaded(50)]);
    const y = stack.placed[1]!.top + 555;
    const anchor = stack.anchorAt(y)!;
    const shownBefore = y - stack.placed[1]!.top;
    stack.update(0, loaded(400, 2.4));
    const now = stack.positionOf(anchor);
    expect(now - stack.placed[1]!.top).toBe(shownBefore);
    expect(now).not.toBe(y);
  });

  it('keeps the photo at the top edge at the top edge when the width changes', () => {
    const shapes = [loaded(300, 1.5), loaded(300, 0.8)];
    const stack = stackOf(shapes);
    const section = stack.placed[1]!;
    const row = section.layout.rows[9]!;
    const anchor = stack.anchorAt(section.top + section.header + row.top)!;
    expect(anchor.tile).toBe(row.start);
    stack.resize({ ...options, width: 640 }, shapes);
    const placed = stack.placed[1]!;
    const target = stack.positionOf(anchor) - placed.top - placed.header;
    const shown = placed.layout.rows.find((r) => r.top <= target && r.top + r.height > target)!;
    expect(shown.start <= row.start && row.start < shown.end).toBe(true);
  });

  it('stays at the same share of a section that was not loaded', () => {
    const stack = stackOf([unloaded(1000)]);
    const anchor = stack.anchorAt(stack.placed[0]!.height / 2)!;
    stack.update(0, loaded(1000, 2.8));
    expect(stack.positionOf(anchor) / stack.placed[0]!.height).toBeCloseTo(0.5, 2);
  });

  it('keeps the height of a section whose tiles are dropped', () => {
    const stack = stackOf([loaded(300), loaded(10)]);
    const { height } = stack;
    stack.forget(0);
    expect(stack.height).toBe(height);
    expect(stack.placed[0]!.layout.rows).toEqual([]);
  });

  it('places a section that is loaded in part: tiles first, then the estimate', () => {
    const stack = stackOf([{ count: 2000, aspects: Array.from({ length: 1000 }, () => 1.5) }]);
    const { layout, height } = stack.placed[0]!;
    expect(layout.rows.at(-1)!.end).toBe(1000);
    expect(height).toBeGreaterThan(layout.height * 1.8);
  });
});
