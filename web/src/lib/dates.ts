/** Dates and durations in words. Photo times are wall-clock times without a zone and are never shifted. */

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export interface LocalTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** Reads `YYYY-MM-DDTHH:MM:SS` (also with a space, or without seconds); null when it is not that. */
export function parseLocal(text: string | null | undefined): LocalTime | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?/.exec(text ?? '');
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  return { year, month, day, hour, minute, second };
}

const two = (n: number) => String(n).padStart(2, '0');

/** `Saturday, 1 June 2024`. */
export function longDate(text: string | null | undefined): string {
  const t = parseLocal(text);
  if (!t) return 'No date';
  // A fixed zone for a time that has none: only the weekday is taken from it.
  const weekday = DAYS[new Date(Date.UTC(t.year, t.month - 1, t.day)).getUTCDay()];
  return `${weekday}, ${t.day} ${MONTHS[t.month - 1]} ${t.year}`;
}

/** `1 Jun 2024, 12:00`. */
export function shortDateTime(text: string | null | undefined): string {
  const t = parseLocal(text);
  return t ? `${t.day} ${MONTHS[t.month - 1]!.slice(0, 3)} ${t.year}, ${two(t.hour)}:${two(t.minute)}` : 'No date';
}

/** `12:00:05`. */
export function clockTime(text: string | null | undefined): string {
  const t = parseLocal(text);
  return t ? `${two(t.hour)}:${two(t.minute)}:${two(t.second)}` : '';
}

/** The name of a timeline bucket: `June 2024`, `1 June 2024`, `2024`, `No date`. */
export function bucketName(key: string): string {
  const match = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(key);
  if (!match) return 'No date';
  const [, year, month, day] = match;
  const name = MONTHS[Number(month) - 1];
  if (!name) return year!;
  return day ? `${Number(day)} ${name} ${year}` : `${name} ${year}`;
}

/** The year of a bucket, or null when it has none. */
export function bucketYear(key: string): number | null {
  const year = Number(/^(\d{4})/.exec(key)?.[1]);
  return Number.isFinite(year) && year > 0 ? year : null;
}

/** The bucket that a photo belongs to. */
export function bucketOf(takenAt: string | null): string {
  return parseLocal(takenAt) ? takenAt!.slice(0, 7) : '';
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 === 0 || s >= 600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** An instant in the reader's zone: `today 14:03`, `yesterday 09:12`, `1 Jun 2024, 12:00`. */
export function instant(text: string | null | undefined, now = new Date()): string {
  const date = new Date(text ?? '');
  if (Number.isNaN(date.getTime())) return '';
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const startOfDay = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  const days = Math.round((startOfDay(now) - startOfDay(date)) / 86_400_000);
  if (days === 0) return `today ${clock}`;
  if (days === 1) return `yesterday ${clock}`;
  return `${date.getDate()} ${MONTHS[date.getMonth()]!.slice(0, 3)} ${date.getFullYear()}, ${clock}`;
}
