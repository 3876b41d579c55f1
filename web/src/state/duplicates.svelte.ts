/** Groups of duplicates of the tier being looked at, which of their files are to stay, and sending the others away. */

import { SvelteMap } from 'svelte/reactivity';
import { asApiError, listDuplicates, type ApiError } from '../api/client';
import { resolveDuplicates } from '../api/care';
import type { DuplicateGroup, DuplicatePage, DuplicateTier, Operation, Resolution } from '../api/types';
import { keepAll, keptPaths, leaving, resolutionOf, toggled, type Leaving } from '../lib/resolve';
import { plural } from '../lib/format';
import { PagedList } from './resource.svelte';
import { toasts } from './toasts.svelte';

export interface DuplicateApi {
  list(tier: DuplicateTier, cursor: string | null): Promise<DuplicatePage>;
  resolve(groups: readonly Resolution[]): Promise<Operation>;
}

/** Where results go: replaced in tests. */
export interface DuplicateSinks {
  follow(operation: Operation, text: string): unknown;
  fail(text: string, error: ApiError): void;
}

/** Groups in one call: about 1 MB of paths. */
const AT_ONCE = 2000;

export class Duplicates {
  tier = $state<DuplicateTier>('bytes');
  totals = $state.raw<Record<DuplicateTier, number> | null>(null);
  stale = $state(false);
  readonly groups: PagedList<DuplicateGroup> = new PagedList(async (cursor) => {
    const page = await this.api.list(this.tier, cursor);
    this.totals = page.totals;
    this.stale = page.stale;
    return page;
  });
  /** Every loaded photo in reading order, for stepping through them. */
  readonly photos = $derived(this.groups.items.flatMap((group) => group.photos));
  private readonly choices: SvelteMap<string, ReadonlySet<string>> = new SvelteMap();

  constructor(
    private readonly api: DuplicateApi = { list: listDuplicates, resolve: resolveDuplicates },
    private readonly sinks: DuplicateSinks = { follow: (operation, text) => toasts.follow(operation, text), fail: (text, error) => toasts.fail(text, error) },
  ) {}

  select(tier: DuplicateTier): void {
    this.tier = tier;
    this.groups.items = [];
    this.choices.clear();
    void this.groups.reload();
  }

  /** The files of a group that are to stay. */
  kept(group: DuplicateGroup): ReadonlySet<string> {
    return keptPaths(group, this.choices);
  }

  toggle(group: DuplicateGroup, path: string): void {
    this.choices.set(group.id, toggled(this.kept(group), path));
  }

  /** What would go to the trash from these groups. */
  leaving(groups: readonly DuplicateGroup[]): Leaving {
    return leaving(groups, this.choices);
  }

  /** Loads every group of the tier: all of them are to be counted before all are resolved. */
  async loadAll(): Promise<boolean> {
    while (!this.groups.complete) {
      await this.groups.more();
      if (this.groups.error) return false;
    }
    return true;
  }

  /** Sends to the trash what is not kept of these groups. */
  async resolve(groups: readonly DuplicateGroup[]): Promise<void> {
    const { files } = this.leaving(groups);
    // A group of which everything is kept is resolved too, but only where somebody said so.
    const wanted = groups.filter((group) => this.leaving([group]).files > 0);
    await this.send(wanted, (group) => resolutionOf(group, this.kept(group)), `To the trash: ${plural(files, 'duplicate')}`);
  }

  /** Keeps every file of a group; it does not come back. */
  async keepAll(group: DuplicateGroup): Promise<void> {
    await this.send([group], keepAll, `Kept all ${group.photos.length}`);
  }

  private async send(groups: readonly DuplicateGroup[], as: (group: DuplicateGroup) => Resolution, text: string): Promise<void> {
    for (let start = 0; start < groups.length; start += AT_ONCE) {
      const part = groups.slice(start, start + AT_ONCE);
      try {
        this.sinks.follow(await this.api.resolve(part.map(as)), text);
      } catch (thrown) {
        const error = asApiError(thrown);
        if (error) this.sinks.fail('The duplicates stay as they are', error);
        return;
      }
      // They leave the page at once; what fails comes back when the operation has ended.
      const gone = new Set(part.map((group) => group.id));
      this.groups.items = this.groups.items.filter((group) => !gone.has(group.id));
      if (this.totals) this.totals = { ...this.totals, [this.tier]: Math.max(0, this.totals[this.tier] - gone.size) };
      for (const id of gone) this.choices.delete(id);
    }
  }
}

export const duplicates = new Duplicates();
