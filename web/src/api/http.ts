/** How the page speaks to the server, and the one way in which that fails: `ApiError`. */

import type { Problem } from './types';

export const BASE = '/api/v1';

export type Query = Record<string, string | number | boolean | null | undefined>;

/** A call that did not succeed, by the server's stable code (`NETWORK` when no answer came at all). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: string,
    readonly detail: string,
    readonly status: number,
    readonly requestId: string | null = null,
    readonly fields: { field: string; detail: string }[] = [],
  ) {
    super(`${code}: ${detail}`);
  }
}

/** Anything thrown, as an `ApiError`; null for a request we gave up on ourselves. */
export function asApiError(thrown: unknown): ApiError | null {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return null;
  return new ApiError('PAGE_ERROR', thrown instanceof Error ? thrown.message : String(thrown), 0);
}

/** `?a=1&b=2`, leaving out what is absent; empty for nothing. */
export function queryString(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

async function problemOf(response: Response): Promise<ApiError> {
  const requestId = response.headers.get('x-request-id');
  try {
    const problem = (await response.json()) as Partial<Problem>;
    return new ApiError(
      problem.code ?? `HTTP_${response.status}`,
      problem.detail ?? problem.title ?? response.statusText,
      response.status,
      problem.request_id ?? requestId,
      problem.errors ?? [],
    );
  } catch {
    return new ApiError(`HTTP_${response.status}`, response.statusText || 'No explanation was given.', response.status, requestId);
  }
}

interface Options {
  query?: Query;
  body?: unknown;
  /** Instead of a body: parts, some of them files. */
  form?: FormData;
  signal?: AbortSignal | undefined;
}

/** One call that answers JSON. */
export async function call<T>(method: string, path: string, { query = {}, body, form, signal }: Options = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${BASE}${path}${queryString(query)}`, {
      method,
      signal: signal ?? null,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: form ?? (body === undefined ? null : JSON.stringify(body)),
    });
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    throw new ApiError('NETWORK', 'Tintype does not answer. Is it still running?', 0);
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
