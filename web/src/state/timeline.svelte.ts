/**
 * The photos that the timeline shows: buckets with counts at once, their photos when they come into view.
 *
 * Sorted by date, a section is a month; in any other order there is one section and it grows from the front.
 * Sections are plain objects; `revision` is what views depend on, so that 100,000 photos are never proxied.
 */

import { asApiError, fetchTimeline, listPhotos, type ApiError, type Query } from '../api/client';
import type { PhotoPage, PhotoSummary, Timeline as Buckets } from '../api/types';
import { bucketOf } from '../lib/dates';
import { filterQuery, photoQuery, type Filters } from '../lib/filters';
import { tileAspect } from '../lib/justified';

export interface Section {
  /** Month, or `*` for a flat list. */
  key: string;
  count: number;
  photos: PhotoSummary[];
  aspects: number[];
  cursor: string | null;
  complete: boolean;
  loading: Promise<void> | null;
  error: ApiError | null;
  /** Its photos may have changed: they stay on screen until they were fetched again. */
  stale: boolean;
  /** When it was last in view, for dropping what was not. */
  seen: number;
}

export interface Position {
  section: number;
  index: number;
}

export interface TimelineApi {
  timeline(query: Query, signal?: AbortSignal): Promise<Buckets>;
  photos(query: Query, signal?: AbortSignal): Promise<PhotoPage>;
}

export const FLAT = '*';
/** The server's largest page. */
const PAGE = 1000;
/** Photos kept loaded, about 25 MB; beyond this the sections longest out of view are dropped. */
const KEEP = 60_000;

type Change = { kind: 'all' } | { kind: 'section'; index: number } | { kind: 'forgotten'; index: number };

export class TimelineState {
  sections: Section[] = [];
  /** Rises with every change of `sections`. */
  revision = $state(0);
  total = $state(0);
  status = $state<'loading' | 'ready' | 'error'>('loading');
  error = $state.raw<ApiError | null>(null);
  /** Rises when something else is shown, so that the view starts at the top. */
  shown = 0;
  /** Where the view was, for when it comes back from another page. */
  scroll = 0;
  /** Called before `revision` rises, so that the view can keep its place. */
  onChange: (change: Change) => void = () => {};

  private wanted = '';
  private filters: Filters | null = null;
  private album: string | null = null;
  private abort = new AbortController();
  private clock = 0;

  constructor(private readonly api: TimelineApi = { timeline: fetchTimeline, photos: listPhotos }) {}

  get flat(): boolean {
    return this.sections[0]?.key === FLAT;
  }

  /** Shows other photos, or the same in another order. Asked for what it shows already, it does nothing. */
  async show(filters: Filters, album: string | null): Promise<void> {
    const wanted = JSON.stringify([filters, album]);
    if (wanted === this.wanted && this.status !== 'error') return;
    this.wanted = wanted;
    this.shown++;
    this.scroll = 0;
    this.filters = filters;
    this.album = album;
    this.status = 'loading';
    await this.reload([]);
  }

  /**
   * Asks for the counts again, keeping what is loaded of the buckets that did not change. With `renew`, the photos
   * of the others may have changed too, as after ratings: they are fetched again when in view.
   */
  async refresh(renew = false): Promise<void> {
    if (this.filters) await this.reload(this.sections, renew);
  }

  private async reload(old: Section[], renew = false): Promise<void> {
    this.abort.abort();
    const { signal } = (this.abort = new AbortController());
    const filters = this.filters!;
    try {
      const buckets = await this.fetchBuckets(filters, signal);
      if (signal.aborted) return;
      const kept = new Map(old.map((section) => [section.key, section]));
      this.sections = buckets.items.map(({ key, count }) => {
        const previous = kept.get(key);
        // A load that was cut off by this reload has to be asked for again.
        if (previous && previous.count === count && previous.complete && !renew) return { ...previous, loading: null, error: null };
        if (previous && renew && previous.photos.length > 0) return { ...previous, count: Math.max(count, previous.photos.length), loading: null, error: null, stale: true };
        return { key, count, photos: [], aspects: [], cursor: null, complete: false, loading: null, error: null, stale: false, seen: 0 };
      });
      this.total = buckets.total;
      this.status = 'ready';
      this.error = null;
    } catch (thrown) {
      if (signal.aborted) return;
      this.error = asApiError(thrown);
      this.status = 'error';
      this.sections = [];
    }
    this.changed({ kind: 'all' });
  }

