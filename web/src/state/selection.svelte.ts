/** The photos chosen in the timeline: for changing many at once. */

import { SvelteMap } from 'svelte/reactivity';
import { asApiError } from '../api/client';
import { BULK_LIMIT } from '../api/care';
import type { PhotoSummary } from '../api/types';
import { timeline, type Position } from './timeline.svelte';
import { toasts } from './toasts.svelte';

/** What a range or everything is taken from: replaced in tests. */
export interface SelectableList {
  find(id: string): Position | null;
  between(from: Position, to: Position, limit: number): Promise<PhotoSummary[]>;
  all(limit: number): Promise<PhotoSummary[]>;
  readonly total: number;
}

export class Selection {
  /** By id, in the order in which they were chosen. */
  readonly photos: SvelteMap<string, PhotoSummary> = new SvelteMap();
  /** Where a range begins: the photo that was chosen last. */
  private anchor: string | null = null;

  constructor(
    private readonly list: SelectableList = timeline,
    private readonly say: (text: string) => void = (text) => toasts.say(text),
    private readonly limit = BULK_LIMIT,
  ) {}

  get size(): number {
    return this.photos.size;
  }

  get ids(): string[] {
    return [...this.photos.keys()];
  }

  has(id: string): boolean {
    return this.photos.has(id);
  }

  toggle(photo: PhotoSummary): void {
    if (!this.photos.delete(photo.id)) this.add([photo]);
    this.anchor = photo.id;
  }

  /** Adds everything from the photo chosen last to this one; just this one where there is none. */
  async extendTo(photo: PhotoSummary): Promise<void> {
    const from = this.anchor === null ? null : this.list.find(this.anchor);
    const to = this.list.find(photo.id);
    if (!from || !to) {
      this.add([photo]);
      this.anchor = photo.id;
      return;
    }
    this.add(await this.list.between(from, to, this.limit + 1));
  }

  async selectAll(): Promise<void> {
    try {
      this.add(await this.list.all(Math.min(this.list.total, this.limit + 1)));
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error) this.say(error.detail);
    }
  }

  clear(): void {
    this.photos.clear();
    this.anchor = null;
  }

  /** Photos that are gone from the library leave the selection too. */
  forget(ids: Iterable<string>): void {
    for (const id of ids) this.photos.delete(id);
  }

  private add(photos: readonly PhotoSummary[]): void {
    for (const photo of photos) {
      if (this.photos.size >= this.limit && !this.photos.has(photo.id)) {
        this.say(`${this.limit.toLocaleString('en-GB')} photos are selected: one change takes no more.`);
        return;
      }
      this.photos.set(photo.id, photo);
    }
  }
}

export const selection = new Selection();
