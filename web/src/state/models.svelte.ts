/** Which models were asked for, and whether they are still on their way. */

import { pullModels } from '../api/client';
import type { Operation } from '../api/types';
import { isActive, operations } from './operations.svelte';
import { toasts } from './toasts.svelte';

/** What it needs of the operations: replaced in tests. */
export interface Followed {
  readonly items: readonly Operation[];
}

export class ModelFetches {
  /** Ids of models, by the operation that fetches them. */
  private asked = $state.raw<Record<string, readonly string[]>>({});

  constructor(
    private readonly followed: Followed = operations,
    private readonly pull: (names: string[]) => Promise<Operation> = pullModels,
    private readonly follow: (operation: Operation) => void = (operation) => void toasts.follow(operation),
  ) {}

  /** Operations that fetch models now, also those that were begun elsewhere. */
  get running(): Operation[] {
    return this.followed.items.filter((operation) => operation.kind === 'pull_models' && isActive(operation));
  }

  isFetching(model: string): boolean {
    return this.running.some((operation) => this.asked[operation.id]?.includes(model));
  }

  /** Fetches what `names` names, which are these models. Throws what the server refuses. */
  async fetch(names: string[], models: readonly string[] = names): Promise<void> {
    const operation = await this.pull(names);
    this.asked = { ...this.asked, [operation.id]: models };
    this.follow(operation);
  }
}

export const modelFetches = new ModelFetches();