  private async fetchBuckets(filters: Filters, signal: AbortSignal): Promise<Buckets> {
    const query = { ...filterQuery(filters), album: this.album };
    const buckets = await this.api.timeline({ ...query, granularity: 'month' }, signal);
    if (filters.sort !== 'taken_at') return { items: buckets.total > 0 ? [{ key: FLAT, count: buckets.total }] : [], total: buckets.total };
    if (filters.order === 'desc') return buckets;
    // Undated photos stay at the end in either direction, as they do in the server's order.
    const dated = buckets.items.filter((bucket) => bucket.key !== '').reverse();
    return { items: [...dated, ...buckets.items.filter((bucket) => bucket.key === '')], total: buckets.total };
  }

  /** Loads the next page of a section, or all its pages anew when it is stale; resolves when that is done. */
  load(index: number): Promise<void> {
    const section = this.sections[index];
    if (!section || (section.complete && !section.stale) || !this.filters) return Promise.resolve();
    section.loading ??= this.loadMore(section, this.abort.signal);
    return section.loading;
  }

  private fetchPage(key: string, cursor: string | null, signal: AbortSignal): Promise<PhotoPage> {
    const query: Query = { ...photoQuery(this.filters!), album: this.album, limit: PAGE, cursor };
    // An empty bucket name means photos without any date.
    if (key !== FLAT) query['taken'] = key === '' ? 'none' : key;
    return this.api.photos(query, signal);
  }

  private async loadMore(section: Section, signal: AbortSignal): Promise<void> {
    const wanted = section.stale ? section.photos.length : 0;
    let photos = section.stale ? [] : section.photos;
    let cursor = section.stale ? null : section.cursor;
    try {
      do {
        const page = await this.fetchPage(section.key, cursor, signal);
        if (signal.aborted) return;
        photos = photos.concat(page.items);
        cursor = page.next_cursor;
      } while (cursor !== null && photos.length < wanted);
      // Shapes of photos that stay are not worked out again: sections can be large.
      const known = section.stale ? 0 : section.photos.length;
      section.aspects = section.aspects.slice(0, known).concat(photos.slice(known).map((photo) => tileAspect(photo.width, photo.height)));
      section.photos = photos;
      section.cursor = cursor;
      section.complete = cursor === null;
      section.stale = false;
      section.count = section.complete ? photos.length : Math.max(section.count, photos.length);
      section.error = null;
    } catch (thrown) {
      if (signal.aborted) return;
      section.error = asApiError(thrown);
    } finally {
      if (!signal.aborted) section.loading = null;
    }
    const index = this.sections.indexOf(section);
    if (index >= 0) this.changed({ kind: 'section', index });
    this.dropUnseen();
  }

  /** Marks sections as in view; returns nothing, loads nothing. */
  see(first: number, end: number): void {
    this.clock++;
    for (let i = first; i < end; i++) {
      const section = this.sections[i];
      if (section) section.seen = this.clock;
    }
  }

  private dropUnseen(): void {
    let loaded = this.sections.reduce((sum, section) => sum + section.photos.length, 0);
    if (loaded <= KEEP) return;
    const oldest = this.sections
      .map((section, index) => ({ section, index }))
      .filter(({ section }) => section.photos.length > 0 && section.loading === null && section.seen < this.clock)
      .sort((a, b) => a.section.seen - b.section.seen);
    for (const { section, index } of oldest) {
      if (loaded <= KEEP) break;
      loaded -= section.photos.length;
      Object.assign(section, { photos: [], aspects: [], cursor: null, complete: false, stale: false });
      this.changed({ kind: 'forgotten', index });
    }
  }

