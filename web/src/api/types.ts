/** The records of `/api/v1`, written by hand from the HTTP contract; times are RFC 3339 UTC unless said otherwise. */

import type { InferenceEngine } from './models';

export type * from './models';
export type * from './search';
export type * from './vectors';

export type BlurKind = 'sharp' | 'defocus' | 'motion' | 'low_detail';
export type MediaKind = 'photo' | 'video';

/** A page of a list; `next_cursor` is null on the last one. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** RFC 9457 problem details as the server sends them. */
export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id?: string;
  errors?: { field: string; detail: string }[];
}

/** What a person says of a photo while going through many: keep it, or not. */
export type Flag = 'pick' | 'reject';

export interface PhotoSummary {
  id: string;
  /** Upright width in pixels; 0 when unknown. */
  width: number;
  /** Upright height in pixels; 0 when unknown. */
  height: number;
  /** Local wall-clock time, `YYYY-MM-DDTHH:MM:SS`. */
  taken_at: string | null;
  media: MediaKind;
  format: string;
  name: string;
  camera: string | null;
  /** −1 (rejected) to 5; what was decided here goes before what the file says. */
  rating: number | null;
  flag: Flag | null;
  /** Rated 5. */
  favorite: boolean;
  /** Other photos shown with it as one item: RAW and JPEG, or the two halves of a live photo. */
  stack: number;
  /** 0 to 1. */
  sharpness: number | null;
  /** 0 to 1. */
  quality: number | null;
  is_blurry: boolean | null;
  blur_kind: BlurKind | null;
  /** Copies present. */
  files: number;
  issues: number;
  decodable: boolean;
  bytes: number;
  /** Changes with the pixels: goes into preview addresses, so that browsers can keep previews for good. */
  picture_version?: string;
}

export interface PhotoPage extends Page<PhotoSummary> {
  /** Only on the first page. */
  total?: number;
}

export interface TakenAt {
  local: string;
  subsec_nanos?: number | null;
  offset_minutes?: number | null;
  source: string;
}

