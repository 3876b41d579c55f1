import { describe, expect, it } from 'vitest';
import { bytes, dimensions, exposure, humanise, milliseconds, percent, place, plural, reasonText, splitPath, visible } from './format';
import { featureRows, paramsText, producerParts } from './features';

describe('numbers in words', () => {
  it.each([[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [2_800_000, '2.8 MB'], [999_999, '1.0 MB'], [123_456_789, '123 MB'], [5e12, '5.0 TB']])('%d bytes are %s', (n, text) => {
    expect(bytes(n)).toBe(text);
  });

  it.each([[0, '0 %'], [0.001, '1 %'], [0.5, '50 %'], [0.999, '99 %'], [1, '100 %']])('a share of %d is %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });

  it.each([[840, '840 ms'], [12_400, '12.4 s'], [59_999, '1 min 0 s'], [239_980, '4 min 0 s'], [7_560_000, '2 h 6 min']])('%d ms are %s', (ms, text) => {
    expect(milliseconds(ms)).toBe(text);
  });

  it('says why a photo is kept without saying kept twice', () => {
    expect(reasonText('kept: the sharpest (83 %); taken within 0.8 s')).toBe('the sharpest (83 %); taken within 0.8 s');
    expect(reasonText('the most pixels')).toBe('the most pixels');
  });

  it('writes exposures, sizes and places as photographers do', () => {
    expect(exposure(1 / 250)).toBe('1/250 s');
    expect(exposure(0.5)).toBe('0.5 s');
    expect(exposure(2)).toBe('2 s');
    expect(dimensions(6000, 4000)).toBe('6000 × 4000 · 24.0 MP');
    expect(dimensions(0, 0)).toBe('Unknown dimensions');
    expect(place(-33.8568, 151.2153)).toBe('33.85680° S, 151.21530° E');
    expect(plural(1, 'photo')).toBe('1 photo');
    expect(plural(2000, 'copy', 'copies')).toBe('2,000 copies');
    expect(humanise('perceptual_hash')).toBe('Perceptual hash');
  });
});

describe('paths', () => {
  it('are cut into folder and name', () => {
    expect(splitPath('/photos/2024/a.jpg')).toEqual({ folder: '/photos/2024/', name: 'a.jpg' });
    expect(splitPath('a.jpg')).toEqual({ folder: '', name: 'a.jpg' });
  });

  it('cannot hide newlines or turn the text around', () => {
    expect(visible('a\nb')).toBe('a␊b');
    expect(visible('gpj\u202egnp.exe')).toBe('gpj�gnp.exe');
    expect(visible('naïve 写真.jpg')).toBe('naïve 写真.jpg');
  });
});

describe('features', () => {
  it('show numbers, records, vectors and blobs', () => {
    expect(featureRows('x', 0.5)).toEqual([{ label: 'Value', text: '0.500', meter: null }]);
    expect(featureRows('blur', { is_blurry: true, confidence: 0.91, kind: 'low_detail' })).toEqual([
      { label: 'Blurred', text: 'yes', meter: null },
      { label: 'Confidence', text: '0.91', meter: 0.91 },
      { label: 'Kind', text: 'low detail', meter: null },
    ]);
    expect(featureRows('scene', { dimension: 336, first: [0.1, 0.2] })[0]).toEqual({ label: 'Dimension', text: '336', meter: null });
    expect(featureRows('keypoints', { bytes: 4812 })[0]!.text).toBe('4812');
  });

  it('look inside values that are tagged with their type', () => {
    expect(featureRows('x', { type: 'json', value: { score: 0.25 } })).toEqual([{ label: 'Score', text: '0.25', meter: 0.25 }]);
  });

  it('do not pretend that a number beyond 1 is a share', () => {
    expect(featureRows('x', { sharpness: 4200 })[0]!.meter).toBeNull();
  });

  it('say producer, version and parameters', () => {
    expect(producerParts('dct8@1')).toEqual({ name: 'dct8', version: '1' });
    expect(producerParts('plain')).toEqual({ name: 'plain', version: '' });
    expect(paramsText('')).toBe('');
    expect(paramsText('{"grid":4,"mode":"fast"}')).toBe('grid = 4, mode = fast');
    expect(paramsText('not json')).toBe('not json');
  });
});
