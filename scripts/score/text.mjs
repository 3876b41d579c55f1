// Text: recall of the labelled race numbers of complete photos of `bibs.csv` among the lines of text that were read.
// A number counts as read when some line holds it as a run of digits of its own.

export const missColumns = ['path', 'number', 'read'];

/** The runs of digits in lines of text. */
export function numbersIn(lines) {
  return new Set(lines.flatMap((line) => line.replace(/\s+/g, ' ').match(/\d+/g) ?? []).map((digits) => digits.replace(/^0+(?=\d)/, '')));
}

export function score(labels, library) {
  let absent = 0;
  let unread = 0;
  let n = 0;
  let found = 0;
  const misses = [];
  for (const label of labels) {
    if (label.complete !== 'yes') continue;
    const wanted = label.bibs.split(/[;| ]+/).map((number) => number.trim().replace(/^0+(?=\d)/, '')).filter((number) => /^\d+$/.test(number));
    if (!library.exists(label.path)) { absent++; continue; }
    const lines = library.row(label.path)?.text;
    if (!Array.isArray(lines)) unread++;
    const read = numbersIn(lines ?? []);
    for (const number of wanted) {
      n++;
      if (read.has(number)) found++;
      else misses.push({ path: label.path, number, read: (lines ?? []).join(' | ') });
    }
  }
  return { value: found / n, n, absent, unread, misses, detail: `${found} of ${n} labelled numbers are among the lines read` };
}
