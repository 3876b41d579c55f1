import { describe, expect, it } from 'vitest';
import { vectorSpaceRecord as space } from '../testing/records';
import { byKind, comparable, kindTitle, producerWords } from './vectors';

describe('vectors', () => {
  it('are named for people', () => {
    expect(producerWords('colour-gradient-grid@1')).toBe('Colours and gradients, without a model');
    expect(producerWords('mobilenet_v2@3')).toBe('Mobilenet v2, version 3');
    expect(producerWords('plain')).toBe('Plain');
    expect(kindTitle('scene_embedding')).toBe('How pictures look');
    expect(kindTitle('new_kind')).toBe('New kind');
  });

  it('come by kind, and somebody has chosen or nobody has', () => {
    const spaces = [space({ kind: 'b', producer: 'x' }), space({ kind: 'a', producer: 'y', active: true, chosen: true }), space({ kind: 'b', producer: 'z', active: true })];
    expect(byKind(spaces).map(({ kind, spaces, automatic }) => [kind, spaces.map(({ producer }) => producer), automatic])).toEqual([
      ['b', ['x', 'z'], true],
      ['a', ['y'], false],
    ]);
    expect(byKind([])).toEqual([]);
  });

  it('can be compared where pictures have them', () => {
    expect(comparable([space({ producer: 'x', pictures: 0 }), space({ producer: 'y', pictures: 3 })]).map(({ producer }) => producer)).toEqual(['y']);
  });
});
