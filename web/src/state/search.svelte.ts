/** The photos that a search found, page by page, and what the server says of the question. */

import { ApiError, asApiError, searchPhotos } from '../api/client';
import type { PhotoSummary, SearchHit, SearchPage, SearchQuery } from '../api/types';
import { isEmpty, isSame, NOTHING, type Asked } from '../lib/search';
import { pictures, type ChosenPicture } from './pictures';

/** A question, with the picture that photos are to look like, if there is one. */
export type SearchApi = (query: SearchQuery, signal: AbortSignal, picture: Blob | null) => Promise<SearchPage>;

const PAGE = 100;
const GONE = new ApiError('PICTURE_GONE', 'The picture that was searched by is not kept when the page is loaded anew. Choose it again.', 0);

export class Search {
  asked = $state.raw<Asked>(NOTHING);
  /** The first page: chips, warnings and totals are those of the whole answer. Null until it is here. */
  answer = $state.raw<SearchPage | null>(null);
  hits = $state.raw<SearchHit[]>([]);
  loading = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** Rises when something else is asked, so that the view starts at the top. */
  shown = $state(0);
  /** Where the view was, for when it comes back from another page. */
  scroll = 0;

  private cursor = $state.raw<string | null>(null);
  private pending: Promise<void> = Promise.resolve();
  private abort = new AbortController();

  constructor(
    private readonly api: SearchApi = searchPhotos,
    private readonly chosen: { get(key: string): Pick<ChosenPicture, 'file'> | null } = pictures,
  ) {}

  get complete(): boolean {
    return this.answer !== null && this.cursor === null;
  }

  /** Looks for something else. Asked for what it shows already, it does nothing. */
  show(asked: Asked): Promise<void> {
    if (isSame(asked, this.asked) && !this.error && (this.answer || this.loading)) return this.pending;
    this.abort.abort();
    this.asked = asked;
    this.answer = null;
    this.hits = [];
    this.cursor = null;
    this.loading = false;
    this.error = null;
    this.scroll = 0;
    this.shown++;
    if (isEmpty(asked)) return (this.pending = Promise.resolve());
    this.abort = new AbortController();
    return this.load(1);
  }

  /** Fetches the next page, if there is one; resolves with the page that is on its way already. */
  more(): Promise<void> {
    if (this.loading || this.complete || isEmpty(this.asked)) return this.pending;
    return this.load(this.hits.length + 1);
  }

  /** Fetches what is loaded again, because something about the photos changed. It stays on screen meanwhile. */
  renew(): Promise<void> {
    if (this.answer === null || this.error) return this.pending;
    this.abort.abort();
    this.abort = new AbortController();
    return this.load(Math.max(1, this.hits.length), true);
  }

  /** After a failure: asks again for what did not come. */
  retry(): Promise<void> {
    this.error = null;
    return this.complete ? this.renew() : this.more();
  }

  /** Changes what is known of some photos, without asking the server. */
  patch(ids: ReadonlySet<string>, fields: Partial<PhotoSummary>): void {
    for (const { photo } of this.hits) if (ids.has(photo.id)) Object.assign(photo, fields);
  }

  find(id: string): PhotoSummary | null {
    return this.hits.find((hit) => hit.photo.id === id)?.photo ?? null;
  }

  /** The hit before or after one, loading as needed; null at the ends, and for a photo that was not found. */
  async neighbour(id: string, by: 1 | -1): Promise<PhotoSummary | null> {
    await this.pending;
    const at = this.hits.findIndex((hit) => hit.photo.id === id);
    if (at < 0) return null;
    if (at + by >= this.hits.length && !this.complete) await this.more();
    return this.hits[at + by]?.photo ?? null;
  }

  private load(wanted: number, anew = false): Promise<void> {
    this.pending = this.fetch(wanted, anew, this.abort.signal);
    return this.pending;
  }

  /** Fetches pages until there are `wanted` hits or no more. */
  private async fetch(wanted: number, anew: boolean, signal: AbortSignal): Promise<void> {
    const { text, like, picture: key } = this.asked;
    let hits = anew ? [] : this.hits;
    let cursor = anew ? null : this.cursor;
    let answer = anew ? null : this.answer;
    this.loading = true;
    this.error = null;
    try {
      const picture = key === null ? null : (this.chosen.get(key)?.file ?? null);
      if (key !== null && picture === null) throw GONE;
      do {
        const page = await this.api({ ...(text ? { text } : {}), ...(like ? { photo_id: like } : {}), limit: PAGE, cursor }, signal, picture);
        if (signal.aborted) return;
        // What a photo changed its place for may come twice.
        const known = new Set(hits.map((hit) => hit.photo.id));
        hits = hits.concat(page.items.filter((hit) => !known.has(hit.photo.id)));
        cursor = page.next_cursor;
        answer ??= page;
      } while (cursor !== null && hits.length < wanted);
      this.hits = hits;
      this.cursor = cursor;
      this.answer = answer;
    } catch (thrown) {
      if (!signal.aborted) this.error = asApiError(thrown);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }
}

export const search = new Search();
