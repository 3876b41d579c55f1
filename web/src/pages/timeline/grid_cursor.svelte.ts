/** The photo of the grid that has the focus, and where keys take it. */

import { tick } from 'svelte';
import type { PhotoSummary } from '../../api/types';
import { tileNearest } from '../../lib/justified';
import type { SectionStack } from '../../lib/sections';
import type { Position, TimelineState } from '../../state/timeline.svelte';

/** What the cursor needs of the view that it moves in. */
export interface GridView {
  /** Scroll position of the top edge, and how much is visible. */
  top(): number;
  height(): number;
  scrollTo(y: number): void;
  firstOnScreen(): Position | null;
  focus(photo: string): void;
}

export class GridCursor {
  at = $state.raw<Position | null>(null);

  constructor(
    private readonly timeline: TimelineState,
    private readonly stack: SectionStack,
    private readonly view: GridView,
  ) {}

  get photo(): PhotoSummary | null {
    return this.at && this.timeline.photoAt(this.at);
  }

  async focusAt(target: Position): Promise<void> {
    const placed = this.stack.placed[target.section];
    const section = this.timeline.sections[target.section];
    if (!placed || !section) return;
    this.at = target;
    const row = placed.layout.rows.find((r) => r.end > target.index);
    if (row) {
      const { view } = this;
      const top = placed.top + placed.header + row.top;
      if (top - placed.header < view.top()) view.scrollTo(row.top === 0 ? placed.top : top - placed.header);
      else if (top + row.height > view.top() + view.height()) view.scrollTo(top + row.height - view.height() + 8);
    }
    await tick();
    const id = section.photos[target.index]?.id;
    if (id) this.view.focus(id);
  }

  async move(by: 1 | -1): Promise<void> {
    if (!this.at || !this.photo) {
      const first = this.view.firstOnScreen();
      if (first) await this.focusAt(first);
      return;
    }
    const next = await this.timeline.step(this.at, by);
    if (next) await this.focusAt(next);
  }

  async moveRow(by: 1 | -1): Promise<void> {
    const from = this.at;
    const placed = from && this.stack.placed[from.section];
    if (!from || !placed || !this.photo) return this.move(by);
    const rows = placed.layout.rows;
    const r = rows.findIndex((row) => row.end > from.index);
    const x = placed.layout.left[from.index]! + placed.layout.width[from.index]! / 2;
    const row = rows[r + by];
    if (row) return this.focusAt({ section: from.section, index: tileNearest(placed.layout, row, x) });
    // Into the neighbouring section: load it if needed, then take its first or last row.
    const edge = await this.timeline.step({ section: from.section, index: by > 0 ? rows[r]!.end - 1 : rows[r]!.start }, by);
    const other = edge && this.stack.placed[edge.section];
    const otherRow = other?.layout.rows.find((candidate) => candidate.end > edge!.index);
    if (edge && other && otherRow) await this.focusAt({ section: edge.section, index: tileNearest(other.layout, otherRow, x) });
  }

  jumpSection(by: 1 | -1): void {
    const here = this.stack.sectionAt(this.view.top() + 1);
    const at = this.stack.placed[here];
    const target = by < 0 && at && this.view.top() > at.top + at.header ? at : this.stack.placed[here + by];
    if (target) this.view.scrollTo(target.top);
  }

  async toStart(): Promise<void> {
    this.view.scrollTo(0);
    await tick();
    await this.focusAt({ section: 0, index: 0 });
  }

  async toEnd(): Promise<void> {
    const { timeline } = this;
    this.view.scrollTo(this.stack.height);
    const last = timeline.sections.length - 1;
    const section = timeline.sections[last];
    while (section && !section.complete && !section.error && timeline.sections[last] === section) await timeline.load(last);
    if (section && section.photos.length > 0) await this.focusAt({ section: last, index: section.photos.length - 1 });
  }
}
