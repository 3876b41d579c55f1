/** Ways to go on with what is being typed: asked for when the typing pauses. */

import { suggestSearch } from '../api/client';
import type { Suggestion } from '../api/types';
import { stepped } from '../lib/search';

export type SuggestApi = (text: string, limit: number, signal: AbortSignal) => Promise<{ items: Suggestion[] }>;

const PAUSE_MS = 130;
const AT_MOST = 8;

export class Suggestions {
  items = $state.raw<Suggestion[]>([]);
  /** The one that the arrow keys reached; −1 for none. */
  at = $state(-1);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private abort = new AbortController();

  constructor(
    private readonly api: SuggestApi = suggestSearch,
    private readonly pauseMs = PAUSE_MS,
  ) {}

  get open(): boolean {
    return this.items.length > 0;
  }

  get chosen(): Suggestion | null {
    return this.items[this.at] ?? null;
  }

  /** To be told of every change: `text` ends at the caret. What was shown stays until the answer is here. */
  type(text: string): void {
    this.stop();
    this.at = -1;
    if (text.trim() === '' || /\s$/.test(text)) {
      this.items = [];
      return;
    }
    this.timer = setTimeout(() => void this.ask(text), this.pauseMs);
  }

  move(by: 1 | -1): void {
    this.at = stepped(this.at, by, this.items.length);
  }

  /** Shows none, and waits for none. */
  close(): void {
    this.stop();
    this.items = [];
    this.at = -1;
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.abort.abort();
  }

  private async ask(text: string): Promise<void> {
    const { signal } = (this.abort = new AbortController());
    try {
      const { items } = await this.api(text, AT_MOST, signal);
      if (signal.aborted) return;
      this.items = items;
      this.at = -1;
    } catch {
      // Suggestions help with typing: without them the search itself works, and says what is wrong.
      if (!signal.aborted) this.items = [];
    }
  }
}