export interface FaceRegion {
  name?: string | null;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Metadata {
  media?: MediaKind | null;
  width?: number | null;
  height?: number | null;
  orientation?: number | string | null;
  taken_at?: TakenAt | null;
  make?: string | null;
  model?: string | null;
  lens?: string | null;
  exposure_secs?: number | null;
  f_number?: number | null;
  iso?: number | null;
  focal_length_mm?: number | null;
  flash_fired?: boolean | null;
  gps?: { latitude: number; longitude: number; altitude?: number | null } | null;
  rating?: number | null;
  title?: string | null;
  description?: string | null;
  keywords?: string[] | null;
  face_regions?: FaceRegion[] | null;
  duration_secs?: number | null;
  colour_profile?: string | null;
  /** Where each value comes from, by field: `rating` → `XMP.xmp:Rating`. */
  sources?: Record<string, string>;
}

/** What people decided here; null where the file's own value holds. */
export interface Annotations {
  rating: number | null;
  flag: Flag | null;
  title: string | null;
  caption: string | null;
  keywords: string[] | null;
  taken_at: string | null;
}

/** The sentence that is shown: people's own words before a model's, a model's before a composed one. */
export interface Caption {
  text: string;
  by: 'person' | 'file' | 'model' | 'composed';
  /** What computed it; null where people said it. */
  producer: string | null;
}

/** How far a decision got: `database` is the library only, because the folder's write mode says so. */
export type WriteState = 'database' | 'file' | 'sidecar' | 'failed';

/** The answer to a change of what a person says of a photo. */
export interface Mark {
  id: string;
  rating: number | null;
  flag: Flag | null;
  favorite: boolean;
  title: string | null;
  /** The caption that is shown now. */
  caption: Caption | null;
  keywords: string[];
  write: WriteState;
  /** Why it was not written. */
  detail: string | null;
}

export interface PhotoFile {
  path: string;
  size: number;
  modified_at: string;
  present: boolean;
  online: boolean;
}

export interface PhotoIssue {
  stage: string;
  code: string;
  detail: string;
  help: string;
}

/** A full photo: a summary whose `files` is the list of copies. */
export interface PhotoDetail extends Omit<PhotoSummary, 'files'> {
  content_hash: string;
  pixel_hash: string | null;
  decoder: string | null;
  metadata: Metadata;
  files: PhotoFile[];
  issue_list: PhotoIssue[];
  annotations: Annotations;
  caption: Caption | null;
  /** The other photos of its stack. */
  companions: PhotoSummary[];
}

export interface Feature {
  kind: string;
  producer: string;
  /** Canonical JSON text, or the object itself; empty when there are none. */
  params: unknown;
  value: unknown;
  computed_at: string;
  bytes: number;
}

export interface TimelineBucket {
  /** `2024-06`, `2024-06-01` or empty for undated photos. */
  key: string;
  count: number;
}

export interface Timeline {
  items: TimelineBucket[];
  total: number;
}

export interface FacetValue {
  value: string;
  count: number;
}

export interface Facets {
  cameras: FacetValue[];
  lenses: FacetValue[];
  formats: FacetValue[];
  years: FacetValue[];
}

export type DuplicateTier = 'bytes' | 'picture' | 'moment';

export interface DuplicatePhoto extends PhotoSummary {
  path: string;
}

export interface DuplicateGroup {
  id: string;
  tier: DuplicateTier;
  /** The photo worth keeping. */
  keep: string;
  why: string;
  photos: DuplicatePhoto[];
}

export interface DuplicatePage extends Page<DuplicateGroup> {
  totals: Record<DuplicateTier, number>;
  /** Photos have changed since the groups were made. */
  stale: boolean;
}

export type AlbumSource =
  | { type: 'folder'; path: string }
  | { type: 'photos' }
  | { type: 'search'; filter: Record<string, unknown> };

export interface Album {
  id: string;
  name: string;
  source: AlbumSource;
  photos: number;
  created_at: string;
}

export interface StepParameter {
  name: string;
  type: string;
  default: unknown;
  range?: unknown;
  help: string;
}

export interface Step {
  id: string;
  version: string | number;
  scope: 'photo' | 'collection' | 'library';
  makes: string[];
  needs: string[];
  parameters: StepParameter[];
  /** One line. */
  help?: string;
  available: boolean;
  reason?: string | null;
}

export interface StepCatalogue {
  items: Step[];
  presets: Record<string, string[]>;
}

export type OperationState =
  | 'pending'
  | 'running'
  | 'completed'
  | 'failed'
  | 'paused'
  | 'cancelled'
  | 'interrupted';

export interface Operation {
  id: string;
  kind: string;
  label: string;
  state: OperationState;
  phase: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  total: number;
  done: number;
  computed: number;
  cached: number;
  opened: number;
  issues: number;
  bytes_read: number;
  /** Photos per second. */
  rate: number;
  eta_secs: number | null;
  step_ms: Record<string, number>;
  error: { code: string; detail: string } | null;
  result: unknown;
  resumable: boolean;
  /** Items that failed, in operations that work off a list of items. */
  failed?: number;
  /** Whether what it did can be taken back. */
  undoable?: boolean;
  /** Whether it has failed items to try again. */
  retryable?: boolean;
}

export type ItemState = 'pending' | 'done' | 'skipped' | 'failed';

/** One file of an operation that works off a list. */
export interface OperationItem {
  position: number;
  state: ItemState;
  path: string;
  /** Where it went. */
  target: string | null;
  code: string | null;
  detail: string | null;
}

export interface OperationIssue {
  path: string;
  stage: string;
  code: string;
  detail: string;
}

export interface CacheStats {
  entries: number;
  bytes: number;
  by_key: { kind: string; producer: string; params: unknown; entries: number; bytes: number }[];
  memory: { entries: number; bytes: number; hits: number; misses: number; hit_rate: number };
  photos: number;
  files: number;
  subjects: number;
  duplicate_files: number;
  database_bytes: number;
  blobs: { count: number; bytes: number };
  coverage: { kind: string; producer: string; have: number; total: number }[];
}

export interface Health {
  status: string;
  version?: string;
}

export interface Readiness {
  status: string;
  checks: { name: string; status: string; detail: string }[];
  /** What runs models, and how many of them stand where; absent where nothing answered. */
  models?: {
    engine: InferenceEngine;
    absent: number;
    installed: number;
    loading: number;
    ready: number;
    failed: { id: string; reason: string }[];
    sessions: number;
    loaded_bytes: number;
  };
}

/** Where decisions about the photos of a folder are kept, beside the database. */
export type WriteMode = 'database' | 'sidecar' | 'file';

export interface Root {
  id: number;
  path: string;
  online: boolean;
  photos: number;
  write_mode: WriteMode;
}

export interface DateChange {
  photo_id: string;
  name: string;
  from: string | null;
  to: string | null;
  offset_minutes: number | null;
  /** Why it cannot be changed. */
  problem: string | null;
}

/** What a change of dates would do; `items` are the first 200. */
export interface DatePreview {
  items: DateChange[];
  total: number;
  changed: number;
  unchanged: number;
  problems: number;
}

export interface TrashEntry {
  id: string;
  /** Null when the library knows the photo no longer. */
  photo_id: string | null;
  name: string;
  /** Where it was. */
  path: string;
  bytes: number;
  trashed_at: string;
  reason: string | null;
  /** For a duplicate: the file that was kept. */
  kept_path: string | null;
}

export interface TrashPage extends Page<TrashEntry> {
  total: number;
  total_bytes: number;
}

export interface Resolution {
  tier: DuplicateTier;
  keep: string[];
  /** Empty to keep all: the group does not come back. */
  remove: string[];
}

export interface ImportPlanItem {
  path: string;
  target: string | null;
  state: 'new' | 'known' | 'rejected';
  detail: string | null;
}

/** What an import would do; `items` are the first 200. */
export interface ImportPlan {
  items: ImportPlanItem[];
  total: number;
  new: number;
  known: number;
  rejected: number;
  bytes: number;
}

export interface Backup {
  name: string;
  created_at: string;
  bytes: number;
  schema: number;
  photos: number;
}
