import { describe, expect, it } from 'vitest';
import { addressQuery, chips, filterQuery, noFilters, parseFilters, photoQuery, without, type Filters } from './filters';

const parse = (text: string) => parseFilters(new URLSearchParams(text));

describe('filters in the address', () => {
  it('survive going there and back', () => {
    const filters: Filters = {
      ...noFilters(),
      sort: 'sharpness',
      order: 'asc',
      quality_min: 0.5,
      sharpness_max: 0.25,
      blurry: false,
      rating_min: 3,
      rating: -1,
      favorite: true,
      flag: 'none',
      keyword: 'sea & sky',
      has_issues: true,
      camera: 'Canon EOS R6 & co',
      from: '2024-01-01',
      to: '2024-12-31',
      name: 'IMG_#1',
    };
    expect(parse(addressQuery(filters))).toEqual(filters);
  });

  it('are absent when nothing is chosen', () => {
    expect(addressQuery(noFilters())).toBe('');
    expect(parse('')).toEqual(noFilters());
  });

  it('leave out what they do not understand', () => {
    expect(parse('sort=magic&quality_min=7&blurry=maybe&rating_min=2.5&rating=7&flag=maybe&favorite=5&from=June&order=up')).toEqual(noFilters());
  });

  it('order names upwards and the rest downwards unless told', () => {
    expect(parse('sort=name').order).toBe('asc');
    expect(parse('sort=quality').order).toBe('desc');
    expect(addressQuery({ ...noFilters(), sort: 'name', order: 'asc' })).toBe('?sort=name');
    expect(addressQuery({ ...noFilters(), sort: 'name', order: 'desc' })).toBe('?sort=name&order=desc');
  });

  it('send zero and false, which are not the same as nothing', () => {
    const filters = { ...noFilters(), quality_min: 0, blurry: false, rating_min: 0 };
    expect(filterQuery(filters)).toEqual({ quality_min: '0', blurry: 'false', rating_min: '0' });
    expect(photoQuery(noFilters())).toEqual({ sort: 'taken_at', order: 'desc' });
  });
});

describe('chips', () => {
  it('say what is active, and removing one resets just that', () => {
    const filters = { ...noFilters(), quality_min: 0.2, quality_max: 0.8, blurry: true };
    const [quality, blurred] = chips(filters);
    expect(quality!.label).toBe('Quality 0.20 to 0.80');
    expect(blurred!.label).toBe('Blurred');
    expect(without(filters, quality!.fields)).toEqual({ ...noFilters(), blurry: true });
    expect(chips(noFilters())).toEqual([]);
  });
});
