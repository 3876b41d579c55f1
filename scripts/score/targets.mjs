// The accuracy targets, one row each. A new one is a module beside this file with `score(labels, library)` and
// `missColumns`, and its row here.
import * as a1 from './a1.mjs';
import * as a2 from './a2.mjs';
import * as a5 from './a5.mjs';
import * as search from './search.mjs';
import * as text from './text.mjs';

export const TARGETS = [
  { id: 'A1', labels: 'blur.csv', module: a1 },
  { id: 'A2', labels: 'dup_groups.csv', module: a2 },
  { id: 'A3', labels: 'pairs.csv', needs: 'faces' },
  { id: 'A4', labels: 'bibs.csv', needs: 'race numbers' },
  { id: 'A5', labels: 'exiftool_truth.json', module: a5 },
  { id: 'A6', labels: 'faces.csv', needs: 'faces' },
  { id: 'A7', labels: 'masks.csv', needs: 'segmentation' },
  { id: 'TEXT', labels: 'bibs.csv', module: text },
  { id: 'SEARCH', labels: 'scene_labels.csv', module: search },
];
