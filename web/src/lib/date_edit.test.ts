import { describe, expect, it } from 'vitest';
import { dateEdit, emptyDateForm, offsetText, parseOffset, shiftSeconds } from './date_edit';

const form = emptyDateForm();

describe('changing dates', () => {
  it('adds up a shift, in either direction', () => {
    const shift = { days: 1, hours: 2, minutes: 3, seconds: 4 };
    expect(shiftSeconds({ ...shift, earlier: false })).toBe(93_784);
    expect(shiftSeconds({ ...shift, earlier: true })).toBe(-93_784);
    expect(Object.is(shiftSeconds({ days: 0, hours: 0, minutes: 0, seconds: 0, earlier: true }), 0)).toBe(true);
  });

  it('asks for nothing that would change nothing or is not complete', () => {
    expect(dateEdit({ ...form, mode: 'shift' })).toBeNull();
    expect(dateEdit({ ...form, mode: 'shift', hours: Number.NaN })).toBeNull();
    expect(dateEdit({ ...form, mode: 'set' })).toBeNull();
    expect(dateEdit({ ...form, mode: 'set', takenAt: '2024-06-01' })).toBeNull();
    expect(dateEdit({ ...form, mode: 'time_zone', zone: 'Paris' })).toBeNull();
  });

  it('sends what each mode needs and no more', () => {
    expect(dateEdit({ ...form, mode: 'shift', earlier: true, hours: 1 })).toEqual({ mode: 'shift', shift_secs: -3600 });
    expect(dateEdit({ ...form, mode: 'set', takenAt: '2024-06-01T12:30' })).toEqual({ mode: 'set', taken_at: '2024-06-01T12:30:00' });
    expect(dateEdit({ ...form, mode: 'set', takenAt: '2024-06-01T12:30:05' })).toEqual({ mode: 'set', taken_at: '2024-06-01T12:30:05' });
    expect(dateEdit({ ...form, mode: 'from_name', hours: 3 })).toEqual({ mode: 'from_name' });
    expect(dateEdit({ ...form, mode: 'time_zone', zone: '+02:00' })).toEqual({ mode: 'time_zone', offset_minutes: 120 });
  });

  it('reads zones as people write them', () => {
    const read = { '+02:00': 120, '-0330': -210, '−5': -300, 'UTC+1': 60, '5:45': 345, '+14:00': 840, '0': 0, '-0': 0 };
    for (const [text, minutes] of Object.entries(read)) expect(parseOffset(text), text).toBe(minutes);
    for (const text of ['', '+15', '-13', '+2:75', 'two', '1.5']) expect(parseOffset(text), text).toBeNull();
    expect([120, -210, 0].map(offsetText)).toEqual(['+02:00', '−03:30', '+00:00']);
    expect(parseOffset(offsetText(-210))).toBe(-210);
  });
});
