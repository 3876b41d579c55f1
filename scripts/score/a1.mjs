// A1: blur. AUC of sharp against blurred photos of `blur.csv` by the report's `tile_sharpness` (higher is sharper).
import { areaUnderCurve } from './statistics.mjs';

export const missColumns = ['path', 'blurred', 'kind', 'tile_sharpness', 'is_blurry', 'blur_kind', 'why'];

export function score(labels, library) {
  const photos = [];
  let absent = 0;
  let unread = 0;
  for (const label of labels) {
    if (!library.exists(label.path)) { absent++; continue; }
    const row = library.row(label.path);
    const blurred = label.blurred === '1';
    let sharpness = row?.tile_sharpness;
    if (typeof sharpness !== 'number') {
      // A photo without an answer is an answer that is wrong against every photo of the other kind.
      unread++;
      sharpness = blurred ? Infinity : -Infinity;
    }
    photos.push({ label, row, blurred, sharpness });
  }
  const sharp = photos.filter((photo) => !photo.blurred);
  const soft = photos.filter((photo) => photo.blurred);

  const misses = [];
  for (const photo of photos) {
    const others = photo.blurred ? sharp : soft;
    const wrong = others.filter((other) =>
      photo.blurred ? other.sharpness <= photo.sharpness : other.sharpness >= photo.sharpness).length;
    const decidedWrong = typeof photo.row?.is_blurry === 'boolean' && photo.row.is_blurry !== photo.blurred;
    if (wrong === 0 && !decidedWrong) continue;
    const why = [];
    if (wrong > 0) why.push(`ranked wrongly against ${wrong} of ${others.length} ${photo.blurred ? 'sharp' : 'blurred'} photos`);
    if (decidedWrong) why.push('is_blurry differs from the label (not part of the score)');
    misses.push({
      path: photo.label.path,
      blurred: photo.label.blurred,
      kind: photo.label.kind,
      tile_sharpness: photo.row?.tile_sharpness,
      is_blurry: photo.row?.is_blurry,
      blur_kind: photo.row?.blur_kind,
      why: why.join('; '),
    });
  }
  const value = areaUnderCurve(sharp.map((p) => p.sharpness), soft.map((p) => p.sharpness));
  return { value, n: photos.length, absent, unread, misses };
}
