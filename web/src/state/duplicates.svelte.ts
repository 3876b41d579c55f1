/** Groups of duplicates of the tier being looked at. */

import { listDuplicates } from '../api/client';
import type { DuplicateGroup, DuplicateTier } from '../api/types';
import { PagedList } from './resource.svelte';

class Duplicates {
  tier = $state<DuplicateTier>('bytes');
  totals = $state.raw<Record<DuplicateTier, number> | null>(null);
  stale = $state(false);
  readonly groups: PagedList<DuplicateGroup> = new PagedList(async (cursor) => {
    const page = await listDuplicates(this.tier, cursor);
    this.totals = page.totals;
    this.stale = page.stale;
    return page;
  });
  /** Every loaded photo in reading order, for stepping through them. */
  readonly photos = $derived(this.groups.items.flatMap((group) => group.photos));

  select(tier: DuplicateTier): void {
    this.tier = tier;
    this.groups.items = [];
    void this.groups.reload();
  }
}

export const duplicates = new Duplicates();
