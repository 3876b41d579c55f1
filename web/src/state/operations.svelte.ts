/** Every operation, followed live. */

import { asApiError, controlOperation, listOperations, retryOperation, undoOperation, watchOperations, type ApiError, type OperationVerb } from '../api/client';
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

class Operations {
  items = $state.raw<Operation[]>([]);
  error = $state.raw<ApiError | null>(null);
  loaded = $state(false);
  connected = $state(false);
  /** Rises whenever an operation stops, because photos may have changed. */
  finished = $state(0);
  /** The last control that failed, by operation. */
  failures = $state.raw<Record<string, ApiError>>({});
  private readonly endings = new Set<(operation: Operation) => void>();
  private stop: (() => void) | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;

  readonly active = $derived(this.items.filter(isActive));
  /** Cut off by a crash or a shutdown: what the dialog at start is about. */
  readonly interrupted = $derived(this.items.filter((operation) => operation.state === 'interrupted' && operation.resumable));

  start(): void {
    if (this.stop) return;
    void this.load();
    this.stop = watchOperations(
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
    try {
      const page = await listOperations({ limit: 100 });
      for (const operation of page.items) this.noticeEnd(operation);
      this.items = page.items;
      this.error = null;
      this.loaded = true;
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  };

  receive(change: Operation): void {
    this.noticeEnd(change);
    this.items = merged(this.items, change);
  }

  /** Calls back with every operation that stops. */
  onEnd(listener: (operation: Operation) => void): void {
    this.endings.add(listener);
  }

  control(operation: Operation, verb: OperationVerb): Promise<boolean> {
    return this.ask(operation, () => controlOperation(operation.id, verb));
  }

  /** Takes back what it did, in an operation of its own. */
  undo(operation: Operation): Promise<boolean> {
    return this.ask(operation, () => undoOperation(operation.id));
  }

  /** Tries failed items again: those at these positions, or all. */
  retry(operation: Operation, positions?: number[]): Promise<boolean> {
    return this.ask(operation, () => retryOperation(operation.id, positions));
  }

  /** Keeps what the server answers, or why it refused; true when it did not. */
  private async ask(operation: Operation, request: () => Promise<Operation>): Promise<boolean> {
    try {
      this.receive(await request());
      const { [operation.id]: _, ...others } = this.failures;
      this.failures = others;
      return true;
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error) this.failures = { ...this.failures, [operation.id]: error };
      return false;
    }
  }

  private noticeEnd(change: Operation): void {
    const before = this.items.find((operation) => operation.id === change.id);
    if (!before || !isActive(before) || !FINISHED.includes(change.state)) return;
    for (const listener of this.endings) listener(change);
    this.finished++;
  }
}

export const operations = new Operations();
