// A5: metadata. Share of equal values between the report and ExifTool (`exiftool_truth.json`, made with -n -G1).
//
// A value is compared where ExifTool read a usable one; what the program reads beyond that is neither right nor
// wrong here. Files that ExifTool does not call a picture or a film (side files, text) are left out.
//
// - date: local wall-clock time to the second, from the first usable tag in `DATE_TAGS`: when it was taken, then
//   when it was digitised or created, then, for want of better, when it was changed. Usable means a real calendar
//   date from 1826 (the oldest photograph) to next year: 0000:00:00 and 2999 are no dates. A written zone is not
//   applied: a photo of noon is of noon.
// - gps: both degrees within 1e-4 (about 11 m). Latitude beyond ±90 or longitude beyond ±180 is no place.
// - orientation: 1 to 8 of the main image, not of its thumbnail.
// - rating: stars, −1 to 5. `xmp:Rating` first, as the Metadata Working Group has it, then EXIF, then percentages.
//   No rating and 0 stars are the same.
// - camera: maker and model as one value, without padding. What ExifTool lacks of the two is not compared.
// - dimensions: of the real main image, upright. Files state many sizes (thumbnails, previews, what an editor once
//   had); the one whose area is ExifTool's own `Composite:Megapixels` is it, and where none is, none is known.
//   Films and HEIF turn by other means than EXIF orientation, which these ExifTool records do not show; there,
//   width and height may change places.

const DATE_TAGS = [
  'ExifIFD:DateTimeOriginal', 'IFD0:DateTimeOriginal', 'SubIFD:DateTimeOriginal', 'XMP-exif:DateTimeOriginal',
  'XMP-photoshop:DateCreated', 'ExifIFD:CreateDate', 'Keys:CreationDate', 'QuickTime:CreateDate', 'Track1:MediaCreateDate',
  'RIFF:DateTimeOriginal', 'Composite:DateTimeOriginal', 'XMP-xmp:CreateDate', 'IFD0:ModifyDate', 'PNG:ModifyDate',
  'Composite:GPSDateTime',
];
const SIZE_GROUPS = [
  /^File$/, /^PNG$/, /^RIFF$/, /^GIF$/, /^Jpeg2000$/, /^Photoshop$/, /^Composite$/, /^SubIFD\d*$/, /^Track\d+$/, /^IFD0$/,
];
/** Microsoft's percentages of 1 to 5 stars; between them, the nearest below. */
const PERCENT_STARS = [[99, 5], [75, 4], [50, 3], [25, 2], [1, 1]];
const GPS_TOLERANCE_DEGREES = 1e-4;
const OLDEST_YEAR = 1826;

export const labelsAreJson = true;
export const missColumns = ['path', 'field', 'exiftool', 'tintype', 'source'];

export const FIELDS = {
  date: {
    truth: usableDate,
    found: (row) => row.taken_at ?? null,
    equal: (truth, found) => found !== null && String(found).slice(0, 19) === truth,
  },
  gps: {
    truth: usablePlace,
    found: (row) => (row.gps ? [row.gps.latitude, row.gps.longitude] : null),
    equal: (truth, found) => found !== null && truth.every((v, i) => Math.abs(v - found[i]) <= GPS_TOLERANCE_DEGREES),
  },
  orientation: {
    truth: usableOrientation,
    found: (row) => row.orientation ?? null,
    equal: (truth, found) => truth === found,
  },
  rating: {
    truth: usableRating,
    found: (row) => row.rating ?? 0,
    equal: (truth, found) => truth === found,
  },
  camera: {
    truth: usableCamera,
    found: (row) => ({ make: tidy(row.make), model: tidy(row.model) }),
    equal: (truth, found) => Object.entries(truth).every(([part, text]) => found[part] === text),
  },
  dimensions: {
    truth: usableSize,
    found: (row) => (row.width > 0 && row.height > 0 ? [row.width, row.height] : null),
    equal: (truth, found, record) => {
      if (found === null) return false;
      const as = ([w, h]) => `${w}x${h}`;
      return as(truth) === as(found) || (turnsByOtherMeans(record) && as(truth) === as([found[1], found[0]]));
    },
  },
};

