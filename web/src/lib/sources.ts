/** Where a value of a photo comes from, in words. */

const PLACES: [RegExp, string][] = [
  [/^Sidecar\.(?:xmp:|XMP\.)?(.*)$/i, 'the side file'],
  [/^XMP\.(.*)$/i, 'the file’s XMP'],
  [/^Exif\.(.*)$/i, 'the file’s EXIF'],
  [/^IPTC\.(.*)$/i, 'the file’s IPTC'],
  [/^QuickTime\.(.*)$/i, 'the video’s header'],
];

/** `from the file’s EXIF (DateTimeOriginal)`. */
export function sourceWords(source: string): string {
  if (source === 'File.ModifiedAt') return 'from the file’s modification time';
  for (const [pattern, place] of PLACES) {
    const tag = pattern.exec(source)?.[1];
    if (tag !== undefined) return `from ${place} (${tag})`;
  }
  return `from ${source}`;
}

/** What people decided here goes before what a file says. */
export function sourceOf(decided: boolean, source: string | undefined): string {
  if (decided) return 'set in Tintype';
  return source ? sourceWords(source) : 'from the file';
}
