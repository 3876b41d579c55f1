/** Which marks a date scrubber shows: a year where there is room for its label, dots for months between. */

import { bucketYear } from './dates';

export interface Tick {
  key: string;
  /** Pixels from the top of the rail. */
  y: number;
  /** Set for a year mark. */
  year: number | null;
}

const YEAR_ROOM = 16;
const MONTH_ROOM = 7;

/** `range` is the distance that can be scrolled, `height` that of the rail. */
export function scrubberTicks(stops: readonly { key: string; top: number }[], range: number, height: number): Tick[] {
  if (height <= 0 || range <= 0) return [];
  const at = (top: number) => Math.min(1, top / range) * height;
  const years: Tick[] = [];
  let lastYear: number | null = null;
  for (const stop of stops) {
    const year = bucketYear(stop.key);
    if (year === null || year === lastYear) continue;
    lastYear = year;
    const y = Math.max(YEAR_ROOM / 2, Math.min(height - YEAR_ROOM / 2, at(stop.top)));
    const previous = years.at(-1);
    if (!previous || y - previous.y >= YEAR_ROOM) years.push({ key: `year ${year}`, y, year });
  }
  const ticks = [...years];
  let lastY = -Infinity;
  let nearest = 0;
  for (const stop of stops) {
    const y = at(stop.top);
    if (y - lastY < MONTH_ROOM || y > height) continue;
    while (nearest + 1 < years.length && Math.abs(years[nearest + 1]!.y - y) <= Math.abs(years[nearest]!.y - y)) nearest++;
    if (years[nearest] && Math.abs(years[nearest]!.y - y) < YEAR_ROOM * 0.6) continue;
    ticks.push({ key: stop.key, y, year: null });
    lastY = y;
  }
  return ticks;
}
