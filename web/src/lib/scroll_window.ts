/**
 * Scrolling through more pixels than a browser can lay out (Firefox stops at about 17.9 million, Chromium at
 * 33.5 million; a million photos need 25 million). The element is never taller than `limit`; `offset` says
 * which part of the whole it shows, and moves when the reader nears an edge.
 */

export interface ScrollWindow {
  /** Virtual position of the element's top. */
  offset: number;
  /** Where the element is scrolled to. */
  scrollTop: number;
}

/** Transforms are single precision: whole pixels stay exact far beyond this. */
export const SCROLL_LIMIT = 4_000_000;

/** Height of the scrolled element. */
export function windowHeight(total: number, limit = SCROLL_LIMIT): number {
  return Math.min(total, limit);
}

/** The window that shows virtual position `y`, with room to scroll on both sides. */
export function windowAt(y: number, total: number, view: number, limit = SCROLL_LIMIT): ScrollWindow {
  const target = Math.max(0, Math.min(y, total - view));
  if (total <= limit) return { offset: 0, scrollTop: target };
  const offset = Math.round(Math.max(0, Math.min(target - limit / 2, total - limit)));
  return { offset, scrollTop: target - offset };
}

/** Whether the reader is so near an edge of the window that it has to move. */
export function needsMove({ offset, scrollTop }: ScrollWindow, total: number, view: number, limit = SCROLL_LIMIT): boolean {
  if (total <= limit) return offset !== 0;
  const margin = limit / 10;
  return (scrollTop < margin && offset > 0) || (scrollTop + view > limit - margin && offset < total - limit);
}
