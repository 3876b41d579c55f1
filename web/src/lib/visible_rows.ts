/** Which tiles of a long page of rows are worth having in the document: those in view, and some around them. */

import { rowsWithin, type JustifiedLayout, type Row } from './justified';

/** The visible rows are worked out again every so many pixels only. */
const BAND = 120;
/** Shares of the view that are rendered above and below it: what the next turn of a wheel shows. */
const AROUND = 0.6;

/** The step of scrolling that a position lies in: what is rendered changes with it only. */
export const bandAt = (position: number): number => Math.floor(position / BAND);

/** The pixels that are rendered in a band, from the top of everything. */
export function rendered(band: number, view: number): { top: number; bottom: number } {
  const at = band * BAND;
  return { top: Math.max(0, at - view * AROUND), bottom: at + BAND + view * (1 + AROUND) };
}

export interface PlacedTile {
  index: number;
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The tiles of the rows that touch `[top, bottom)`. The rows are the layout's, perhaps moved apart. */
export function tilesWithin(layout: Pick<JustifiedLayout, 'left' | 'width'>, rows: readonly Row[], top: number, bottom: number): PlacedTile[] {
  const [first, end] = rowsWithin(rows, top, bottom);
  const tiles: PlacedTile[] = [];
  for (const row of rows.slice(first, end)) {
    for (let index = row.start; index < row.end; index++) {
      tiles.push({ index, left: layout.left[index]!, top: row.top, width: layout.width[index]!, height: row.height });
    }
  }
  return tiles;
}
