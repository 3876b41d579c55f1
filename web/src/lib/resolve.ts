/** Groups of duplicates being resolved: which of their files stay, and what the others take. */

import type { DuplicateGroup, Resolution } from '../api/types';

/** Paths that stay, by group; a group that is not in it follows the engine. */
export type Choices = ReadonlyMap<string, ReadonlySet<string>>;

/** The file that the engine would keep: the first of the kept photo, which may be there several times. */
export function enginesChoice(group: DuplicateGroup): ReadonlySet<string> {
  const kept = group.photos.find((photo) => photo.id === group.keep) ?? group.photos[0];
  return new Set(kept ? [kept.path] : []);
}

/** The files of a group that stay. */
export const keptPaths = (group: DuplicateGroup, choices: Choices): ReadonlySet<string> => choices.get(group.id) ?? enginesChoice(group);

/** Keeps a file too, or no longer; the last one kept cannot be let go. */
export function toggled(kept: ReadonlySet<string>, path: string): ReadonlySet<string> {
  const next = new Set(kept);
  if (!next.delete(path)) next.add(path);
  return next.size === 0 ? kept : next;
}

export function resolutionOf(group: DuplicateGroup, kept: ReadonlySet<string>): Resolution {
  const paths = group.photos.map((photo) => photo.path);
  return { tier: group.tier, keep: paths.filter((path) => kept.has(path)), remove: paths.filter((path) => !kept.has(path)) };
}

/** Nothing goes, and the group does not come back. */
export const keepAll = (group: DuplicateGroup): Resolution => ({ tier: group.tier, keep: group.photos.map((photo) => photo.path), remove: [] });

export interface Leaving {
  groups: number;
  files: number;
  bytes: number;
}

/** What would go to the trash. */
export function leaving(groups: readonly DuplicateGroup[], choices: Choices): Leaving {
  const sum: Leaving = { groups: 0, files: 0, bytes: 0 };
  for (const group of groups) {
    const kept = keptPaths(group, choices);
    const others = group.photos.filter((photo) => !kept.has(photo.path));
    if (others.length === 0) continue;
    sum.groups++;
    sum.files += others.length;
    for (const photo of others) sum.bytes += photo.bytes;
  }
  return sum;
}
