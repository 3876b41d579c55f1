/**
 * Justified rows: pictures of one height side by side, filling the width exactly, in order.
 *
 * Heights and positions are whole pixels, so that neighbouring tiles never show a half-pixel seam.
 */

export interface Row {
  /** Index of the first tile. */
  start: number;
  /** Index after the last tile. */
  end: number;
  top: number;
  height: number;
}

export interface JustifiedLayout {
  rows: Row[];
  /** Left edge of each tile. */
  left: Int32Array;
  /** Width of each tile. */
  width: Int32Array;
  height: number;
}

export interface JustifiedOptions {
  /** Width to fill. */
  width: number;
  /** Height that rows aim for. */
  rowHeight: number;
  gap: number;
}

/** Panoramas and strips are cropped in the grid beyond these, so that one of them cannot blow a row up or down. */
const NARROWEST = 0.45;
const WIDEST = 3;
/** Used when the dimensions are unknown. */
const UNKNOWN_ASPECT = 4 / 3;

/** Width over height as the grid shows it. */
export function tileAspect(width: number, height: number): number {
  if (!(width > 0) || !(height > 0)) return UNKNOWN_ASPECT;
  return Math.min(WIDEST, Math.max(NARROWEST, width / height));
}

export function justify(aspects: ArrayLike<number>, { width, rowHeight, gap }: JustifiedOptions): JustifiedLayout {
  const count = aspects.length;
  const layout: JustifiedLayout = { rows: [], left: new Int32Array(count), width: new Int32Array(count), height: 0 };
  if (count === 0 || width <= 0) return layout;

  let start = 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const aspect = aspects[i] ?? UNKNOWN_ASPECT;
    const before = heightOf(sum, i - start, width, gap);
    const after = heightOf(sum + aspect, i - start + 1, width, gap);
    if (after > rowHeight) {
      sum += aspect;
      continue;
    }
    // The row is full with this tile. Break before it when that lands closer to the wanted height.
    if (i > start && before / rowHeight < rowHeight / after) {
      place(layout, aspects, start, i, before, width, gap, true);
      start = i;
      sum = aspect;
      if (heightOf(aspect, 1, width, gap) <= rowHeight) {
        place(layout, aspects, start, i + 1, heightOf(aspect, 1, width, gap), width, gap, true);
        start = i + 1;
        sum = 0;
      }
    } else {
      place(layout, aspects, start, i + 1, after, width, gap, true);
      start = i + 1;
      sum = 0;
    }
  }
  if (start < count) {
    // The last row keeps the wanted height, unless it is nearly full anyway.
    const full = heightOf(sum, count - start, width, gap);
    const fills = full < rowHeight * 1.15;
    place(layout, aspects, start, count, fills ? full : rowHeight, width, gap, fills);
  }
  const last = layout.rows.at(-1);
  layout.height = last ? last.top + last.height : 0;
  return layout;
}

function heightOf(aspectSum: number, tiles: number, width: number, gap: number): number {
  return aspectSum === 0 ? Infinity : (width - gap * (tiles - 1)) / aspectSum;
}

function place(
  layout: JustifiedLayout,
  aspects: ArrayLike<number>,
  start: number,
  end: number,
  exactHeight: number,
  width: number,
  gap: number,
  fills: boolean,
): void {
  const previous = layout.rows.at(-1);
  const top = previous ? previous.top + previous.height + gap : 0;
  const height = Math.max(1, Math.round(exactHeight));
  layout.rows.push({ start, end, top, height });
  let x = 0;
  for (let i = start; i < end; i++) {
    const left = Math.round(x);
    x += (aspects[i] ?? UNKNOWN_ASPECT) * exactHeight;
    const right = fills && i === end - 1 ? width : Math.min(width, Math.round(x));
    layout.left[i] = left;
    layout.width[i] = Math.max(1, right - left);
    x += gap;
  }
}

/** Height of `count` tiles that have not been seen yet, from the average shape of those that have. */
export function estimateHeight(count: number, meanAspect: number, { width, rowHeight, gap }: JustifiedOptions): number {
  if (count <= 0 || width <= 0) return 0;
  const perRow = Math.max(1, (width + gap) / (meanAspect * rowHeight + gap));
  const rows = Math.ceil(count / perRow);
  return Math.round(rows * rowHeight + (rows - 1) * gap);
}

/** Rows that touch `[top, bottom)`, as a range of row indices. */
export function rowsWithin(rows: readonly Row[], top: number, bottom: number): [first: number, end: number] {
  const first = lowerBound(rows.length, (i) => rows[i]!.top + rows[i]!.height > top);
  const end = lowerBound(rows.length, (i) => rows[i]!.top >= bottom);
  return [first, Math.max(first, end)];
}

/** First index in `0..length` for which `holds` is true; `holds` must be false, …, false, true, …, true. */
export function lowerBound(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The tile of `row` whose middle is nearest to `x`: where the up and down arrows go. */
export function tileNearest(layout: JustifiedLayout, row: Row, x: number): number {
  let best = row.start;
  let bestDistance = Infinity;
  for (let i = row.start; i < row.end; i++) {
    const distance = Math.abs(layout.left[i]! + layout.width[i]! / 2 - x);
    if (distance < bestDistance) {
      best = i;
      bestDistance = distance;
    }
  }
  return best;
}
