/** What models found in a picture: labels, objects, lines of text, a score. Read from features, which others wrote. */

import type { Feature } from '../api/types';
import { bareValue, isRecord } from './features';
import { plural } from './format';

/** In shares of the upright picture, 0 to 1. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Finding {
  text: string;
  /** 0 to 1. */
  confidence: number | null;
  box: Box | null;
}

/** A box as it is drawn over the picture. */
export interface FoundBox extends Box {
  kind: 'object' | 'text';
  text: string;
}

export interface Findings {
  labels: Finding[];
  objects: Finding[];
  lines: Finding[];
  /** 1 to 10, and how far votes lie apart. */
  aesthetic: { score: number; spread: number | null } | null;
  /** Of objects first, then of lines. */
  boxes: FoundBox[];
}

const finite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const share = (value: number): number => Math.min(1, Math.max(0, value));

/** `[left, top, width, height]` cut to the picture; null when nothing of it lies within. */
export function boxOf(value: unknown): Box | null {
  if (!Array.isArray(value) || value.length !== 4 || !value.every(finite)) return null;
  const [left, top, width, height] = value as [number, number, number, number];
  const [right, bottom] = [share(left + width), share(top + height)];
  const box = { left: share(left), top: share(top), width: right - share(left), height: bottom - share(top) };
  return box.width > 0 && box.height > 0 ? box : null;
}

function list(value: unknown, field: string): Finding[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).flatMap((entry) => {
    const text = entry[field];
    if (typeof text !== 'string' || text.trim() === '') return [];
    return [{ text: text.trim(), confidence: finite(entry['confidence']) ? share(entry['confidence']) : null, box: boxOf(entry['box']) }];
  });
}

const drawn = (kind: FoundBox['kind'], found: Finding[]): FoundBox[] => found.flatMap(({ text, box }) => (box ? [{ kind, text, ...box }] : []));

export function findingsOf(features: readonly Feature[]): Findings {
  // When several models did the same, the latest speaks.
  const newest = (kind: string): Record<string, unknown> => {
    const candidates = features.filter((feature) => feature.kind === kind);
    const feature = candidates.reduce<Feature | null>((best, other) => (best && best.computed_at >= other.computed_at ? best : other), null);
    const value = feature ? bareValue(feature.value) : null;
    return isRecord(value) ? value : {};
  };
  const tags = newest('tags');
  const objects = list(tags['objects'], 'name');
  const lines = list(newest('text')['lines'], 'text');
  const { score, spread } = newest('aesthetic');
  return {
    labels: list(tags['labels'], 'name'),
    objects,
    lines,
    aesthetic: finite(score) ? { score, spread: finite(spread) ? spread : null } : null,
    boxes: [...drawn('object', objects), ...drawn('text', lines)],
  };
}

export const anythingFound = ({ labels, objects, lines, aesthetic }: Findings): boolean =>
  aesthetic !== null || labels.length + objects.length + lines.length > 0;

/** What the boxes show, for those who do not see them: `2 objects: dog, person. 1 line of text: EXIT 24.` */
export function boxesWords(boxes: readonly FoundBox[]): string {
  const told = (kind: FoundBox['kind'], one: string, many: string): string[] => {
    const texts = boxes.filter((box) => box.kind === kind).map((box) => box.text);
    return texts.length > 0 ? [`${plural(texts.length, one, many)}: ${texts.join(', ')}.`] : [];
  };
  return [...told('object', 'object', 'objects'), ...told('text', 'line of text', 'lines of text')].join(' ');
}

/** Labels come with their synonyms, after commas: the first serves. */
export const firstName = (text: string): string => text.split(',')[0]!.trim();
