/** What the timeline shows and in which order, and its spelling in the address and in API calls (they are the same). */

import type { Flag } from '../api/types';
import { ratingWords } from './culling';

export type Sort = 'taken_at' | 'added_at' | 'sharpness' | 'quality' | 'name' | 'size';
export type Order = 'asc' | 'desc';

export interface Filters {
  sort: Sort;
  order: Order;
  quality_min: number | null;
  quality_max: number | null;
  sharpness_min: number | null;
  sharpness_max: number | null;
  blurry: boolean | null;
  rating_min: number | null;
  /** Exactly; −1 is rejected, 0 not rated. */
  rating: number | null;
  favorite: boolean | null;
  flag: '' | Flag | 'none';
  keyword: string;
  has_issues: boolean | null;
  has_gps: boolean | null;
  camera: string;
  lens: string;
  format: string;
  media: string;
  /** First day, `YYYY-MM-DD`. */
  from: string;
  /** Last day, `YYYY-MM-DD`. */
  to: string;
  name: string;
}

export const SORTS: { value: Sort; label: string; ascending: string; descending: string }[] = [
  { value: 'taken_at', label: 'Date taken', ascending: 'Oldest first', descending: 'Newest first' },
  { value: 'added_at', label: 'Date added', ascending: 'First added first', descending: 'Last added first' },
  { value: 'quality', label: 'Quality', ascending: 'Worst first', descending: 'Best first' },
  { value: 'sharpness', label: 'Sharpness', ascending: 'Softest first', descending: 'Sharpest first' },
  { value: 'name', label: 'Name', ascending: 'A to Z', descending: 'Z to A' },
  { value: 'size', label: 'File size', ascending: 'Smallest first', descending: 'Largest first' },
];

/** The direction people mean when they choose an order: names go up, everything else goes down. */
export const naturalOrder = (sort: Sort): Order => (sort === 'name' ? 'asc' : 'desc');

export function noFilters(): Filters {
  return {
    sort: 'taken_at',
    order: 'desc',
    quality_min: null,
    quality_max: null,
    sharpness_min: null,
    sharpness_max: null,
    blurry: null,
    rating_min: null,
    rating: null,
    favorite: null,
    flag: '',
    keyword: '',
    has_issues: null,
    has_gps: null,
    camera: '',
    lens: '',
    format: '',
    media: '',
    from: '',
    to: '',
    name: '',
  };
}

const UNIT = ['quality_min', 'quality_max', 'sharpness_min', 'sharpness_max'] as const;
const YES_OR_NO = ['blurry', 'has_issues', 'has_gps', 'favorite'] as const;
const RATINGS = ['rating_min', 'rating'] as const;
const TEXTS = ['camera', 'lens', 'format', 'media', 'name', 'keyword'] as const;
const FLAGS = ['pick', 'reject', 'none'] as const;
const DATES = ['from', 'to'] as const;

/** Reads an address; what it does not understand it leaves out. */
export function parseFilters(params: URLSearchParams): Filters {
  const filters = noFilters();
  const sort = SORTS.find((s) => s.value === params.get('sort'))?.value;
  if (sort) filters.sort = sort;
  const order = params.get('order');
  filters.order = order === 'asc' || order === 'desc' ? order : naturalOrder(filters.sort);
  for (const name of UNIT) {
    const value = Number(params.get(name) ?? NaN);
    if (value >= 0 && value <= 1) filters[name] = value;
  }
  for (const name of YES_OR_NO) {
    const value = params.get(name);
    if (value === 'true' || value === 'false') filters[name] = value === 'true';
  }
  for (const name of RATINGS) {
    const rating = Number(params.get(name) ?? NaN);
    if (Number.isInteger(rating) && rating >= -1 && rating <= 5) filters[name] = rating;
  }
  filters.flag = FLAGS.find((flag) => flag === params.get('flag')) ?? '';
  for (const name of TEXTS) filters[name] = params.get(name) ?? '';
  for (const name of DATES) {
    const value = params.get(name) ?? '';
    if (/^\d{4}-\d{2}-\d{2}$/.test(value)) filters[name] = value;
  }
  return filters;
}

