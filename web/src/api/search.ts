/** The records of searching, of similar photos and of suggestions. */

import type { Page, PhotoSummary } from './types';

/** What to look for: everything given must be met. */
export interface SearchQuery {
  /** Words and facts as people type them; never refused. */
  text?: string;
  photo_id?: string;
  /** A picture file in base64. */
  image?: string;
  /** Words and pictures, each with its weight. */
  mix?: { text?: string; photo_id?: string; image?: string; weight?: number }[];
  person?: string;
  bib?: string;
  album?: string | null;
  /** Further conditions, as in lists of photos. */
  filters?: Record<string, unknown>;
  limit?: number;
  cursor?: string | null;
}

/** A term of a search as a removable chip. */
export interface SearchChip {
  /** `word`, `phrase`, or the name of a field. */
  kind: string;
  text: string;
  /** Where it stands in the text sent, in UTF-16 code units: as JavaScript counts. */
  start: number;
  end: number;
  negated: boolean;
  /** The whole text without it. */
  without: string;
}

/** Why a photo was found: `tag: bicycle 0.91`. */
export interface SearchReason {
  kind: string;
  text: string;
  confidence: number;
}

export interface SearchHit {
  photo: PhotoSummary;
  /** 0 to 1. */
  score: number;
  good: boolean;
  reasons: SearchReason[];
}

export interface SearchPage extends Page<SearchHit> {
  total: number;
  total_is_exact: boolean;
  /** The text as it was understood. */
  query: string;
  chips: SearchChip[];
  warnings: string[];
  /** No photo has all the words; these have some. */
  relaxed: boolean;
  no_good_match: boolean;
  /** Photos about which something changed that the answer may not know yet. */
  waiting: number;
}

/** A way to go on with what is typed. */
export interface Suggestion {
  /** What takes the place of the last word. */
  text: string;
  label: string;
  kind: string;
  photos: number | null;
  help: string | null;
  /** Where the last word begins. */
  start: number;
}
