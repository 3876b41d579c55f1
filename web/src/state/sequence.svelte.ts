/** Which photo comes before and after the one that is open: it depends on where it was opened from. */

import type { PhotoDetail, PhotoSummary } from '../api/types';
import { duplicates } from './duplicates.svelte';
import { search } from './search.svelte';
import { timeline } from './timeline.svelte';

export interface Sequence {
  /** What is known of a photo without asking the server. */
  peek(id: string): PhotoSummary | null;
  neighbour(photo: Pick<PhotoDetail, 'id' | 'taken_at'>, by: 1 | -1): Promise<PhotoSummary | null>;
}

const inTimeline: Sequence = {
  peek(id) {
    const position = timeline.find(id);
    return position ? timeline.photoAt(position) : null;
  },
  async neighbour(photo, by) {
    const position = await timeline.locate(photo);
    const next = position && (await timeline.step(position, by));
    return next ? timeline.photoAt(next) : null;
  },
};

const inDuplicates: Sequence = {
  peek: (id) => duplicates.photos.find((photo) => photo.id === id) ?? null,
  neighbour(photo, by) {
    const { photos } = duplicates;
    const index = photos.findIndex((candidate) => candidate.id === photo.id);
    return Promise.resolve(index < 0 ? null : (photos[index + by] ?? null));
  },
};

const inSearch: Sequence = {
  peek: (id) => search.find(id),
  neighbour: (photo, by) => search.neighbour(photo.id, by),
};

const SEQUENCES: Record<string, Sequence> = { '/duplicates': inDuplicates, '/search': inSearch };

export const sequenceFor = (section: string): Sequence => SEQUENCES[section] ?? inTimeline;
