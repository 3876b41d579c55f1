/** Every operation, followed live. */

import { asApiError, controlOperation, listOperations, retryOperation, undoOperation, watchOperations, type ApiError, type OperationVerb, type Query } from '../api/client';
import type { Operation, OperationState } from '../api/types';

const ACTIVE: readonly OperationState[] = ['pending', 'running'];
const FINISHED: readonly OperationState[] = ['completed', 'failed', 'cancelled', 'paused', 'interrupted'];
/** Used only while the event stream is down. */
const POLL_MS = 3000;

export const isActive = (operation: Operation): boolean => ACTIVE.includes(operation.state);

/** Share done, 0 to 1; null when the total is not known yet. */
export function progressOf(operation: Operation): number | null {
  if (operation.state === 'completed') return 1;
  return operation.total > 0 ? Math.min(1, operation.done / operation.total) : null;
}

/** Puts a changed operation into a list that is newest first. */
export function merged(list: readonly Operation[], change: Operation): Operation[] {
  const index = list.findIndex((operation) => operation.id === change.id);
  if (index >= 0) return list.with(index, change);
  return [...list, change].sort((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0));
}

export interface OperationApi {
  list(query: Query): Promise<{ items: Operation[] }>;
  watch(onChange: (operation: Operation) => void, onConnected: (connected: boolean) => void): () => void;
  control(operation: string, verb: OperationVerb): Promise<Operation>;
  undo(operation: string): Promise<Operation>;
  retry(operation: string, positions?: number[]): Promise<Operation>;
}

export class Operations {
  items = $state.raw<Operation[]>([]);
  error = $state.raw<ApiError | null>(null);
  loaded = $state(false);
  connected = $state(false);
  /** Rises whenever an operation stops, because photos may have changed. */
  finished = $state(0);
  /** The last control that failed, by operation. */
  failures = $state.raw<Record<string, ApiError>>({});
  /** When each was last heard of: answers and the stream come by different ways, and may overtake each other. */
  private readonly heard = new Map<string, number>();
  private clock = 0;
  private readonly endings = new Set<(operation: Operation) => void>();
  private stop: (() => void) | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;

  readonly active = $derived(this.items.filter(isActive));
  /** Cut off by a crash or a shutdown: what the dialog at start is about. */
  readonly interrupted = $derived(this.items.filter((operation) => operation.state === 'interrupted' && operation.resumable));

  constructor(private readonly api: OperationApi = { list: listOperations, watch: watchOperations, control: controlOperation, undo: undoOperation, retry: retryOperation }) {}

  start(): void {
    if (this.stop) return;
    void this.load();
    this.stop = this.api.watch(
      (change) => this.receive(change),
      (connected) => {
        // Events missed while the stream was down are made up for by one fetch.
        if (connected && !this.connected && this.loaded) void this.load();
        this.connected = connected;
      },
    );
    this.timer = setInterval(() => {
      if (!this.connected && !document.hidden) void this.load();
    }, POLL_MS);
  }

  end(): void {
    this.stop?.();
    this.stop = null;
    if (this.timer) clearInterval(this.timer);
  }

  readonly load = async (): Promise<void> => {
    const asked = this.clock;
    try {
      const page = await this.api.list({ limit: 100 });
      // What the stream said meanwhile is newer than this list.
      const newer = this.items.filter((operation) => (this.heard.get(operation.id) ?? 0) > asked);
      let list = page.items;
      for (const operation of newer) list = merged(list, operation);
      for (const operation of list) this.noticeEnd(operation, false);
      this.items = list;
      this.error = null;
      this.loaded = true;
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  };

  /** Takes a record from the stream, which is the newest there is. */
  receive(change: Operation): void {
    this.heard.set(change.id, ++this.clock);
    this.noticeEnd(change, true);
    this.items = merged(this.items, change);
  }

  /** Takes the answer to a start, unless the stream was faster: small work may have ended before it came. What is known now. */
  started(operation: Operation): Operation {
    const known = this.items.find((other) => other.id === operation.id);
    if (known) return known;
    this.receive(operation);
    return operation;
  }

  /** Calls back with every operation that stops. */
  onEnd(listener: (operation: Operation) => void): void {
    this.endings.add(listener);
  }

  control(operation: Operation, verb: OperationVerb): Promise<boolean> {
    return this.ask(operation, () => this.api.control(operation.id, verb));
  }

  /** Takes back what it did, in an operation of its own. */
  undo(operation: Operation): Promise<boolean> {
    return this.ask(operation, () => this.api.undo(operation.id));
  }

  /** Tries failed items again: those at these positions, or all. */
  retry(operation: Operation, positions?: number[]): Promise<boolean> {
    return this.ask(operation, () => this.api.retry(operation.id, positions));
  }

  /** Keeps what the server answers, or why it refused; true when it did not. */
  private async ask(operation: Operation, request: () => Promise<Operation>): Promise<boolean> {
    const asked = this.clock;
    try {
      const answer = await request();
      if ((this.heard.get(answer.id) ?? 0) <= asked) this.receive(answer);
      const { [operation.id]: _, ...others } = this.failures;
      this.failures = others;
      return true;
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error) this.failures = { ...this.failures, [operation.id]: error };
      return false;
    }
  }

  /** `fresh` is what just happened, as against a list that may tell of the past. */
  private noticeEnd(change: Operation, fresh: boolean): void {
    if (!FINISHED.includes(change.state)) return;
    const before = this.items.find((operation) => operation.id === change.id);
    if (before ? !isActive(before) : !fresh) return;
    for (const listener of this.endings) listener(change);
    this.finished++;
  }
}

export const operations = new Operations();
