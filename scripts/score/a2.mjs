// A2: near duplicates. F1 over all pairs of the labelled files: a pair is the same picture when both have a
// relation original, exact, near or edited within one group, and is found when both are in one group of tier
// `bytes` or `picture` of `tintype dupes`. Bursts and other views of one object are not the same picture.
import { f1 } from './statistics.mjs';

const SAME_PICTURE = new Set(['original', 'exact', 'near', 'edited']);

export const missColumns = ['error', 'path1', 'path2', 'group1', 'group2', 'transform1', 'transform2', 'why'];

export function score(labels, library) {
  const present = labels.filter((label) => library.exists(label.path));
  const files = present.map((label) => {
    const row = library.row(label.path);
    return { label, read: Boolean(row?.pixel_hash) && row.tile_sharpness !== null, groups: library.pictureGroups(label.path) };
  });
  const counts = { hits: 0, falseAlarms: 0, misses: 0 };
  const misses = [];
  for (let i = 0; i < files.length; i++) {
    for (let j = i + 1; j < files.length; j++) {
      const [a, b] = [files[i], files[j]];
      const same = a.label.group === b.label.group
        && SAME_PICTURE.has(a.label.relation) && SAME_PICTURE.has(b.label.relation);
      const shared = a.groups.find((group) => b.groups.includes(group));
      if (same && shared) { counts.hits++; continue; }
      if (!same && !shared) continue;
      if (same) counts.misses++;
      else counts.falseAlarms++;
      misses.push({
        error: same ? 'missed' : 'false',
        path1: a.label.path,
        path2: b.label.path,
        group1: a.label.group,
        group2: b.label.group,
        transform1: a.label.transform,
        transform2: b.label.transform,
        why: shared?.why ?? '',
      });
    }
  }
  const { hits, falseAlarms, misses: missed } = counts;
  return {
    value: f1(counts),
    n: files.length,
    absent: labels.length - present.length,
    unread: files.filter((file) => !file.read).length,
    detail: `${hits} pairs found, ${missed} missed, ${falseAlarms} false`,
    misses,
  };
}
