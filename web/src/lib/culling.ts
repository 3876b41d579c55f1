/** What a person says of a photo while going through many, and the keys that say it. */

import type { Flag, Mark } from '../api/types';
import type { Keymap } from './keyboard';

export type Change = { favorite: boolean } | { rating: number | null } | { flag: Flag | null };

/** What a tile or the viewer shows of a decision. */
export interface Decided {
  rating: number | null;
  flag: Flag | null;
  favorite: boolean;
}

/** The fields that a change sets: a favourite is a photo rated 5. */
export function changedFields(change: Change): Partial<Decided> {
  if ('favorite' in change) return { favorite: change.favorite, rating: change.favorite ? 5 : 0 };
  if ('rating' in change) return { rating: change.rating, favorite: change.rating === 5 };
  return { flag: change.flag };
}

/** The keys `0`–`5`, `f`, `p`, `x` and `u`; `favorite` says what `f` turns the favourite into. */
export function cullingKeys(favorite: () => boolean, apply: (change: Change) => void): Keymap {
  const keys: Keymap = {
    f: () => apply({ favorite: favorite() }),
    p: () => apply({ flag: 'pick' }),
    x: () => apply({ flag: 'reject' }),
    u: () => apply({ flag: null }),
  };
  for (let rating = 0; rating <= 5; rating++) keys[String(rating)] = () => apply({ rating });
  return keys;
}

/** `3 stars`, `rejected`, `not rated`. */
export function ratingWords(rating: number | null): string {
  if (rating === null || rating === 0) return 'not rated';
  if (rating < 0) return 'rejected';
  return `${rating} star${rating === 1 ? '' : 's'}`;
}

/** A change in words, as a heading for what was done to several photos. */
export function changeWords(change: Change): string {
  if ('favorite' in change) return change.favorite ? 'Made favourites' : 'Favourites removed';
  if ('rating' in change) return change.rating === null || change.rating === 0 ? 'Ratings removed' : `Rated ${ratingWords(change.rating)}`;
  return change.flag === 'pick' ? 'Picked' : change.flag === 'reject' ? 'Rejected' : 'Flags removed';
}

/** How far the last change of a photo got. */
export function writeWords(mark: Pick<Mark, 'write'>): { text: string; bad: boolean } {
  switch (mark.write) {
    case 'database':
      return { text: 'The last change is kept in the library only.', bad: false };
    case 'file':
      return { text: 'The last change is written into the file.', bad: false };
    case 'sidecar':
      return { text: 'The last change is written into the side file.', bad: false };
    case 'failed':
      return { text: 'The last change is kept in the library, but could not be written:', bad: true };
  }
}
