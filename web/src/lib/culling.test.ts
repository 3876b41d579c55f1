import { describe, expect, it } from 'vitest';
import { changedFields, changeWords, cullingKeys, ratingWords, type Change } from './culling';

describe('culling', () => {
  it('has a key for every decision', () => {
    const made: Change[] = [];
    let favorite = false;
    const keys = cullingKeys(() => !favorite, (change) => made.push(change));
    expect(Object.keys(keys).sort()).toEqual(['0', '1', '2', '3', '4', '5', 'f', 'p', 'u', 'x']);
    for (const key of ['3', '0', 'p', 'x', 'u', 'f']) keys[key]!();
    // Asked when the key is pressed, not when the keys were made.
    favorite = true;
    keys['f']!();
    expect(made).toEqual([{ rating: 3 }, { rating: 0 }, { flag: 'pick' }, { flag: 'reject' }, { flag: null }, { favorite: true }, { favorite: false }]);
  });

  it('keeps rating and favourite together', () => {
    expect(changedFields({ favorite: true })).toEqual({ favorite: true, rating: 5 });
    expect(changedFields({ favorite: false })).toEqual({ favorite: false, rating: 0 });
    expect(changedFields({ rating: 5 })).toEqual({ favorite: true, rating: 5 });
    expect(changedFields({ rating: 4 })).toEqual({ favorite: false, rating: 4 });
    expect(changedFields({ flag: 'pick' })).toEqual({ flag: 'pick' });
  });

  it('reads well', () => {
    expect([null, 0, -1, 1, 5].map(ratingWords)).toEqual(['not rated', 'not rated', 'rejected', '1 star', '5 stars']);
    expect(changeWords({ rating: 3 })).toBe('Rated 3 stars');
    expect(changeWords({ rating: null })).toBe('Ratings removed');
    expect(changeWords({ favorite: false })).toBe('Favourites removed');
    expect(changeWords({ flag: 'reject' })).toBe('Rejected');
  });
});
