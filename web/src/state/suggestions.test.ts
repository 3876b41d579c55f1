import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import type { Suggestion } from '../api/types';
import { Suggestions, type SuggestApi } from './suggestions.svelte';

const suggestion = (text: string): Suggestion => ({ text, label: text, kind: 'tag', photos: 1, help: null, start: 0 });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('Suggestions', () => {
  it('asks once when the typing pauses', async () => {
    const api = vi.fn<SuggestApi>((text) => Promise.resolve({ items: [suggestion(`${text}ch`)] }));
    const suggestions = new Suggestions(api);
    for (const text of ['b', 'be', 'bea']) suggestions.type(text);
    await vi.runAllTimersAsync();
    expect(api.mock.calls.map(([text]) => text)).toEqual(['bea']);
    expect(suggestions.items.map((item) => item.text)).toEqual(['beach']);
    expect(suggestions.chosen).toBeNull();
    suggestions.move(1);
    expect(suggestions.chosen?.text).toBe('beach');
    // A word that is finished has nothing to go on with.
    suggestions.type('beach ');
    expect(suggestions.open).toBe(false);
    await vi.runAllTimersAsync();
    expect(api).toHaveBeenCalledOnce();
  });

  it('shows the answer to what was typed last, whatever comes first', async () => {
    const answers: ((answer: { items: Suggestion[] }) => void)[] = [];
    const suggestions = new Suggestions(() => new Promise((resolve) => answers.push(resolve)));
    suggestions.type('a');
    await vi.runAllTimersAsync();
    suggestions.type('b');
    await vi.runAllTimersAsync();
    answers[1]!({ items: [suggestion('b')] });
    await vi.runAllTimersAsync();
    answers[0]!({ items: [suggestion('a')] });
    await vi.runAllTimersAsync();
    expect(suggestions.items.map((item) => item.text)).toEqual(['b']);
  });

  it('stays closed when the answer comes after it was closed', async () => {
    let answer: (answer: { items: Suggestion[] }) => void = () => {};
    const suggestions = new Suggestions(() => new Promise((resolve) => (answer = resolve)));
    suggestions.type('a');
    await vi.runAllTimersAsync();
    suggestions.close();
    answer({ items: [suggestion('a')] });
    await vi.runAllTimersAsync();
    expect(suggestions.open).toBe(false);
  });

  it('says nothing when it gets no answer', async () => {
    const api = vi.fn<SuggestApi>().mockResolvedValueOnce({ items: [suggestion('a')] }).mockRejectedValueOnce(new ApiError('NETWORK', 'gone', 0));
    const suggestions = new Suggestions(api);
    suggestions.type('a');
    await vi.runAllTimersAsync();
    expect(suggestions.open).toBe(true);
    suggestions.type('ab');
    await vi.runAllTimersAsync();
    expect(suggestions.open).toBe(false);
  });
});
