/** A change of dates in the making: the form, what it would do, and starting it. */

import { asApiError, type ApiError } from '../api/client';
import { editDates, previewDates, type DateEdit, type DateTarget } from '../api/care';
import type { DatePreview, Operation } from '../api/types';
import { dateEdit, emptyDateForm, type DateForm } from '../lib/date_edit';

export interface DateApi {
  preview(target: DateTarget, edit: DateEdit, signal?: AbortSignal): Promise<DatePreview>;
  start(target: DateTarget, edit: DateEdit): Promise<Operation>;
}

/** Typing goes on for about so long between two keys. */
const PAUSE_MS = 300;

export class DateChangeForm {
  form = $state<DateForm>(emptyDateForm());
  preview = $state.raw<DatePreview | null>(null);
  error = $state.raw<ApiError | null>(null);
  loading = $state(false);
  starting = $state(false);
  readonly edit = $derived(dateEdit(this.form));
  /** What `preview` shows: nothing may be started that was not seen. */
  private previewed = $state.raw<string | null>(null);
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly target: DateTarget,
    private readonly api: DateApi = { preview: previewDates, start: editDates },
    private readonly pauseMs = PAUSE_MS,
  ) {}

  /** Whether it may be started: the preview is of what the form says now, and it changes something. */
  get ready(): boolean {
    return !this.starting && this.edit !== null && this.previewed === JSON.stringify(this.edit) && (this.preview?.changed ?? 0) > 0;
  }

  /** To be called with every change of the form: asks for the preview once typing pauses. */
  refresh(): void {
    this.abort.abort();
    clearTimeout(this.timer);
    this.error = null;
    if (!this.edit) {
      this.preview = null;
      this.previewed = null;
      this.loading = false;
      return;
    }
    this.loading = true;
    const { edit } = this;
    this.timer = setTimeout(() => void this.ask(edit), this.pauseMs);
  }

  private async ask(edit: DateEdit): Promise<void> {
    const { signal } = (this.abort = new AbortController());
    try {
      const preview = await this.api.preview(this.target, edit, signal);
      if (signal.aborted) return;
      this.preview = preview;
      this.previewed = JSON.stringify(edit);
    } catch (thrown) {
      if (signal.aborted) return;
      this.error = asApiError(thrown);
      this.preview = null;
      this.previewed = null;
    }
    this.loading = false;
  }

  /** Starts it; null, with `error` set, when the server refused. */
  async start(): Promise<Operation | null> {
    if (!this.ready || !this.edit) return null;
    this.starting = true;
    this.error = null;
    try {
      return await this.api.start(this.target, this.edit);
    } catch (thrown) {
      this.error = asApiError(thrown);
      return null;
    } finally {
      this.starting = false;
    }
  }

  close(): void {
    this.abort.abort();
    clearTimeout(this.timer);
  }
}
