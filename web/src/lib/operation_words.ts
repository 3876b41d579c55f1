/** Operations in words: what a kind is, what it counts, and what its result says. */

import type { Operation } from '../api/types';
import { isRecord } from './features';
import { bytes, count, humanise, rate } from './format';

interface Kind {
  title: string;
  /** What it works on, one and many. */
  one: string;
  many: string;
  /** Works off a list of items that can be looked at and tried again one by one. */
  items: boolean;
  /** Its progress is counted in bytes. */
  bytes?: true;
  /** What discarding the rest of it leaves behind. */
  discard: string;
}

const COMPUTED = 'drops the remaining work; results so far stay.';
const ITEMS = 'leaves the remaining files as they are; what was done so far stays done.';
const WHOLE = 'leaves the library as it was before.';

const KINDS: Record<string, Kind> = {
  index: { title: 'Index', one: 'photo', many: 'photos', items: false, discard: COMPUTED },
  analyze: { title: 'Analysis', one: 'photo', many: 'photos', items: false, discard: COMPUTED },
  rate: { title: 'Ratings and flags', one: 'file', many: 'files', items: true, discard: ITEMS },
  edit_date: { title: 'Dates', one: 'file', many: 'files', items: true, discard: ITEMS },
  trash: { title: 'Move to the trash', one: 'file', many: 'files', items: true, discard: ITEMS },
  restore: { title: 'Put back from the trash', one: 'file', many: 'files', items: true, discard: ITEMS },
  purge: { title: 'Delete for good', one: 'file', many: 'files', items: true, discard: ITEMS },
  import: { title: 'Import', one: 'file', many: 'files', items: true, discard: ITEMS },
  verify: { title: 'Verify', one: 'file', many: 'files', items: true, discard: 'ends the checking; it changes nothing either way.' },
  rebuild: { title: 'Rebuild', one: 'photo', many: 'photos', items: false, discard: WHOLE },
  pull_models: { title: 'Fetch models', one: 'byte', many: 'bytes', items: false, bytes: true, discard: 'ends the fetching; what came so far is kept, and the next fetch goes on from there.' },
  recover: { title: 'Restore a backup', one: 'step', many: 'steps', items: false, discard: WHOLE },
};

export const kindOf = (kind: string): Kind => KINDS[kind] ?? { title: humanise(kind), one: 'item', many: 'items', items: false, discard: COMPUTED };

/** `1 file`, `240 files`, as the kind counts. */
export function amount(kind: string, n: number): string {
  const { one, many, bytes: inBytes } = kindOf(kind);
  if (inBytes) return bytes(n);
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** Work per second, as the kind counts. */
export const pace = (kind: string, n: number): string => (kindOf(kind).bytes ? `${bytes(n)}/s` : rate(n));

/** How far it is: `120 of 400`, `3.1 MB of 8.0 MB`, `120 so far`. */
export function standing({ kind, done, total }: Pick<Operation, 'kind' | 'done' | 'total'>): string {
  const words = kindOf(kind).bytes ? bytes : count;
  return total > 0 ? `${words(done)} of ${words(total)}` : `${words(done)} so far`;
}

export interface Remark {
  what: string;
  why: string;
}

/** The entries of a list in a result: `what` and `why` are the fields they come from. */
function remarks(result: unknown, list: string, what: string, why: string): Remark[] {
  const entries = isRecord(result) ? result[list] : null;
  if (!Array.isArray(entries)) return [];
  return entries.filter(isRecord).map((entry) => ({ what: String(entry[what] ?? ''), why: String(entry[why] ?? '') }));
}

/** Steps that an operation left out, each with the reason. */
export const skippedSteps = (result: unknown): Remark[] => remarks(result, 'skipped_steps', 'step', 'reason');
/** Models that could not be fetched, each with the reason. */
export const failedModels = (result: unknown): Remark[] => remarks(result, 'failed', 'model', 'detail');

export interface Figure {
  label: string;
  text: string;
  help?: string;
  bad?: boolean;
  /** What looking closer shows. */
  opens?: 'issues' | 'failed' | 'skipped' | 'done';
}

const RESULT_LABELS: Record<string, string> = { ok: 'Unchanged', rotten: 'Rotten', known: 'Known already' };
/** What is counted elsewhere, or is no number for people. */
const HIDDEN = new Set(['done', 'failed', 'total', 'items', 'photos', 'secs', 'schema']);
const BAD_IF_ANY = new Set(['missing', 'rotten', 'unreachable']);

/** The numbers of a result, as a kind with items reports them. */
function resultFigures(result: unknown): Figure[] {
  if (typeof result !== 'object' || result === null) return [];
  return Object.entries(result)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number' && !HIDDEN.has(entry[0]))
    .map(([name, n]) => ({
      label: RESULT_LABELS[name] ?? humanise(name),
      text: name.includes('bytes') ? bytes(n) : count(n),
      bad: BAD_IF_ANY.has(name) && n > 0,
      ...(name === 'skipped' && n > 0 ? { opens: 'skipped' as const } : {}),
    }));
}

/** The numbers that a card shows. */
export function figures(operation: Operation, { active = false, waiting = false, expanded = false } = {}): Figure[] {
  const issues: Figure = { label: 'Issues', text: count(operation.issues), bad: operation.issues > 0, ...(operation.issues > 0 ? { opens: 'issues' } : {}) };
  if (kindOf(operation.kind).items) {
    const failed = operation.failed ?? 0;
    return [
      { label: 'Done', text: count(Math.max(0, operation.done - failed)), help: 'Files that were worked off', ...(operation.done > failed ? { opens: 'done' } : {}) },
      { label: 'Failed', text: count(failed), bad: failed > 0, ...(failed > 0 ? { opens: 'failed' } : {}) },
      ...resultFigures(operation.result),
      ...(operation.issues > 0 ? [issues] : []),
    ];
  }
  if (operation.kind === 'pull_models') {
    const pulled = isRecord(operation.result) && Array.isArray(operation.result['pulled']) ? operation.result['pulled'] : null;
    const failed = failedModels(operation.result).length;
    return pulled ? [{ label: 'Models fetched', text: count(pulled.length) }, { label: 'Failed', text: count(failed), bad: failed > 0 }] : [];
  }
  // All photos that were looked at, where the record says so: `done` counts only those with something to do.
  const stated = (operation.result as { photos?: unknown } | null)?.photos;
  return [
    ...(active || waiting ? [] : [{ label: 'Photos', text: count(typeof stated === 'number' ? stated : operation.done) }]),
    { label: 'Computed', text: count(operation.computed), help: 'Features computed in this operation' },
    { label: 'Cached', text: count(operation.cached), help: 'Features that were there already' },
    { label: 'Files opened', text: count(operation.opened), help: 'Photo files that had to be opened' },
    ...(expanded ? [{ label: 'Read', text: bytes(operation.bytes_read) }] : []),
    issues,
  ];
}
