/** What lies in the trash, and which of it is chosen. */

import { SvelteSet } from 'svelte/reactivity';
import { listTrash } from '../api/care';
import type { TrashEntry, TrashPage } from '../api/types';
import { PagedList } from './resource.svelte';

export class Trash {
  total = $state(0);
  totalBytes = $state(0);
  readonly chosen: SvelteSet<string> = new SvelteSet();
  readonly entries: PagedList<TrashEntry>;

  constructor(list: (cursor: string | null) => Promise<TrashPage> = listTrash) {
    this.entries = new PagedList(async (cursor) => {
      const page = await list(cursor);
      this.total = page.total;
      this.totalBytes = page.total_bytes;
      return page;
    });
  }

  /** Reads it anew; what is no longer there is no longer chosen. */
  async reload(): Promise<void> {
    await this.entries.reload();
    const there = new Set(this.entries.items.map((entry) => entry.id));
    for (const id of [...this.chosen]) if (!there.has(id)) this.chosen.delete(id);
  }

  toggle(id: string): void {
    if (!this.chosen.delete(id)) this.chosen.add(id);
  }

  /** Chooses all that is listed, or nothing when all of it is chosen. */
  toggleAll(): void {
    const all = this.allChosen;
    for (const entry of this.entries.items) {
      if (all) this.chosen.delete(entry.id);
      else this.chosen.add(entry.id);
    }
  }

  get allChosen(): boolean {
    return this.entries.items.length > 0 && this.entries.items.every((entry) => this.chosen.has(entry.id));
  }

  get chosenBytes(): number {
    return this.entries.items.reduce((sum, entry) => (this.chosen.has(entry.id) ? sum + entry.bytes : sum), 0);
  }
}

export const trash = new Trash();
