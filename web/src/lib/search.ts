/** A search as the address holds it, and what its answer says in words. */

import type { SearchChip, SearchHit, SearchPage, Suggestion } from '../api/types';
import { count, plural, visible } from './format';
import { tileAspect, type JustifiedLayout, type Row } from './justified';

/** What is looked for: words and facts, what looks like a photo or a picture, or all of that. */
export interface Asked {
  text: string;
  /** A photo of the library. */
  like: string | null;
  /** The key of a picture that was chosen here. */
  picture: string | null;
}

export const NOTHING: Asked = { text: '', like: null, picture: null };

/** Longest text of the box: longer ones hold no term that the server would still read. */
export const MAX_TEXT = 4000;

/** `/search?q=…`; the other way round from `parseAsked`. */
export function searchAddress({ text = '', like = null, picture = null }: Partial<Asked>): string {
  const query = new URLSearchParams();
  if (text.trim() !== '') query.set('q', text.trim());
  if (like !== null) query.set('like', like);
  if (picture !== null) query.set('picture', picture);
  const written = query.toString();
  return written === '' ? '/search' : `/search?${written}`;
}

/** What an address (`?q=…`) asks for. */
export function parseAsked(query: string): Asked {
  const params = new URLSearchParams(query);
  return { text: (params.get('q') ?? '').trim().slice(0, MAX_TEXT), like: params.get('like') || null, picture: params.get('picture') || null };
}

export const isEmpty = (asked: Asked): boolean => asked.text === '' && asked.like === null && asked.picture === null;
export const isSame = (one: Asked, other: Asked): boolean => one.text === other.text && one.like === other.like && one.picture === other.picture;

/**
 * Takes a suggestion: it replaces the text from where its word begins up to the caret, with a space after it unless
 * its value is still to come (`rating:`).
 */
export function taken(text: string, caret: number, { start, text: word }: Pick<Suggestion, 'start' | 'text'>): { text: string; caret: number } {
  const rest = text.slice(caret);
  const space = word.endsWith(':') || /^\s/.test(rest) ? '' : ' ';
  const before = text.slice(0, start) + word + space;
  return { text: before + rest, caret: before.length };
}

/** Whether a suggestion is a term that can be looked for as it is. */
export const isWhole = (suggestion: Pick<Suggestion, 'text'>): boolean => !suggestion.text.endsWith(':');

/** The entry that an arrow key goes to: past either end nothing is chosen (−1), and then the other end. */
export function stepped(at: number, by: 1 | -1, length: number): number {
  if (length === 0) return -1;
  const next = at + by;
  return next < -1 ? length - 1 : next >= length ? -1 : next;
}

/** A chip as it is read out and shown: `without night`. */
export const chipWords = (chip: Pick<SearchChip, 'text' | 'negated'>): string => `${chip.negated ? 'without ' : ''}${visible(chip.text)}`;

/** How many were found. */
export function foundWords({ total, total_is_exact: exact }: Pick<SearchPage, 'total' | 'total_is_exact'>): string {
  if (total === 0) return 'No photo was found';
  return exact ? plural(total, 'photo') : `More than ${count(total)} photos`;
}

/** What has to be said of an answer before its photos are looked at, most important first. */
export function remarks(page: Pick<SearchPage, 'items' | 'relaxed' | 'no_good_match' | 'waiting'>): string[] {
  const list: string[] = [];
  if (page.items.length > 0) {
    if (page.no_good_match) list.push('No photo is a good match: what comes nearest is shown.');
    if (page.relaxed) list.push('No photo has all of these words: what is shown has some of them.');
  }
  if (page.waiting > 0) list.push(`${plural(page.waiting, 'photo')} changed since they were last looked at: what is new about them may not be found yet.`);
  return list;
}

/** A hit in one line, for those who hear it: name, how sure, and why. */
export function hitWords({ photo, score, good, reasons }: SearchHit): string {
  const why = reasons.length > 0 ? `, because of ${reasons.map((reason) => visible(reason.text)).join(', ')}` : '';
  return `${visible(photo.name)}, score ${score.toFixed(2)}${good ? '' : ', not a good match'}${why}`;
}

/** Narrower tiles would have no room for words below them. */
const NARROWEST = 0.8;
export const hitAspect = ({ photo }: SearchHit): number => Math.max(NARROWEST, tileAspect(photo.width, photo.height));

/** The rows of a layout with room for words below every row. */
export function captioned({ rows }: Pick<JustifiedLayout, 'rows'>, caption: number): Row[] {
  return rows.map((row, i) => ({ ...row, top: row.top + i * caption, height: row.height + caption }));
}

/** What one can type, for those who have not yet. */
export const EXAMPLES: readonly { text: string; help: string }[] = [
  { text: 'beach dog', help: 'with both words: in names, folders, titles, keywords, or found in the picture' },
  { text: '"red car" -night', help: 'with the words side by side, and without another' },
  { text: 'bicy*', help: 'with words that begin so' },
  { text: 'date:2024-06..2024-08 rating:>=4', help: 'taken then, with four stars or more' },
  { text: 'type:raw -is:blurry', help: 'RAW files that are not blurred' },
  { text: 'iso:<800 focal:35..85', help: 'taken with such settings' },
  { text: 'has:gps flag:pick', help: 'with a place, and picked' },
  { text: 'person:anna OR bib:353', help: 'with somebody, or with a race number' },
];
