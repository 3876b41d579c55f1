/**
 * Ratings, favourites and flags as they are changed here. A change shows at once and is taken back when the server
 * refuses it. What is under way lies over the photos; what has succeeded is written into them.
 */

import { SvelteMap } from 'svelte/reactivity';
import { asApiError, type ApiError } from '../api/client';
import { bulkMark, patchMetadata, putFlag, putRating, toggleFavorite, type Description } from '../api/care';
import type { Mark, Operation, PhotoSummary } from '../api/types';
import { changedFields, changeWords, type Change, type Decided } from '../lib/culling';
import { plural } from '../lib/format';
import { operations } from './operations.svelte';
import { search } from './search.svelte';
import { timeline } from './timeline.svelte';
import { toasts } from './toasts.svelte';

export interface MarkApi {
  favorite(photo: string): Promise<Mark>;
  rating(photo: string, rating: number | null): Promise<Mark>;
  flag(photo: string, flag: Mark['flag']): Promise<Mark>;
  metadata(photo: string, body: Description): Promise<Mark>;
  bulk(photos: readonly string[], change: Change): Promise<Operation>;
}

/** Where results go: replaced in tests. */
export interface MarkSinks {
  patch(ids: ReadonlySet<string>, fields: Partial<PhotoSummary>): void;
  fail(text: string, error: ApiError): void;
  /** What is known of the operation now: small work may have ended already. */
  follow(operation: Operation, text: string): Operation;
}

type Markable = Decided & { id: string };

export class Marks {
  /** The last answer by photo: how far it was written. */
  readonly last: SvelteMap<string, Mark> = new SvelteMap();
  private readonly over: SvelteMap<string, Partial<Decided>> = new SvelteMap();
  /** Changes of one photo go one after the other, in the order in which they were made. */
  private readonly queues = new Map<string, Promise<unknown>>();
  /** Bulk changes under way: what they set, and on which photos. */
  private readonly bulks = new Map<string, { ids: ReadonlySet<string>; fields: Partial<Decided> }>();

  constructor(
    private readonly api: MarkApi = { favorite: toggleFavorite, rating: putRating, flag: putFlag, metadata: patchMetadata, bulk: bulkMark },
    private readonly sinks: MarkSinks = {
      patch: (ids, fields) => {
        timeline.patch(ids, fields);
        search.patch(ids, fields);
      },
      fail: (text, error) => toasts.fail(text, error),
      follow: (operation, text) => toasts.follow(operation, text),
    },
  ) {}

  /** What to show of a photo. */
  of(photo: Markable): Decided {
    const over = this.over.get(photo.id);
    return {
      rating: over?.rating !== undefined ? over.rating : photo.rating,
      flag: over?.flag !== undefined ? over.flag : photo.flag,
      favorite: over?.favorite ?? photo.favorite,
    };
  }

  /** Changes one photo. Resolves to the answer, or to null when it was refused. */
  apply(photo: Markable, change: Change): Promise<Mark | null> {
    // The server toggles favourites: asking for what is there already would do the opposite.
    if ('favorite' in change && this.of(photo).favorite === change.favorite) return Promise.resolve(null);
    const send = () =>
      'favorite' in change ? this.api.favorite(photo.id)
      : 'rating' in change ? this.api.rating(photo.id, change.rating)
      : this.api.flag(photo.id, change.flag);
    return this.send(photo.id, changedFields(change), send);
  }

  /** Changes title, caption or keywords. */
  describe(photo: string, body: Description): Promise<Mark | null> {
    return this.send(photo, {}, () => this.api.metadata(photo, body));
  }

  /** Changes many photos in one operation, whose toast ends in "Undo". */
  async applyAll(photos: readonly string[], change: Change): Promise<void> {
    const fields = changedFields(change);
    const ids = new Set(photos);
    for (const id of ids) this.over.set(id, { ...this.over.get(id), ...fields });
    try {
      const operation = await this.api.bulk(photos, change);
      this.bulks.set(operation.id, { ids, fields });
      this.noticeEnd(this.sinks.follow(operation, `${changeWords(change)} · ${plural(ids.size, 'photo')}`));
    } catch (thrown) {
      for (const id of ids) this.over.delete(id);
      const error = asApiError(thrown);
      if (error) this.sinks.fail('Nothing was changed', error);
    }
  }

  /** To be told of every operation: when a bulk change ends, what lay over the photos becomes theirs. */
  noticeEnd(operation: Operation): void {
    const bulk = this.bulks.get(operation.id);
    if (!bulk || operation.state === 'pending' || operation.state === 'running') return;
    this.bulks.delete(operation.id);
    // With failures only the server knows which photos changed; they are fetched again when an operation ends.
    if (operation.state === 'completed' && !operation.failed) this.sinks.patch(bulk.ids, bulk.fields);
    for (const id of bulk.ids) this.over.delete(id);
  }

  private send(id: string, fields: Partial<Decided>, request: () => Promise<Mark>): Promise<Mark | null> {
    const mine = { ...this.over.get(id), ...fields };
    this.over.set(id, mine);
    const run = async (): Promise<Mark | null> => {
      try {
        const mark = await request();
        this.last.set(id, mark);
        this.sinks.patch(new Set([id]), { rating: mark.rating, flag: mark.flag, favorite: mark.favorite });
        return mark;
      } catch (thrown) {
        const error = asApiError(thrown);
        if (error) this.sinks.fail('The change was taken back', error);
        return null;
      } finally {
        // A later change of the same photo is still on its way and goes on showing.
        if (this.over.get(id) === mine) this.over.delete(id);
      }
    };
    const next = (this.queues.get(id) ?? Promise.resolve()).then(run);
    this.queues.set(id, next);
    void next.then(() => {
      if (this.queues.get(id) === next) this.queues.delete(id);
    });
    return next;
  }
}

export const marks = new Marks();
operations.onEnd((operation) => marks.noticeEnd(operation));
