import { describe, expect, it } from 'vitest';
import { bucketName, bucketOf, bucketYear, clockTime, duration, instant, longDate, parseLocal, shortDateTime } from './dates';
import { scrubberTicks } from './scrubber';

describe('photo times', () => {
  it('are read as wall-clock time, whatever the zone of the browser', () => {
    expect(parseLocal('2024-06-01T12:03:04')).toEqual({ year: 2024, month: 6, day: 1, hour: 12, minute: 3, second: 4 });
    expect(longDate('2024-06-01T00:00:00')).toBe('Saturday, 1 June 2024');
    expect(longDate('2024-06-01T23:59:59')).toBe('Saturday, 1 June 2024');
    expect(shortDateTime('2024-12-31T09:05:00')).toBe('31 Dec 2024, 09:05');
    expect(clockTime('2024-12-31T09:05:07')).toBe('09:05:07');
  });

  it('are refused when they are none', () => {
    for (const text of [null, undefined, '', '0000-00-00T00:00:00', '2024-13-01T00:00:00', 'yesterday']) {
      expect(parseLocal(text)).toBeNull();
      expect(longDate(text)).toBe('No date');
    }
    expect(clockTime(null)).toBe('');
  });
});

describe('buckets', () => {
  it('have names and years', () => {
    expect(bucketName('2024-06')).toBe('June 2024');
    expect(bucketName('2024-06-09')).toBe('9 June 2024');
    expect(bucketName('2024')).toBe('2024');
    expect(bucketName('')).toBe('No date');
    expect(bucketYear('1999-12')).toBe(1999);
    expect(bucketYear('')).toBeNull();
    expect(bucketOf('2024-06-01T12:00:00')).toBe('2024-06');
    expect(bucketOf(null)).toBe('');
  });
});

describe('duration', () => {
  it.each([[0, '0 s'], [45.4, '45 s'], [60, '1 min'], [200, '3 min 20 s'], [1999, '33 min'], [7500, '2 h 5 min'], [273_600, '3 d 4 h']])('%d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('instant', () => {
  const now = new Date(2026, 10, 21, 14, 0);
  it('names today and yesterday', () => {
    expect(instant(new Date(2026, 10, 21, 9, 5).toISOString(), now)).toBe('today 09:05');
    expect(instant(new Date(2026, 10, 20, 23, 59).toISOString(), now)).toBe('yesterday 23:59');
    expect(instant(new Date(2026, 0, 2, 3, 4).toISOString(), now)).toBe('2 Jan 2026, 03:04');
    expect(instant('nonsense', now)).toBe('');
  });
});

describe('scrubber', () => {
  const stops = Array.from({ length: 240 }, (_, i) => ({ key: `${2023 - Math.floor(i / 12)}-${String(12 - (i % 12)).padStart(2, '0')}`, top: i * 1000 }));

  it('never lets two year labels touch', () => {
    for (const height of [120, 400, 900]) {
      const years = scrubberTicks(stops, 239_000, height).filter((tick) => tick.year !== null);
      expect(years.length).toBeGreaterThan(3);
      for (let i = 1; i < years.length; i++) expect(years[i]!.y - years[i - 1]!.y).toBeGreaterThanOrEqual(16);
      for (const tick of years) expect(tick.y >= 0 && tick.y <= height).toBe(true);
    }
  });

  it('shows nothing without room, and no year for undated photos', () => {
    expect(scrubberTicks(stops, 0, 500)).toEqual([]);
    expect(scrubberTicks([{ key: '', top: 0 }], 100, 500).filter((tick) => tick.year !== null)).toEqual([]);
  });
});
