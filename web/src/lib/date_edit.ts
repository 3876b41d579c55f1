/** How dates are to be changed: what people fill in, and what that means for the server. */

import type { DateEdit } from '../api/care';

export type DateMode = DateEdit['mode'];

export interface DateForm {
  mode: DateMode;
  /** `YYYY-MM-DDTHH:MM` or with seconds, as the browser's field gives it. */
  takenAt: string;
  earlier: boolean;
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
  /** `+02:00`. */
  zone: string;
}

export const emptyDateForm = (): DateForm => ({ mode: 'shift', takenAt: '', earlier: false, days: 0, hours: 0, minutes: 0, seconds: 0, zone: '+00:00' });

export const DATE_MODES: { value: DateMode; label: string; help: string }[] = [
  { value: 'shift', label: 'Shift', help: 'Moves every date by the same time: for a camera whose clock was wrong.' },
  { value: 'set', label: 'Set', help: 'Gives every photo this one date and time: for scans and photos without a date.' },
  { value: 'from_name', label: 'From file name', help: 'Reads the date out of each file’s name, such as IMG_20240601_123000.jpg.' },
  { value: 'time_zone', label: 'Time zone', help: 'Says in which zone the clock was. The time on it stays; only what it means changes.' },
];

/** The length of a shift in seconds; negative is earlier. */
export function shiftSeconds(form: Pick<DateForm, 'earlier' | 'days' | 'hours' | 'minutes' | 'seconds'>): number {
  const size = form.days * 86_400 + form.hours * 3600 + form.minutes * 60 + form.seconds;
  // Never −0, which JSON would send as 0 but a comparison takes for another number.
  return form.earlier && size !== 0 ? -size : size;
}

/** `+02:00`, `-0330`, `5` or `UTC+1` in minutes; null when it is not a zone on Earth. */
export function parseOffset(text: string): number | null {
  const match = /^(?:UTC|GMT)?\s*([+\-−]?)(\d{1,2})(?::?([0-5]\d))?$/i.exec(text.trim());
  if (!match) return null;
  const size = Number(match[2]) * 60 + Number(match[3] ?? 0);
  const minutes = match[1] === '-' || match[1] === '−' ? -size : size;
  // From Baker Island to Kiribati.
  return minutes >= -720 && minutes <= 840 ? minutes || 0 : null;
}

/** `+02:00`. */
export function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** What to ask the server for; null while something is missing or would change nothing. */
export function dateEdit(form: DateForm): DateEdit | null {
  switch (form.mode) {
    case 'set':
      return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(form.takenAt) ? { mode: 'set', taken_at: form.takenAt.length === 16 ? `${form.takenAt}:00` : form.takenAt } : null;
    case 'shift': {
      const shift_secs = shiftSeconds(form);
      return Number.isInteger(shift_secs) && shift_secs !== 0 ? { mode: 'shift', shift_secs } : null;
    }
    case 'from_name':
      return { mode: 'from_name' };
    case 'time_zone': {
      const offset_minutes = parseOffset(form.zone);
      return offset_minutes === null ? null : { mode: 'time_zone', offset_minutes };
    }
  }
}
