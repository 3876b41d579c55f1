import { describe, expect, it } from 'vitest';
import { justify } from './justified';
import { bandAt, rendered, tilesWithin } from './visible_rows';

describe('what is rendered', () => {
  const view = 800;
  const layout = justify(Array.from({ length: 500 }, (_, i) => 0.5 + (i % 7) / 4), { width: 1000, rowHeight: 150, gap: 4 });

  it('is everything in view wherever in its band the reader is, and not much more', () => {
    for (let position = 0; position < layout.height - view; position += 37) {
      const { top, bottom } = rendered(bandAt(position), view);
      expect(top).toBeLessThanOrEqual(position);
      expect(bottom).toBeGreaterThanOrEqual(position + view);
      expect(bottom - top).toBeLessThanOrEqual(view * 2.2 + 120);
      const shown = new Set(tilesWithin(layout, layout.rows, top, bottom).map(({ index }) => index));
      for (const row of layout.rows) {
        const isInView = row.top < position + view && row.top + row.height > position;
        if (isInView) for (let index = row.start; index < row.end; index++) expect(shown.has(index)).toBe(true);
      }
    }
  });

  it('is placed where the rows are, not where the layout had them', () => {
    const moved = layout.rows.map((row, i) => ({ ...row, top: row.top + i * 46, height: row.height + 46 }));
    const [tile] = tilesWithin(layout, moved, moved[3]!.top, moved[3]!.top + 1).slice(-1);
    expect(tile).toEqual({ index: moved[3]!.end - 1, left: layout.left[tile!.index], top: moved[3]!.top, width: layout.width[tile!.index], height: moved[3]!.height });
    expect(tilesWithin(layout, [], 0, 100)).toEqual([]);
  });
});
