/** One function per call of `/api/v1`: looking, and durable work. Changes to photos and files are in `care.ts`. */

import { ApiError, BASE, call, queryString, type Query } from './http';
import type {
  Album,
  CacheStats,
  DuplicatePage,
  DuplicateTier,
  Facets,
  Feature,
  Health,
  ItemState,
  ModelList,
  Operation,
  OperationIssue,
  OperationItem,
  Page,
  PhotoDetail,
  PhotoPage,
  Readiness,
  Root,
  SearchPage,
  SearchQuery,
  StepCatalogue,
  SimilarPhotos,
  Suggestion,
  Timeline,
  VectorSpace,
} from './types';

export { ApiError, asApiError, queryString, type Query } from './http';

const id = encodeURIComponent;

export const listPhotos = (query: Query, signal?: AbortSignal) => call<PhotoPage>('GET', '/photos', { query, signal });
export const getPhoto = (photo: string, signal?: AbortSignal) => call<PhotoDetail>('GET', `/photos/${id(photo)}`, { signal });
export const listFeatures = (photo: string, signal?: AbortSignal) =>
  call<{ items: Feature[] }>('GET', `/photos/${id(photo)}/features`, { signal });
export const fetchTimeline = (query: Query, signal?: AbortSignal) => call<Timeline>('GET', '/timeline', { query, signal });
export const fetchFacets = (album: string | null) => call<Facets>('GET', '/facets', { query: { album } });

/** Searches; a picture that photos are to look like goes beside the question as it is. */
export function searchPhotos(body: SearchQuery, signal?: AbortSignal, picture: Blob | null = null): Promise<SearchPage> {
  if (picture === null) return call<SearchPage>('POST', '/search', { body, signal });
  const form = new FormData();
  form.set('request', JSON.stringify(body));
  form.set('image', picture);
  return call<SearchPage>('POST', '/search', { form, signal });
}
export const listSimilar = (photo: string, query: Query = {}, signal?: AbortSignal) =>
  call<SimilarPhotos>('GET', `/photos/${id(photo)}/similar`, { query, signal });
export const suggestSearch = (text: string, limit = 10, signal?: AbortSignal) =>
  call<{ items: Suggestion[] }>('GET', '/search/suggest', { query: { text, limit }, signal });

export const listDuplicates = (tier: DuplicateTier, cursor: string | null, limit = 40, signal?: AbortSignal) =>
  call<DuplicatePage>('GET', '/duplicates', { query: { tier, cursor, limit }, signal });

export const listAlbums = (cursor: string | null = null) => call<Page<Album>>('GET', '/albums', { query: { cursor } });
export const getAlbum = (album: string) => call<Album>('GET', `/albums/${id(album)}`);
export const createAlbum = (body: { name: string; source_path?: string; photo_ids?: string[] }) => call<Album>('POST', '/albums', { body });
export const renameAlbum = (album: string, name: string) => call<Album>('PATCH', `/albums/${id(album)}`, { body: { name } });
export const deleteAlbum = (album: string) => call<void>('DELETE', `/albums/${id(album)}`);

export const ingestDirectory = (body: { path: string; recursive?: boolean; album_name?: string }) =>
  call<Operation>('POST', '/ingest_directory', { body });
export const runPipeline = (body: { album_id: string | null; steps: string[] | null; config: Record<string, unknown> }) =>
  call<Operation>('POST', '/pipeline/run', { body });
export const listSteps = () => call<StepCatalogue>('GET', '/pipeline/steps');

export const listVectors = () => call<{ items: VectorSpace[] }>('GET', '/vectors');
/** Says whose vectors of a kind searches use; null leaves it to how many pictures have which. */
export const chooseVectors = (kind: string, producer: string | null) =>
  call<{ items: VectorSpace[] }>('PUT', '/vectors', { body: { kind, producer } });

export const listModels = () => call<ModelList>('GET', '/models');
/** Fetches models, named by id or by pack. Naming one that may not be used commercially accepts its licence. */
export const pullModels = (models: string[]) => call<Operation>('POST', '/models/pull', { body: { models } });

export const listOperations = (query: Query = {}) => call<Page<Operation>>('GET', '/operations', { query });
export type OperationVerb = 'resume' | 'pause' | 'cancel';
export const controlOperation = (operation: string, verb: OperationVerb) =>
  call<Operation>('POST', `/operations/${id(operation)}/${verb}`);
export const listOperationIssues = (operation: string, cursor: string | null = null) =>
  call<Page<OperationIssue>>('GET', `/operations/${id(operation)}/issues`, { query: { cursor, limit: 200 } });
export const listOperationItems = (operation: string, state: ItemState | null, cursor: string | null = null) =>
  call<Page<OperationItem>>('GET', `/operations/${id(operation)}/items`, { query: { state, cursor, limit: 200 } });
/** Takes back what an operation did, as an operation of its own. */
export const undoOperation = (operation: string) => call<Operation>('POST', `/operations/${id(operation)}/undo`);
/** Tries failed items again: those at these positions, or all. */
export const retryOperation = (operation: string, positions?: number[]) =>
  call<Operation>('POST', `/operations/${id(operation)}/retry`, { body: positions ? { positions } : {} });

export const fetchCacheStats = () => call<CacheStats>('GET', '/cache/stats');
export const pruneCache = (dryRun: boolean) => call<Record<string, unknown>>('POST', '/cache/prune', { body: { dry_run: dryRun } });
export const dropFeatures = (photo: string) => call<void>('DELETE', `/cache/photos/${id(photo)}`);
export const fetchHealth = () => call<Health>('GET', '/health');
export const listRoots = () => call<{ items: Root[] }>('GET', '/roots');

/** Readiness answers 503 with the same body when something is wrong: both are answers here. */
export async function fetchReadiness(): Promise<Readiness> {
  let response: Response;
  try {
    response = await fetch(`${BASE}/health/ready`);
  } catch {
    throw new ApiError('NETWORK', 'Tintype does not answer. Is it still running?', 0);
  }
  const body = (await response.json()) as Partial<Readiness>;
  return { status: body.status ?? 'unknown', checks: body.checks ?? [], ...(body.models ? { models: body.models } : {}) };
}

/** Address of a preview: 256 or 1440 pixels on the long side. */
export const thumbnailUrl = (photo: { id: string; picture_version?: string }, size: 256 | 1440) =>
  `${BASE}/photos/${id(photo.id)}/thumbnail${queryString({ size, v: photo.picture_version })}`;
/** Address of the file itself. */
export const originalUrl = (photo: string) => `${BASE}/photos/${id(photo)}/original`;

/** Follows every operation. Calls back with each change; returns the function that stops it. */
export function watchOperations(onChange: (operation: Operation) => void, onConnected: (connected: boolean) => void): () => void {
  const source = new EventSource(`${BASE}/operations/events`);
  const receive = (event: MessageEvent<string>) => {
    try {
      onChange(JSON.parse(event.data) as Operation);
    } catch {
      // One damaged event is no reason to stop following: the next carries the whole record again.
    }
  };
  source.addEventListener('progress', receive);
  source.addEventListener('done', receive);
  source.addEventListener('message', receive);
  source.addEventListener('open', () => onConnected(true));
  source.addEventListener('error', () => onConnected(false));
  return () => source.close();
}
