/** An import in the making: from where, into what, what it would do, and the operation that does it. */

import { asApiError, type ApiError } from '../api/client';
import { previewImport, startImport, type ImportRequest } from '../api/care';
import type { ImportPlan, Operation } from '../api/types';
import { DEFAULT_TEMPLATE } from '../lib/import_template';

export interface ImportApi {
  preview(request: ImportRequest): Promise<ImportPlan>;
  start(request: ImportRequest): Promise<Operation>;
}

export class ImportForm {
  sources = $state<string[]>(['']);
  into = $state('');
  template = $state(DEFAULT_TEMPLATE);
  mode = $state<'copy' | 'move'>('copy');
  plan = $state.raw<ImportPlan | null>(null);
  error = $state.raw<ApiError | null>(null);
  busy = $state<'preview' | 'start' | null>(null);
  /** The import that was started last, by its operation. */
  started = $state<string | null>(null);
  /** What `plan` shows. */
  private planned = $state.raw('');
  private turn = 0;

  constructor(private readonly api: ImportApi = { preview: previewImport, start: startImport }) {}

  get request(): ImportRequest | null {
    const sources = [...new Set(this.sources.map((path) => path.trim()).filter((path) => path !== ''))];
    if (sources.length === 0 || this.into === '') return null;
    return { sources, into: this.into, template: this.template.trim(), mode: this.mode };
  }

  /** Whether the plan is of what the form says now. Copying or moving finds the same files. */
  get fresh(): boolean {
    return this.plan !== null && this.planned === this.key(this.request);
  }

  async preview(): Promise<void> {
    const { request } = this;
    if (!request) return;
    const turn = ++this.turn;
    this.busy = 'preview';
    this.error = null;
    try {
      const plan = await this.api.preview(request);
      if (turn !== this.turn) return;
      this.plan = plan;
      this.planned = this.key(request);
    } catch (thrown) {
      if (turn !== this.turn) return;
      this.plan = null;
      this.error = asApiError(thrown);
    }
    this.busy = null;
  }

  /** Starts what was previewed; null when it was refused, or when something else was previewed. */
  async start(): Promise<Operation | null> {
    const { request } = this;
    if (!request || !this.fresh || this.busy) return null;
    this.busy = 'start';
    this.error = null;
    try {
      const operation = await this.api.start(request);
      this.started = operation.id;
      this.plan = null;
      return operation;
    } catch (thrown) {
      this.error = asApiError(thrown);
      return null;
    } finally {
      this.busy = null;
    }
  }

  private key(request: ImportRequest | null): string {
    return request ? JSON.stringify([request.sources, request.into, request.template]) : '';
  }
}

/** One for the page, so that it is found again as it was left. */
export const importing = new ImportForm();
