import { describe, expect, it } from 'vitest';
import type { Feature } from '../api/types';
import { anythingFound, boxesWords, boxOf, findingsOf, firstName } from './findings';

const feature = (kind: string, value: unknown, computed_at = '2026-01-01T00:00:00Z'): Feature => ({ kind, producer: 'm@1', params: '', value, computed_at, bytes: 1 });

describe('what models found', () => {
  it('is read from their features', () => {
    const found = findingsOf([
      feature('tags', { labels: [{ name: 'beach, shore', confidence: 0.4 }], objects: [{ name: 'dog', confidence: 0.9, box: [0.1, 0.2, 0.3, 0.4] }] }),
      feature('text', { type: 'json', value: { lines: [{ text: 'EXIT 24', confidence: 0.95, box: [0, 0, 0.5, 0.1] }] } }),
      feature('aesthetic', { score: 5.4, spread: 1.6, distribution: [] }),
    ]);
    expect(found.labels.map(({ text }) => text)).toEqual(['beach, shore']);
    expect(found.objects).toEqual([{ text: 'dog', confidence: 0.9, box: { left: 0.1, top: 0.2, width: expect.closeTo(0.3), height: expect.closeTo(0.4) } }]);
    expect(found.aesthetic).toEqual({ score: 5.4, spread: 1.6 });
    expect(found.boxes.map(({ kind, text }) => `${kind} ${text}`)).toEqual(['object dog', 'text EXIT 24']);
    expect(anythingFound(found)).toBe(true);
    expect(boxesWords(found.boxes)).toBe('1 object: dog. 1 line of text: EXIT 24.');
  });

  it('nothing comes of nothing, nor of what is damaged', () => {
    for (const value of [null, 7, 'x', {}, { labels: 3, objects: [null, 4, { name: 9 }, { name: ' ' }], lines: [{}], text: '', score: 'high' }]) {
      const found = findingsOf(['tags', 'text', 'aesthetic'].map((kind) => feature(kind, value)));
      expect(anythingFound(found)).toBe(false);
      expect(found.boxes).toEqual([]);
    }
    expect(anythingFound(findingsOf([]))).toBe(false);
    expect(boxesWords([])).toBe('');
  });

  it('the latest of several models speaks', () => {
    const [old, latest] = [feature('aesthetic', { score: 3 }, '2026-01-01T00:00:00Z'), feature('aesthetic', { score: 7 }, '2026-02-01T00:00:00Z')];
    expect(findingsOf([old, latest]).aesthetic?.score).toBe(7);
    expect(findingsOf([latest, old]).aesthetic?.score).toBe(7);
  });

  it('boxes stay within the picture', () => {
    expect(boxOf([-0.25, 0.5, 0.5, 0.75])).toEqual({ left: 0, top: 0.5, width: 0.25, height: 0.5 });
    for (const bad of [[1.2, 0, 0.1, 0.1], [0, 0, 0, 1], [0, 0, 1], [0, 0, Number.NaN, 1], ['0', 0, 1, 1], null]) expect(boxOf(bad)).toBeNull();
  });

  it('the first of several names serves', () => expect(firstName('orange, fruit')).toBe('orange'));
});