  private changed(change: Change): void {
    this.onChange(change);
    this.revision++;
  }

  photoAt(position: Position): PhotoSummary | null {
    return this.sections[position.section]?.photos[position.index] ?? null;
  }

  /** Where a photo is, among those loaded. */
  find(id: string): Position | null {
    for (let s = 0; s < this.sections.length; s++) {
      const index = this.sections[s]!.photos.findIndex((photo) => photo.id === id);
      if (index >= 0) return { section: s, index };
    }
    return null;
  }

  /** Changes what is known of some photos, without asking the server. */
  patch(ids: ReadonlySet<string>, fields: Partial<PhotoSummary>): void {
    for (const section of this.sections) for (const photo of section.photos) if (ids.has(photo.id)) Object.assign(photo, fields);
  }

  /** The photos from one to another in reading order, loading what lies between; at most `limit`. */
  async between(from: Position, to: Position, limit: number): Promise<PhotoSummary[]> {
    const forward = from.section < to.section || (from.section === to.section && from.index <= to.index);
    const [first, last] = forward ? [from, to] : [to, from];
    const list: PhotoSummary[] = [];
    for (let s = first.section; s <= last.section && list.length < limit; s++) {
      const section = this.sections[s];
      while (section && s < last.section && !section.complete && !section.error && this.sections[s] === section) await this.load(s);
      list.push(...(section?.photos ?? []).slice(s === first.section ? first.index : 0, s === last.section ? last.index + 1 : undefined));
    }
    return list.slice(0, limit);
  }

  /** Every photo shown, the first `limit` of them: fetched where not loaded, and not kept. */
  async all(limit: number): Promise<PhotoSummary[]> {
    const { signal } = this.abort;
    const list: PhotoSummary[] = [];
    for (const section of this.sections) {
      let photos = section.photos;
      for (let cursor = section.cursor, complete = section.complete; !complete && list.length + photos.length < limit; ) {
        const page = await this.fetchPage(section.key, cursor, signal);
        photos = photos.concat(page.items);
        cursor = page.next_cursor;
        complete = cursor === null;
      }
      list.push(...photos);
      if (list.length >= limit) break;
    }
    return list.slice(0, limit);
  }

  /** Where a photo is, loading its bucket when needed; null when the filters leave it out. */
  async locate(photo: Pick<PhotoSummary, 'id' | 'taken_at'>): Promise<Position | null> {
    const found = this.find(photo.id);
    if (found || this.flat) return found;
    const key = bucketOf(photo.taken_at);
    const index = this.sections.findIndex((section) => section.key === key);
    for (let section = this.sections[index]; section && !section.complete && !section.error; section = this.sections[index]) {
      await this.load(index);
      const position = this.find(photo.id);
      if (position) return position;
    }
    return this.find(photo.id);
  }

  /** The photo before or after one, across sections, loading as needed; null at the ends. */
  async step(from: Position, by: 1 | -1): Promise<Position | null> {
    let { section, index } = from;
    index += by;
    for (;;) {
      const current = this.sections[section];
      if (!current) return null;
      if (index >= 0 && index < current.photos.length) return { section, index };
      if (index < 0) {
        section--;
        const previous = this.sections[section];
        if (!previous) return null;
        while (!previous.complete && !previous.error && this.sections[section] === previous) await this.load(section);
        index = previous.photos.length - 1;
        if (previous.error) return null;
      } else if (!current.complete) {
        await this.load(section);
        if (current.error || this.sections[section] !== current) return null;
      } else {
        section++;
        index = 0;
      }
    }
  }
}

export const timeline = new TimelineState();
