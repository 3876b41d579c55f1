/** Numbers in words. */

const GROUPED = new Intl.NumberFormat('en-GB');

export const count = (n: number): string => GROUPED.format(n);

/** `1 photo`, `2,000 photos`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** Decimal units, as disks and file managers count: `2.8 MB`. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = n;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `87 %`; never 100 % before it is complete, never 0 % once begun. */
export function percent(share: number): string {
  if (share >= 1) return '100 %';
  if (share <= 0) return '0 %';
  return `${Math.min(99, Math.max(1, Math.round(share * 100)))} %`;
}

/** A score from 0 to 1 with two decimals. */
export const score = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : value.toFixed(2));

/** Photos per second: `1,240/s`, `17.3/s`. */
export const rate = (n: number): string => `${n >= 100 ? count(Math.round(n)) : n.toFixed(1)}/s`;

/** Milliseconds of computing: `840 ms`, `12.4 s`, `3 min 20 s`. */
export function milliseconds(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** Exposure as photographers write it: `1/250 s`, `0.5 s`, `2 s`. */
export function exposure(seconds: number): string {
  if (seconds <= 0) return '–';
  if (seconds < 0.3) return `1/${Math.round(1 / seconds)} s`;
  return `${Number(seconds.toFixed(1))} s`;
}

/** `6000 × 4000 · 24.0 MP`. */
export function dimensions(width: number, height: number): string {
  if (!(width > 0 && height > 0)) return 'Unknown dimensions';
  const megapixels = (width * height) / 1e6;
  return `${width} × ${height} · ${megapixels >= 0.1 ? `${megapixels.toFixed(1)} MP` : `${count(width * height)} px`}`;
}

/** `48.85837° N, 2.29448° E`. */
export function place(latitude: number, longitude: number): string {
  return `${Math.abs(latitude).toFixed(5)}° ${latitude < 0 ? 'S' : 'N'}, ${Math.abs(longitude).toFixed(5)}° ${longitude < 0 ? 'W' : 'E'}`;
}

/** Why a photo is kept, to follow "kept because": the server's sentence without its own `kept:`. */
export const reasonText = (why: string): string => visible(why.replace(/^kept:\s*/, ''));

/** `perceptual_hash` → `Perceptual hash`. */
export function humanise(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A path cut into the folder and the name, without control or direction marks that could disguise it. */
export function splitPath(path: string): { folder: string; name: string } {
  const clean = visible(path);
  const cut = clean.lastIndexOf('/');
  return cut < 0 ? { folder: '', name: clean } : { folder: clean.slice(0, cut + 1), name: clean.slice(cut + 1) };
}

/** Shows characters that would otherwise be invisible or turn the text around (newlines, right-to-left marks). */
export function visible(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (c) =>
    c === '\n' ? '␊' : c === '\t' ? '␉' : c === '\r' ? '␍' : '�',
  );
}