export function score(labels, library) {
  const counts = Object.fromEntries(Object.keys(FIELDS).map((field) => [field, { equal: 0, n: 0 }]));
  const misses = [];
  let absent = 0;
  let unread = 0;
  for (const record of labels) {
    const path = record.SourceFile;
    if (!/^(image|video)\//.test(record['File:MIMEType'] ?? '')) continue;
    if (!library.exists(path)) { absent++; continue; }
    const row = library.row(path);
    if (!row) unread++;
    for (const [field, rule] of Object.entries(FIELDS)) {
      const truth = rule.truth(record);
      if (truth === null) continue;
      counts[field].n++;
      // A file that the program did not list has every value wrong, an unrated one's zero stars too.
      if (row && rule.equal(truth, rule.found(row), record)) { counts[field].equal++; continue; }
      const shown = row ? rule.found(row) : 'not in the report';
      misses.push({
        path, field, exiftool: show(truth), tintype: show(shown), source: field === 'date' ? row?.taken_source : '',
      });
    }
  }
  const sum = (key) => Object.values(counts).reduce((total, count) => total + count[key], 0);
  return {
    value: sum('n') === 0 ? NaN : sum('equal') / sum('n'),
    n: sum('n'),
    absent,
    unread,
    detail: Object.entries(counts).map(([field, c]) => `${field} ${c.equal}/${c.n}`).join(', '),
    misses,
  };
}

function usableDate(record) {
  for (const tag of DATE_TAGS) {
    const date = parseDate(record[tag]);
    if (date !== null) return date;
  }
  return null;
}

/** `YYYY-MM-DDTHH:MM:SS` of a tag's text, or null when it is no usable date. */
export function parseDate(text) {
  const match = /^\s*(\d{4})[:\-/](\d{2})[:\-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?/.exec(String(text ?? ''));
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map((digits) => Number(digits ?? 0));
  if (year < OLDEST_YEAR || year > new Date().getFullYear() + 1) return null;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return real ? date.toISOString().slice(0, 19) : null;
}

function usablePlace(record) {
  for (const group of ['Composite', 'XMP-exif']) {
    const [latitude, longitude] = [record[`${group}:GPSLatitude`], record[`${group}:GPSLongitude`]];
    if (typeof latitude === 'number' && typeof longitude === 'number'
      && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) return [latitude, longitude];
  }
  return null;
}

function usableOrientation(record) {
  for (const tag of ['IFD0:Orientation', 'XMP-tiff:Orientation']) {
    const value = record[tag];
    if (Number.isInteger(value) && value >= 1 && value <= 8) return value;
  }
  return null;
}

function usableRating(record) {
  for (const tag of ['XMP-xmp:Rating', 'IFD0:Rating']) {
    const value = record[tag];
    if (typeof value === 'number' && value >= -1 && value <= 5) return Math.round(value);
  }
  for (const tag of ['IFD0:RatingPercent', 'XMP-microsoft:RatingPercent']) {
    const value = record[tag];
    if (typeof value === 'number' && value >= 0 && value <= 100) {
      return PERCENT_STARS.find(([percent]) => value >= percent)?.[1] ?? 0;
    }
  }
  return null;
}

function usableCamera(record) {
  const parts = {};
  for (const [part, tag] of [['make', 'Make'], ['model', 'Model']]) {
    const text = ['IFD0', 'XMP-tiff'].map((group) => tidy(record[`${group}:${tag}`])).find((value) => value !== '');
    if (text !== undefined) parts[part] = text;
  }
  return Object.keys(parts).length > 0 ? parts : null;
}

function usableSize(record) {
  const sizes = [];
  for (const pattern of SIZE_GROUPS) {
    for (const tag of Object.keys(record)) {
      const [group, name] = tag.split(':');
      if (name !== 'ImageWidth' || !pattern.test(group)) continue;
      const size = [record[tag], record[`${group}:ImageHeight`]];
      if (size.every((side) => Number.isInteger(side) && side > 0)) sizes.push(size);
    }
  }
  const megapixels = record['Composite:Megapixels'];
  const size = megapixels > 0 ? sizes.find(([w, h]) => Math.abs((w * h) / 1e6 - megapixels) < 1e-9) : sizes[0];
  if (!size) return null;
  const quarterTurn = !turnsByOtherMeans(record) && usableOrientation(record) >= 5;
  return quarterTurn ? [size[1], size[0]] : size;
}

function turnsByOtherMeans(record) {
  return /^video\/|hei[cf]|avif/.test(record['File:MIMEType'] ?? '');
}

/** Text without padding, NULs and doubled blanks; numbers that ExifTool made of a model's name become text again. */
function tidy(value) {
  return value === null || value === undefined ? '' : String(value).replace(/\0/g, ' ').replace(/\s+/g, ' ').trim();
}

function show(value) {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
