// Search by words: mean recall@5 over 50 class names of `scene_labels.csv`: every ImageNet class, then the kinds of
// objects that are in most photos. A query is the class's name, asked within the folder of the photos labelled that
// way, because the others are not labelled for it; recall@5 is the share of the at most five photos that could be
// among the first five.

export const missColumns = ['class', 'within', 'photos', 'found', 'first_five'];

const QUERIES = 50;

/** Classes with the photos that show them: `{name, kind, paths}`, in the order in which they are asked for. */
export function classes(labels) {
  const byName = new Map();
  for (const { path, label_kind: kind, label } of labels) {
    if (kind !== 'imagenet1k_class' && kind !== 'coco_objects') continue;
    // Objects are counted: `bench:4`.
    const names = kind === 'coco_objects' ? label.split(';').map((one) => one.replace(/:\d+$/, '')) : [label];
    for (const name of new Set(names.map((one) => one.trim()).filter(Boolean))) {
      const key = `${kind}:${name}`;
      if (!byName.has(key)) byName.set(key, { name, kind, paths: new Set() });
      byName.get(key).paths.add(path);
    }
  }
  const all = [...byName.values()];
  const whole = all.filter((one) => one.kind === 'imagenet1k_class');
  const objects = all.filter((one) => one.kind === 'coco_objects')
    .sort((a, b) => b.paths.size - a.paths.size || (a.name < b.name ? -1 : 1));
  return [...whole, ...objects].slice(0, QUERIES);
}

export function score(labels, library) {
  const misses = [];
  let sum = 0;
  let n = 0;
  const absent = labels.filter((label) => !library.exists(label.path)).length;
  for (const { name, kind, paths } of classes(labels.filter((label) => library.exists(label.path)))) {
    const within = kind === 'coco_objects' ? 'coco' : 'imagenet';
    const first = library.search(`"${name}" path:${within}`, 5);
    const found = first.filter((file) => paths.has(file)).length;
    const recall = found / Math.min(5, paths.size);
    sum += recall;
    n++;
    if (recall < 1) misses.push({ class: name, within, photos: paths.size, found, first_five: first.join(' ') });
  }
  return { value: sum / n, n, absent, unread: 0, misses, detail: `mean recall@5 over ${n} class names` };
}
