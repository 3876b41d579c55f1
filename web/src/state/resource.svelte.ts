/** Something fetched: its value, whether it is on its way, and why it did not come. */

import { asApiError, type ApiError } from '../api/client';

export class Resource<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  loading = $state(false);
  private turn = 0;

  constructor(private readonly fetcher: () => Promise<T>) {}

  /** Fetches; a later call wins over an earlier one that is still under way. The old value stays meanwhile. */
  readonly load = async (): Promise<void> => {
    const turn = ++this.turn;
    this.loading = true;
    try {
      const value = await this.fetcher();
      if (turn !== this.turn) return;
      this.value = value;
      this.error = null;
    } catch (thrown) {
      if (turn === this.turn) this.error = asApiError(thrown);
    } finally {
      if (turn === this.turn) this.loading = false;
    }
  };
}

/** A list fetched page by page. */
export class PagedList<T> {
  items = $state.raw<T[]>([]);
  error = $state.raw<ApiError | null>(null);
  loading = $state(false);
  complete = $state(false);
  private cursor: string | null = null;
  private turn = 0;
  private pending: Promise<void> = Promise.resolve();

  constructor(private readonly fetchPage: (cursor: string | null) => Promise<{ items: T[]; next_cursor: string | null }>) {}

  /** Starts over. */
  readonly reload = async (): Promise<void> => {
    this.turn++;
    this.loading = false;
    this.cursor = null;
    this.complete = false;
    await this.more(true);
  };

  /** Fetches the next page, if there is one; resolves with the page that is on its way already. */
  readonly more = (replace = false): Promise<void> => {
    if (this.loading || (this.complete && !replace)) return this.pending;
    this.pending = this.fetchNext(replace);
    return this.pending;
  };

  private async fetchNext(replace: boolean): Promise<void> {
    const turn = this.turn;
    this.loading = true;
    try {
      const page = await this.fetchPage(this.cursor);
      if (turn !== this.turn) return;
      this.items = replace ? page.items : [...this.items, ...page.items];
      this.cursor = page.next_cursor;
      this.complete = page.next_cursor === null;
      this.error = null;
    } catch (thrown) {
      if (turn === this.turn) this.error = asApiError(thrown);
    } finally {
      if (turn === this.turn) this.loading = false;
    }
  }
}
