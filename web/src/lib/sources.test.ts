import { expect, it } from 'vitest';
import { writeWords } from './culling';
import { sourceOf, sourceWords } from './sources';

it('where a value comes from is said in words, with its tag', () => {
  expect(sourceWords('Exif.DateTimeOriginal')).toBe('from the file’s EXIF (DateTimeOriginal)');
  expect(sourceWords('XMP.xmp:Rating')).toBe('from the file’s XMP (xmp:Rating)');
  expect(sourceWords('Sidecar.xmp:Rating')).toBe('from the side file (Rating)');
  expect(sourceWords('Sidecar.dc:subject')).toBe('from the side file (dc:subject)');
  expect(sourceWords('File.ModifiedAt')).toBe('from the file’s modification time');
  expect(sourceWords('Guess')).toBe('from Guess');
});

it('a decision goes before the file', () => {
  expect(sourceOf(true, 'Exif.Rating')).toBe('set in Tintype');
  expect(sourceOf(false, 'Exif.Rating')).toBe('from the file’s EXIF (Rating)');
  expect(sourceOf(false, undefined)).toBe('from the file');
});

it('a change that was not written is said to be so, and kept', () => {
  expect(writeWords({ write: 'failed' })).toEqual({ text: 'The last change is kept in the library, but could not be written:', bad: true });
  for (const write of ['database', 'file', 'sidecar'] as const) expect(writeWords({ write }).bad).toBe(false);
});
