/** Small choices kept in the browser: tile size, whether the information panel is open and boxes are drawn. */

const KEY = 'tintype.preferences';
const TILE_HEIGHTS = [96, 128, 168, 220, 300] as const;

interface Stored {
  tile: number;
  info: boolean;
  boxes: boolean;
}

class Preferences {
  /** Index into the tile heights. */
  tile = $state(2);
  /** Whether the viewer shows its information panel. */
  info = $state(true);
  /** Whether the viewer draws boxes around objects and text. */
  boxes = $state(false);

  constructor() {
    try {
      const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Stored>;
      if (Number.isInteger(stored.tile)) this.tile = Math.min(TILE_HEIGHTS.length - 1, Math.max(0, stored.tile!));
      if (typeof stored.info === 'boolean') this.info = stored.info;
      if (typeof stored.boxes === 'boolean') this.boxes = stored.boxes;
    } catch {
      // Storage switched off or damaged: the defaults will do.
    }
  }

  get rowHeight(): number {
    return TILE_HEIGHTS[this.tile] ?? 168;
  }

  resizeTiles(by: number): void {
    this.tile = Math.min(TILE_HEIGHTS.length - 1, Math.max(0, this.tile + by));
    this.save();
  }

  toggleInfo(): void {
    this.info = !this.info;
    this.save();
  }

  toggleBoxes(): void {
    this.boxes = !this.boxes;
    this.save();
  }

  private save(): void {
    try {
      localStorage.setItem(KEY, JSON.stringify({ tile: this.tile, info: this.info, boxes: this.boxes } satisfies Stored));
    } catch {
      // As above.
    }
  }
}

export const preferences = new Preferences();
export const TILE_STEPS = TILE_HEIGHTS.length;
