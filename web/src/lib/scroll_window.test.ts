import { describe, expect, it } from 'vitest';
import { needsMove, windowAt, windowHeight } from './scroll_window';

const LIMIT = 10_000;
const VIEW = 500;

describe('scroll window', () => {
  it('is the identity for what a browser can lay out', () => {
    expect(windowHeight(8000, LIMIT)).toBe(8000);
    expect(windowAt(1234, 8000, VIEW, LIMIT)).toEqual({ offset: 0, scrollTop: 1234 });
    expect(needsMove({ offset: 0, scrollTop: 0 }, 8000, VIEW, LIMIT)).toBe(false);
  });

  it('shows any position of something far taller', () => {
    const total = 1_000_000;
    expect(windowHeight(total, LIMIT)).toBe(LIMIT);
    for (const y of [0, 10, 4999, 5001, 123_456, 994_000, total - VIEW]) {
      const { offset, scrollTop } = windowAt(y, total, VIEW, LIMIT);
      expect(offset + scrollTop).toBe(y);
      expect(scrollTop).toBeGreaterThanOrEqual(0);
      expect(scrollTop + VIEW).toBeLessThanOrEqual(LIMIT);
      expect(offset + LIMIT).toBeLessThanOrEqual(total);
    }
  });

  it('does not scroll past either end', () => {
    expect(windowAt(-50, 1_000_000, VIEW, LIMIT)).toEqual({ offset: 0, scrollTop: 0 });
    const end = windowAt(2_000_000, 1_000_000, VIEW, LIMIT);
    expect(end.offset + end.scrollTop).toBe(1_000_000 - VIEW);
  });

  it('moves near an inner edge, but not at the real ends', () => {
    const total = 1_000_000;
    expect(needsMove({ offset: 50_000, scrollTop: 200 }, total, VIEW, LIMIT)).toBe(true);
    expect(needsMove({ offset: 50_000, scrollTop: 9300 }, total, VIEW, LIMIT)).toBe(true);
    expect(needsMove({ offset: 50_000, scrollTop: 5000 }, total, VIEW, LIMIT)).toBe(false);
    expect(needsMove({ offset: 0, scrollTop: 0 }, total, VIEW, LIMIT)).toBe(false);
    expect(needsMove({ offset: total - LIMIT, scrollTop: LIMIT - VIEW }, total, VIEW, LIMIT)).toBe(false);
  });
});
