import { describe, expect, it } from 'vitest';
import { clampView, fitScale, maxScale, zoomAt } from './zoom';

const picture = { width: 6000, height: 4000 };
const pane = { width: 1200, height: 900 };

describe('zoom', () => {
  it('fits the whole picture and does not enlarge a small one', () => {
    expect(fitScale(picture, pane)).toBeCloseTo(0.2);
    expect(fitScale({ width: 300, height: 200 }, pane)).toBe(1);
    expect(fitScale({ width: 0, height: 0 }, pane)).toBe(1);
  });

  it('goes up to one picture pixel on one device pixel', () => {
    expect(maxScale(picture, pane, 1)).toBe(1);
    expect(maxScale(picture, pane, 2)).toBe(0.5);
    expect(maxScale({ width: 300, height: 200 }, pane, 2)).toBe(1);
  });

  it('keeps the point under the pointer in place', () => {
    const before = { scale: 0.4, x: 100, y: -50 };
    const [atX, atY] = [200, 120];
    const after = zoomAt(before, 1.5, atX, atY, picture, pane, 1);
    expect((atX - after.x) / after.scale).toBeCloseTo((atX - before.x) / before.scale);
    expect((atY - after.y) / after.scale).toBeCloseTo((atY - before.y) / before.scale);
  });

  it('does not let the picture leave the window', () => {
    expect(clampView({ scale: 1, x: 99_999, y: -99_999 }, picture, pane, 1)).toEqual({ scale: 1, x: 2400, y: -1550 });
    expect(clampView({ scale: 0.01, x: 50, y: 50 }, picture, pane, 1)).toEqual({ scale: fitScale(picture, pane), x: 0, y: 0 });
  });
});
