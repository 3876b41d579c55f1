/** Short notices in a corner: what failed, and how far the work is that was just started. */

import { asApiError, undoOperation, type ApiError } from '../api/client';
import type { Operation } from '../api/types';
import { isActive, operations } from './operations.svelte';

export interface Toast {
  id: number;
  /** One sentence; for an operation, what it is. */
  text: string;
  error: ApiError | null;
  /** Followed until it ends. */
  operation: string | null;
  /** The operation as it was when it was started, until the list has it. */
  started: Operation | null;
}

/** Time to read a line and to reach "Undo". */
const STAY_MS = 10_000;
const SHOWN = 4;

/** What the stack needs of the operations: replaced in tests. */
export interface FollowedOperations {
  readonly items: readonly Operation[];
  /** Takes the answer to a start; what is known of it now. */
  started(operation: Operation): Operation;
}

export class Toasts {
  items = $state.raw<Toast[]>([]);
  private counter = 0;
  private readonly held = new Set<number>();
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly followed: FollowedOperations = operations,
    private readonly undoing: (operation: string) => Promise<Operation> = undoOperation,
  ) {}

  say(text: string): number {
    return this.add({ text, error: null, operation: null, started: null }, true);
  }

  fail(text: string, error: ApiError): number {
    return this.add({ text, error, operation: null, started: null }, true);
  }

  /** Shows how far an operation is, until some time after its end. What is known of it now. */
  follow(operation: Operation, text = operation.label): Operation {
    const now = this.followed.started(operation);
    this.add({ text, error: null, operation: operation.id, started: operation }, !isActive(now));
    return now;
  }

  /** The operation that a toast is about, as it is now. */
  operationOf(toast: Toast): Operation | null {
    return toast.operation === null ? null : (this.followed.items.find((operation) => operation.id === toast.operation) ?? toast.started);
  }

  /** Begins to count the time of a toast whose operation has ended, unless the reader is at it. */
  settle(id: number): void {
    if (!this.timers.has(id) && !this.held.has(id)) this.leaveAfter(id, STAY_MS);
  }

  /** Keeps a toast while the reader is at it. */
  hold(id: number): void {
    this.held.add(id);
    this.stopTimer(id);
  }

  /** The reader has gone: its time is counted anew once `settle` says so. */
  release(id: number): void {
    this.held.delete(id);
  }

  dismiss(id: number): void {
    this.held.delete(id);
    this.stopTimer(id);
    this.items = this.items.filter((toast) => toast.id !== id);
  }

  /** Takes back what a toast's operation did; the toast of the undoing takes its place. */
  async undo(toast: Toast): Promise<void> {
    if (toast.operation === null) return;
    this.hold(toast.id);
    try {
      const operation = await this.undoing(toast.operation);
      this.dismiss(toast.id);
      this.follow(operation);
    } catch (thrown) {
      const error = asApiError(thrown);
      this.dismiss(toast.id);
      if (error) this.fail('It was not undone', error);
    }
  }

  private add(toast: Omit<Toast, 'id'>, leaves: boolean): number {
    const id = ++this.counter;
    this.items = [...this.items, { id, ...toast }].slice(-SHOWN);
    if (leaves) this.leaveAfter(id, STAY_MS);
    return id;
  }

  private stopTimer(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }

  private leaveAfter(id: number, ms: number): void {
    this.timers.set(id, setTimeout(() => this.dismiss(id), ms));
  }
}

export const toasts = new Toasts();
