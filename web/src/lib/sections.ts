/**
 * Stacked sections (months, or one for a flat list) of which only some are loaded: where each lies, which are
 * in view, and where to scroll so that nothing jumps when an estimate is replaced by the truth.
 */

import { estimateHeight, justify, lowerBound, type JustifiedLayout, type JustifiedOptions } from './justified';

export interface SectionShape {
  /** Photos the section has. */
  count: number;
  /** Shapes of those loaded so far, from the first on. */
  aspects: number[];
}

export interface PlacedSection {
  top: number;
  height: number;
  /** Height of the header above the tiles. */
  header: number;
  /** Tiles loaded so far, relative to the end of the header. */
  layout: JustifiedLayout;
}

export interface StackOptions extends JustifiedOptions {
  /** Height of a section's header; 0 for none. */
  header: number;
  /** Space after a section. */
  spacing: number;
}

/** A place that must stay where it is on screen: a section and how far into it. */
export interface Anchor {
  section: number;
  /** Pixels below the section's top, when within the header or rows that are laid out. */
  offset: number;
  /** Index of the tile at the top edge, when one is loaded there. */
  tile: number | null;
  /** Pixels below the top of that tile's row. */
  within: number;
  /** Share of the section's height: used when the tile there was not loaded. */
  share: number;
}

const FALLBACK_ASPECT = 1.4;

export class SectionStack {
  placed: PlacedSection[] = [];
  height = 0;
  private meanAspect = FALLBACK_ASPECT;
  private options: StackOptions;

  constructor(options: StackOptions) {
    this.options = options;
  }

  /** Lays everything out again for other dimensions. */
  resize(options: StackOptions, shapes: readonly SectionShape[]): void {
    this.options = options;
    this.rebuild(shapes);
  }

  /** Lays out all sections. */
  rebuild(shapes: readonly SectionShape[]): void {
    this.learn(shapes);
    this.placed = shapes.map((shape) => this.place(shape));
    this.restack();
  }

  /** Lays out one section again after more of it was loaded. */
  update(index: number, shape: SectionShape): void {
    this.placed[index] = this.place(shape);
    this.restack();
  }

  /** Drops the tiles of a section that went far out of view; its height is kept, because it is known. */
  forget(index: number): void {
    const section = this.placed[index];
    if (section) section.layout = justify([], this.options);
  }

  /** The section that contains `y`; the last one below the end; −1 when there is none. */
  sectionAt(y: number): number {
    if (this.placed.length === 0) return -1;
    const after = lowerBound(this.placed.length, (i) => this.placed[i]!.top > y);
    return Math.max(0, after - 1);
  }

  /** Sections that touch `[top, bottom)`. */
  within(top: number, bottom: number): [first: number, end: number] {
    if (this.placed.length === 0) return [0, 0];
    const first = this.sectionAt(top);
    const end = lowerBound(this.placed.length, (i) => this.placed[i]!.top >= bottom);
    return [first, Math.max(first + 1, end)];
  }

  /** Remembers what is at `y`. */
  anchorAt(y: number): Anchor | null {
    const index = this.sectionAt(y);
    const section = this.placed[index];
    if (!section) return null;
    const offset = y - section.top;
    const inTiles = offset - section.header;
    const row = section.layout.rows.find((r) => r.top + r.height > inTiles);
    const tile = inTiles >= 0 && row ? row.start : null;
    return { section: index, offset, tile, within: row ? inTiles - row.top : 0, share: section.height > 0 ? offset / section.height : 0 };
  }

  /** Where that is now. */
  positionOf(anchor: Anchor): number {
    const section = this.placed[anchor.section];
    if (!section) return 0;
    if (anchor.offset <= section.header) return section.top + anchor.offset;
    if (anchor.tile !== null) {
      const row = section.layout.rows.find((r) => r.end > anchor.tile!);
      if (row) return section.top + section.header + row.top + Math.min(anchor.within, row.height);
    }
    return section.top + Math.round(anchor.share * section.height);
  }

  private place(shape: SectionShape): PlacedSection {
    const { header, spacing, gap } = this.options;
    const layout = justify(shape.aspects, this.options);
    const missing = shape.count - shape.aspects.length;
    const rest = estimateHeight(missing, this.meanAspect, this.options);
    const between = layout.height > 0 && rest > 0 ? gap : 0;
    return { top: 0, header, layout, height: header + layout.height + between + rest + spacing };
  }

  private restack(): void {
    let top = 0;
    for (const section of this.placed) {
      section.top = top;
      top += section.height;
    }
    this.height = top;
  }

  /** Estimates improve with what has been seen. */
  private learn(shapes: readonly SectionShape[]): void {
    let sum = 0;
    let seen = 0;
    for (const { aspects } of shapes) {
      for (const aspect of aspects) sum += aspect;
      seen += aspects.length;
    }
    this.meanAspect = seen >= 20 ? sum / seen : FALLBACK_ASPECT;
  }
}
