/** Calls that change what is known of photos, or their files: every one is undoable, or says what it does first. */

import { call } from './http';
import type {
  Backup,
  DatePreview,
  Flag,
  ImportPlan,
  Mark,
  Operation,
  Resolution,
  Root,
  TrashPage,
  WriteMode,
} from './types';

const id = encodeURIComponent;

export const toggleFavorite = (photo: string) => call<Mark>('POST', `/photos/${id(photo)}/favorite`);
export const putRating = (photo: string, rating: number | null) => call<Mark>('PUT', `/photos/${id(photo)}/rating`, { body: { rating } });
export const putFlag = (photo: string, flag: Flag | null) => call<Mark>('PUT', `/photos/${id(photo)}/flag`, { body: { flag } });
/** What is absent stays; an empty caption goes back to what the file says or what was computed. */
export interface Description {
  title?: string | null;
  caption?: string | null;
  keywords?: string[];
}
export const patchMetadata = (photo: string, body: Description) =>
  call<Mark>('PATCH', `/photos/${id(photo)}/metadata`, { body });

/** The most photos that one bulk change takes. */
export const BULK_LIMIT = 10_000;
export type BulkMark = { favorite: boolean } | { rating: number | null } | { flag: Flag | null };
export const bulkMark = (photos: readonly string[], change: BulkMark) =>
  call<Operation>('POST', '/photos/bulk-favorite', { body: { photo_ids: photos, ...change } });

export type DateTarget = { photo_ids: readonly string[] } | { album_id: string };
export type DateEdit =
  | { mode: 'set'; taken_at: string }
  | { mode: 'shift'; shift_secs: number }
  | { mode: 'from_name' }
  | { mode: 'time_zone'; offset_minutes: number };
export const previewDates = (target: DateTarget, edit: DateEdit, signal?: AbortSignal) =>
  call<DatePreview>('POST', '/photos/edit-date', { body: { ...target, ...edit, dry_run: true }, signal });
export const editDates = (target: DateTarget, edit: DateEdit) => call<Operation>('POST', '/photos/edit-date', { body: { ...target, ...edit } });

export const trashPhotos = (photos: readonly string[], reason?: string) =>
  call<Operation>('POST', '/trash', { body: { photo_ids: photos, ...(reason ? { reason } : {}) } });
export const listTrash = (cursor: string | null = null, limit = 200) => call<TrashPage>('GET', '/trash', { query: { cursor, limit } });
export type TrashChoice = { ids: readonly string[] } | { all: true };
export const restoreTrash = (choice: TrashChoice) => call<Operation>('POST', '/trash/restore', { body: choice });
/** Deletes for good. An age goes alone, so that no reading of it could mean all. */
export const purgeTrash = (choice: TrashChoice | { older_than_days: number }) => call<Operation>('POST', '/trash/purge', { body: choice });

export const resolveDuplicates = (groups: readonly Resolution[]) => call<Operation>('POST', '/duplicates/resolve', { body: { groups } });

export interface ImportRequest {
  sources: string[];
  into: string;
  template?: string;
  mode?: 'copy' | 'move';
}
export const previewImport = (body: ImportRequest) => call<ImportPlan>('POST', '/import', { body: { ...body, dry_run: true } });
export const startImport = (body: ImportRequest) => call<Operation>('POST', '/import', { body });

export const setWriteMode = (root: number, write_mode: WriteMode) => call<Root>('PATCH', `/roots/${root}`, { body: { write_mode } });
export const verifyLibrary = (album: string | null = null) => call<Operation>('POST', '/verify', { body: album ? { album_id: album } : {} });
export const rebuildLibrary = () => call<Operation>('POST', '/rebuild');
export const listBackups = () => call<{ items: Backup[] }>('GET', '/backups');
export const makeBackup = () => call<Backup>('POST', '/backups');
export const restoreBackup = (name: string) => call<Operation>('POST', `/backups/${id(name)}/restore`);
