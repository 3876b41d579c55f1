import { describe, expect, it } from 'vitest';
import type { SearchHit } from '../api/types';
import { photoRecord } from '../testing/records';
import { justify, rowsWithin } from './justified';
import { captioned, chipWords, EXAMPLES, foundWords, hitAspect, hitWords, isEmpty, isWhole, MAX_TEXT, parseAsked, remarks, searchAddress, stepped, taken } from './search';

const hit = (fields: Partial<SearchHit> = {}): SearchHit => ({ photo: photoRecord('a'), score: 0.5, good: true, reasons: [], ...fields });

describe('the address', () => {
  it('brings back what was asked, whatever is in it', () => {
    for (const text of ['beach dog', '"red car" rating:>=4 -night', 'a&b=c#d?e%20+ü', '日本 👩‍👩‍👧', 'q=like', ...EXAMPLES.map((example) => example.text)]) {
      for (const like of [null, '00000000-0000-0000-0000-000000000001']) {
        for (const picture of [null, 'k1x-0']) {
          const address = searchAddress({ text, like, picture });
          expect(parseAsked(new URL(address, 'http://localhost').search)).toEqual({ text, like, picture });
        }
      }
    }
  });

  it('leaves out what is not asked, and cuts what nobody reads', () => {
    expect(searchAddress({ text: '  ' })).toBe('/search');
    expect(searchAddress({ text: ' a ' })).toBe('/search?q=a');
    expect(isEmpty(parseAsked(''))).toBe(true);
    expect(isEmpty(parseAsked('?q=%20&like='))).toBe(true);
    expect(isEmpty(parseAsked('?like=x'))).toBe(false);
    expect(isEmpty(parseAsked('?picture=x'))).toBe(false);
    expect(parseAsked(`?q=${'a'.repeat(MAX_TEXT + 5)}`).text).toHaveLength(MAX_TEXT);
  });
});

describe('suggestions', () => {
  it('take the place of the word before the caret, and leave the rest', () => {
    expect(taken('dog bea', 7, { start: 4, text: 'tag:beach' })).toEqual({ text: 'dog tag:beach ', caret: 14 });
    expect(taken('dog ra', 6, { start: 4, text: 'rating:' })).toEqual({ text: 'dog rating:', caret: 11 });
    expect(taken('bea dog', 3, { start: 0, text: 'beach' })).toEqual({ text: 'beach dog', caret: 5 });
    expect(taken('👩 bea', 6, { start: 3, text: 'beach' })).toEqual({ text: '👩 beach ', caret: 9 });
  });

  it('are whole terms unless their value is still to come', () => {
    expect(isWhole({ text: 'rating:' })).toBe(false);
    expect(isWhole({ text: 'rating:5' })).toBe(true);
  });

  it('are gone through in a circle that passes the box itself', () => {
    const round = (by: 1 | -1, length: number) => {
      const seen = [-1];
      do seen.push(stepped(seen.at(-1)!, by, length));
      while (seen.at(-1) !== -1);
      return seen;
    };
    expect(round(1, 3)).toEqual([-1, 0, 1, 2, -1]);
    expect(round(-1, 3)).toEqual([-1, 2, 1, 0, -1]);
    expect(round(1, 0)).toEqual([-1, -1]);
  });
});

describe('an answer in words', () => {
  it('says how many, and when that is not all', () => {
    expect(foundWords({ total: 0, total_is_exact: true })).toBe('No photo was found');
    expect(foundWords({ total: 1, total_is_exact: true })).toBe('1 photo');
    expect(foundWords({ total: 1500, total_is_exact: false })).toBe('More than 1,500 photos');
  });

  it('says that nothing is a good match, but not where there is nothing', () => {
    const page = { items: [hit()], relaxed: false, no_good_match: false, waiting: 0 };
    expect(remarks(page)).toEqual([]);
    expect(remarks({ ...page, no_good_match: true, relaxed: true })).toHaveLength(2);
    expect(remarks({ ...page, items: [], no_good_match: true, relaxed: true })).toEqual([]);
    expect(remarks({ ...page, items: [], waiting: 2 })[0]).toMatch(/^2 photos changed/);
  });

  it('reads out why a photo was found, and marks what was excluded', () => {
    expect(hitWords(hit({ score: 0.2, good: false, reasons: [{ kind: 'tag', text: 'tag: sea 0.2', confidence: 0.2 }, { kind: 'name', text: 'name\u202egpj', confidence: 1 }] }))).toBe(
      'a.jpg, score 0.20, not a good match, because of tag: sea 0.2, name�gpj',
    );
    expect(hitWords(hit())).toBe('a.jpg, score 0.50');
    expect(chipWords({ text: 'night', negated: true })).toBe('without night');
    expect(chipWords({ text: 'night', negated: false })).toBe('night');
  });
});

describe('rows with words below', () => {
  it('never overlap, and are found where they are seen', () => {
    const hits = Array.from({ length: 57 }, (_, i) => hit({ photo: photoRecord(String(i), { width: 1000 + ((i * 733) % 3000), height: 1 + ((i * 419) % 4000) }) }));
    const layout = justify(hits.map(hitAspect), { width: 1200, rowHeight: 160, gap: 8 });
    const rows = captioned(layout, 46);
    expect(rows).toHaveLength(layout.rows.length);
    rows.forEach((row, i) => {
      expect(row.height - layout.rows[i]!.height).toBe(46);
      if (i > 0) expect(row.top).toBe(rows[i - 1]!.top + rows[i - 1]!.height + 8);
      expect(rowsWithin(rows, row.top, row.top + 1)).toEqual([i, i + 1]);
    });
  });

  it('gives narrow photos room for their words', () => {
    expect(hitAspect(hit({ photo: photoRecord('a', { width: 100, height: 1000 }) }))).toBe(0.8);
    expect(hitAspect(hit())).toBe(1.5);
  });
});
