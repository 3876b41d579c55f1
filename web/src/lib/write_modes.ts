/** Where decisions about photos are written, in plain words. */

import type { WriteMode } from '../api/types';

export const WRITE_MODES: { value: WriteMode; label: string; help: string }[] = [
  {
    value: 'database',
    label: 'Library only',
    help: 'Ratings, dates, titles and keywords stay in Tintype’s library. No file of this folder is ever changed, and other programs do not see them.',
  },
  {
    value: 'sidecar',
    label: 'Side files',
    help: 'They are also written to a small .xmp file beside each photo. The photo itself is never changed; programs that read side files see them.',
  },
  {
    value: 'file',
    label: 'Into the files',
    help: 'They are also written into the photos, without touching the picture: the new file is checked before it takes the old one’s place. Formats that cannot be written safely get a side file.',
  },
];

export const writeMode = (mode: WriteMode) => WRITE_MODES.find((candidate) => candidate.value === mode) ?? WRITE_MODES[0]!;