/** The narrowing part only: what `/timeline` takes. */
export function filterQuery(filters: Filters): Record<string, string> {
  const query: Record<string, string> = {};
  for (const name of [...UNIT, ...YES_OR_NO, ...RATINGS]) {
    const value = filters[name];
    if (value !== null) query[name] = String(value);
  }
  for (const name of [...TEXTS, ...DATES, 'flag'] as const) if (filters[name] !== '') query[name] = filters[name];
  return query;
}

/** Narrowing and order: what `/photos` takes. */
export function photoQuery(filters: Filters): Record<string, string> {
  return { ...filterQuery(filters), sort: filters.sort, order: filters.order };
}

/** The address: like `photoQuery`, leaving out what is the default anyway. */
export function addressQuery(filters: Filters): string {
  const query: Record<string, string> = filterQuery(filters);
  if (filters.sort !== 'taken_at') query['sort'] = filters.sort;
  if (filters.order !== naturalOrder(filters.sort)) query['order'] = filters.order;
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export interface Chip {
  label: string;
  /** Fields that removing the chip resets. */
  fields: (keyof Filters)[];
}

/** The active filters in words. */
export function chips(filters: Filters): Chip[] {
  const list: Chip[] = [];
  const range = (label: string, low: 'quality_min' | 'sharpness_min', high: 'quality_max' | 'sharpness_max') => {
    const min = filters[low];
    const max = filters[high];
    if (min !== null && max !== null) list.push({ label: `${label} ${min.toFixed(2)} to ${max.toFixed(2)}`, fields: [low, high] });
    else if (min !== null) list.push({ label: `${label} from ${min.toFixed(2)}`, fields: [low] });
    else if (max !== null) list.push({ label: `${label} up to ${max.toFixed(2)}`, fields: [high] });
  };
  range('Quality', 'quality_min', 'quality_max');
  range('Sharpness', 'sharpness_min', 'sharpness_max');
  if (filters.blurry !== null) list.push({ label: filters.blurry ? 'Blurred' : 'Not blurred', fields: ['blurry'] });
  if (filters.rating_min !== null) list.push({ label: `Rated ${filters.rating_min} or more`, fields: ['rating_min'] });
  if (filters.rating !== null) list.push({ label: filters.rating > 0 ? `Rated ${ratingWords(filters.rating)} exactly` : capital(ratingWords(filters.rating)), fields: ['rating'] });
  if (filters.favorite !== null) list.push({ label: filters.favorite ? 'Favourites' : 'No favourites', fields: ['favorite'] });
  if (filters.flag !== '') list.push({ label: { pick: 'Picked', reject: 'Flagged as reject', none: 'No flag' }[filters.flag], fields: ['flag'] });
  if (filters.keyword) list.push({ label: `Keyword “${filters.keyword}”`, fields: ['keyword'] });
  if (filters.has_issues !== null) list.push({ label: filters.has_issues ? 'With issues' : 'Without issues', fields: ['has_issues'] });
  if (filters.has_gps !== null) list.push({ label: filters.has_gps ? 'With a place' : 'Without a place', fields: ['has_gps'] });
  if (filters.camera) list.push({ label: filters.camera, fields: ['camera'] });
  if (filters.lens) list.push({ label: filters.lens, fields: ['lens'] });
  if (filters.format) list.push({ label: filters.format.toUpperCase(), fields: ['format'] });
  if (filters.media) list.push({ label: filters.media === 'video' ? 'Videos' : 'Photos', fields: ['media'] });
  if (filters.from && filters.to) list.push({ label: filters.from === filters.to ? filters.from : `${filters.from} to ${filters.to}`, fields: ['from', 'to'] });
  else if (filters.from) list.push({ label: `From ${filters.from}`, fields: ['from'] });
  else if (filters.to) list.push({ label: `Until ${filters.to}`, fields: ['to'] });
  if (filters.name) list.push({ label: `Name has “${filters.name}”`, fields: ['name'] });
  return list;
}

/** The same filters with some fields reset. */
export function without(filters: Filters, fields: readonly (keyof Filters)[]): Filters {
  const empty = noFilters();
  const next = { ...filters };
  for (const field of fields) Object.assign(next, { [field]: empty[field] });
  return next;
}
