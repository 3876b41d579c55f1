/** Features in words: one shape for whatever a producer stores. */

import { humanise } from './format';

export interface FeatureRow {
  label: string;
  text: string;
  /** 0 to 1, when the number is a share and deserves a bar. */
  meter: number | null;
}

interface Described {
  /** What it is, for people. */
  title: string;
  help: string;
}

const KINDS: Record<string, Described> = {
  blur: { title: 'Sharpness and blur', help: 'Decided on the sharpest tile of the picture' },
  detect_blur: { title: 'Sharpness and blur', help: 'Decided on the sharpest tile of the picture' },
  iqa: { title: 'Technical quality', help: '1 is good in each part' },
  technical_quality: { title: 'Technical quality', help: '1 is good in each part' },
  quality: { title: 'Technical quality', help: '1 is good in each part' },
  score_iqa: { title: 'Technical quality', help: '1 is good in each part' },
  perceptual_hash: { title: 'Perceptual hash', help: 'Finds resized and recompressed copies' },
  scene_embedding: { title: 'Scene descriptor', help: 'Finds similar scenes' },
  clip_embedding: { title: 'Pictures and words', help: 'Finds photos by what words look like' },
  scene: { title: 'Scene descriptor', help: 'Finds similar scenes' },
  keypoints: { title: 'Local features', help: 'Confirms duplicates by geometry' },
  thumbnail: { title: 'Previews', help: '' },
  tags: { title: 'Labels and objects', help: 'What is in the picture' },
  text: { title: 'Text', help: 'Lines of text in the picture' },
  caption: { title: 'Caption', help: 'One sentence about the picture' },
  aesthetic: { title: 'Aesthetic score', help: 'Votes from 1 to 10, as people would give them' },
};

/** Title and one line of help for a kind. */
export function describeKind(kind: string): Described {
  return KINDS[kind] ?? { title: humanise(kind), help: '' };
}

/** Field names that do not read well by themselves. */
const LABELS: Record<string, string> = {
  laplacian_variance: 'Laplacian variance',
  fft_hf_ratio: 'High frequencies',
  tile_sharpness: 'Sharpest tile',
  is_blurry: 'Blurred',
  noise: 'Freedom from noise',
};

const labelOf = (name: string): string => LABELS[name] ?? humanise(name);

/** Fields known to lie within 0 and 1. */
const SHARES = /^(score|sharpness|exposure|contrast|colourfulness|noise|confidence|quality|fft_hf_ratio|.*_share|.*_ratio)$/;

function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1000 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 0.001 ? value.toFixed(3) : value.toExponential(2);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numbers(value: unknown): number[] | null {
  return Array.isArray(value) && value.length > 0 && value.every((x) => typeof x === 'number') ? (value as number[]) : null;
}

/** Values may come bare or tagged with their type (`{type, value}`). */
export function bareValue(stored: unknown): unknown {
  return isRecord(stored) && 'type' in stored && 'value' in stored && Object.keys(stored).length === 2 ? stored['value'] : stored;
}

const FIRST_VALUES = 8;

function vectorText(values: number[], dimension: number): string {
  const shown = values.slice(0, FIRST_VALUES).map((v) => v.toFixed(3));
  return `${shown.join('  ')}${dimension > shown.length ? '  …' : ''}`;
}

function row(label: string, value: unknown): FeatureRow {
  if (typeof value === 'number') {
    const share = SHARES.test(label) && value >= 0 && value <= 1;
    return { label: labelOf(label), text: share ? value.toFixed(2) : number(value), meter: share ? value : null };
  }
  const text =
    value === null || value === undefined ? '–'
    : typeof value === 'boolean' ? (value ? 'yes' : 'no')
    : typeof value === 'string' ? value.replaceAll('_', ' ')
    : Array.isArray(value) && value.every(isRecord) ? (value.length === 0 ? 'none' : String(value.length))
    : numbers(value) ? vectorText(numbers(value)!, numbers(value)!.length)
    : JSON.stringify(value);
  return { label: labelOf(label), text, meter: null };
}

/** The rows that show a value: a number, a vector, a blob's size, or the fields of a record. */
export function featureRows(kind: string, stored: unknown): FeatureRow[] {
  const value = bareValue(stored);
  if (!isRecord(value)) {
    const list = numbers(value);
    if (list) return [{ label: 'Dimension', text: String(list.length), meter: null }, { label: 'First values', text: vectorText(list, list.length), meter: null }];
    return [{ ...row(kind, value), label: 'Value' }];
  }
  const dimension = value['dimension'] ?? value['dim'];
  if (typeof dimension === 'number') {
    const first = numbers(value['first']) ?? numbers(value['values']) ?? numbers(value['first_values']) ?? [];
    const rows = [{ label: 'Dimension', text: String(dimension), meter: null }];
    return first.length > 0 ? [...rows, { label: 'First values', text: vectorText(first, dimension), meter: null }] : rows;
  }
  return Object.entries(value).flatMap(([name, field]) =>
    isRecord(field) ? Object.entries(field).map(([inner, v]) => ({ ...row(inner, v), label: `${humanise(name)}: ${humanise(inner).toLowerCase()}` })) : [row(name, field)],
  );
}

/** Parameters as `name = value` pairs; empty when there are none. */
export function paramsText(params: unknown): string {
  let record = params;
  if (typeof params === 'string') {
    if (params.trim() === '') return '';
    try {
      record = JSON.parse(params);
    } catch {
      return params;
    }
  }
  if (!isRecord(record)) return record === null || record === undefined ? '' : JSON.stringify(record);
  return Object.entries(record).map(([name, value]) => `${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ');
}

/** `dct8@1` → name and version. */
export function producerParts(producer: string): { name: string; version: string } {
  const cut = producer.lastIndexOf('@');
  return cut > 0 ? { name: producer.slice(0, cut), version: producer.slice(cut + 1) } : { name: producer, version: '' };
}
