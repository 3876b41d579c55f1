/** The records of vectors: who makes them, which are used, and what looks alike by them. */

import type { SearchHit } from './search';

/** The vectors of one producer. */
export interface VectorSpace {
  /** `scene_embedding` or `clip_embedding`. */
  kind: string;
  /** The model or algorithm with its version. */
  producer: string;
  /** The model's id; null without weights and for producers of the past. */
  model: string | null;
  reads_words: boolean;
  /** Whether vectors of new pictures and words can be made now. */
  can_embed: boolean;
  /** How many pictures have one. */
  pictures: number;
  /** Whether searches use it, of those of its kind. */
  active: boolean;
  /** Whether that is because somebody said so. */
  chosen: boolean;
}

/** Photos that look like a photo, and by whose vectors. */
export interface SimilarPhotos {
  items: SearchHit[];
  kind: string;
  producer: string;
}
