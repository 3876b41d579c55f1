import { random } from './random.mjs';
import { found } from './models.mjs';

const CAMERAS = ['Canon EOS R6', 'FUJIFILM X-T4', 'NIKON Z 6', 'Apple iPhone 13', 'SONY ILCE-7M3', 'Canon EOS 5D Mark II', 'Google Pixel 7'];
const LENSES = ['RF24-105mm F4 L IS USM', 'XF35mmF2 R WR', 'NIKKOR Z 50mm f/1.8 S', 'iPhone 13 back camera 5.1mm f/1.6'];
const SHAPES = [[6000, 4000], [6000, 4000], [6000, 4000], [4032, 3024], [4032, 3024], [3024, 4032], [4000, 6000], [5472, 3648], [4000, 4000], [9000, 3000], [1080, 1920]];
const two = (n) => String(n).padStart(2, '0');
const hex = (n, length) => Math.floor(n).toString(16).padStart(length, '0');

/** A library that looks like one: years of uneven months, bursts, blurred frames, copies, broken files. */
export class Library {
  photos = [];
  byId = new Map();
  #sorted = new Map();

  constructor(count) {
    const r = random(42);
    const months = [];
    for (let year = 2004; year <= 2026; year++) for (let month = 1; month <= 12; month++) if (r() > 0.12 && !(year === 2026 && month > 6)) months.push({ year, month, weight: (0.1 + r() ** 3 * 4) * (1 + (year - 2004) / 6) * (month === 7 || month === 12 ? 2 : 1) });
    const weights = months.reduce((sum, month) => sum + month.weight, 0);
    let n = 0;
    for (const month of months) {
      const size = Math.round((count * month.weight) / weights);
      for (let i = 0; i < size && n < count; i++) this.#add(r, n++, month, i / size);
    }
    while (n < count) this.#add(r, n++, n % 3 ? { year: 2026, month: 6 } : null, 0.9);
  }

  #add(r, n, month, at) {
    const burst = r() < 0.25 && n > 0 && month;
    const previous = this.photos[n - 1];
    const [width, height] = burst ? [previous.width || 6000, previous.height || 4000] : SHAPES[Math.floor(r() * SHAPES.length)];
    const camera = r() < 0.05 ? null : CAMERAS[Math.floor(r() * CAMERAS.length)];
    const decodable = r() > 0.004;
    const isBlurry = decodable && r() < 0.09;
    const sharpness = decodable ? (isBlurry ? r() * 0.3 : 0.35 + r() * 0.65) : null;
    const format = decodable ? (r() < 0.93 ? 'jpeg' : ['png', 'webp', 'tiff'][Math.floor(r() * 3)]) : ['heic', 'mp4', 'cr2', 'jpeg'][Math.floor(r() * 4)];
    const day = month ? 1 + Math.floor(at * 27.9) : 0;
    const photo = {
      id: `${hex(n * 2654435761 % 4294967296, 8)}-0000-8000-8000-${hex(n, 12)}`,
      width: decodable || r() < 0.5 ? width : 0,
      height: 0,
      taken_at: month ? `${month.year}-${two(month.month)}-${two(day)}T${two(7 + Math.floor(r() * 14))}:${two(Math.floor(r() * 60))}:${two(Math.floor(r() * 60))}` : null,
      media: format === 'mp4' ? 'video' : 'photo',
      format,
      name: `IMG_${String((n % 9999) + 1).padStart(4, '0')}.${format === 'jpeg' ? 'jpg' : format}`,
      camera,
      rating: r() < 0.06 ? 1 + Math.floor(r() * 5) : null,
      flag: null,
      favorite: false,
      stack: 0,
      sharpness,
      quality: decodable ? Math.min(1, (sharpness ?? 0) * 0.5 + r() * 0.5) : null,
      is_blurry: decodable ? isBlurry : null,
      blur_kind: decodable ? (isBlurry ? (r() < 0.5 ? 'motion' : 'defocus') : r() < 0.02 ? 'low_detail' : 'sharp') : null,
      files: r() < 0.04 ? 2 : 1,
      picture_version: hex(n, 8),
      issues: decodable ? (r() < 0.003 ? 1 : 0) : 1,
      decodable,
      bytes: Math.round(1e6 + r() * 8e6),
    };
    photo.height = photo.width ? height : 0;
    photo.favorite = photo.rating === 5;
    // From numbers that are drawn anyway: the library stays the one it was.
    photo.flag = n % 41 === 3 ? 'pick' : n % 53 === 7 ? 'reject' : null;
    photo.stack = n % 29 === 5 ? 1 : 0;
    Object.defineProperty(photo, 'scene', { value: burst ? previous.scene : n, enumerable: false });
    Object.defineProperty(photo, 'made', { value: { rating: null, flag: null, title: null, caption: null, keywords: null, taken_at: null }, enumerable: false });
    Object.defineProperty(photo, 'shift', { value: burst ? (previous.shift ?? 0) + 1 : 0, enumerable: false });
    this.photos.push(photo);
    this.byId.set(photo.id, photo);
  }

  albums() {
    const created_at = '2026-03-01T10:00:00Z';
    return [
      { id: 'summer-2024', name: 'Summer 2024', source: { type: 'folder', path: '/photos/2024/summer' }, photos: this.#filtered({ album: 'summer-2024' }).length, created_at },
      { id: 'best', name: 'Sharp and well rated', source: { type: 'search', filter: { rating_min: 4, blurry: false } }, photos: this.#filtered({ album: 'best' }).length, created_at },
      { id: 'archive', name: 'Archive disk', source: { type: 'folder', path: '/media/archive' }, photos: this.#filtered({ album: 'archive' }).length, created_at },
    ];
  }

  #filtered(query) {
    const number = (name) => (query[name] === undefined ? null : Number(query[name]));
    const flag = (name) => (query[name] === undefined ? null : query[name] === 'true');
    const between = (value, min, max) => (min === null && max === null) || (value !== null && (min === null || value >= min) && (max === null || value <= max));
    const [qMin, qMax, sMin, sMax, rMin] = ['quality_min', 'quality_max', 'sharpness_min', 'sharpness_max', 'rating_min'].map(number);
    const rating = number('rating');
    const [blurry, issues, favorite] = ['blurry', 'has_issues', 'favorite'].map(flag);
    const { album } = query;
    return this.photos.filter(
      (p) =>
        (album !== 'summer-2024' || /^2024-0[678]/.test(p.taken_at ?? '')) &&
        (album !== 'best' || (p.rating >= 4 && p.is_blurry === false)) &&
        (album !== 'archive' || (p.taken_at ?? '9') < '2010') &&
        (query.taken === undefined || (query.taken === 'none' ? p.taken_at === null : p.taken_at?.startsWith(query.taken))) &&
        (!query.from || (p.taken_at ?? '') >= query.from) &&
        (!query.to || (p.taken_at ?? 'z').slice(0, 10) <= query.to) &&
        (!query.camera || p.camera === query.camera) &&
        (!query.format || p.format === query.format) &&
        (!query.media || p.media === query.media) &&
        (!query.name || p.name.toLowerCase().includes(query.name.toLowerCase())) &&
        between(p.quality, qMin, qMax) &&
        between(p.sharpness, sMin, sMax) &&
        (rMin === null || (p.rating ?? 0) >= rMin) &&
        (rating === null || (p.rating ?? 0) === rating) &&
        (favorite === null || p.favorite === favorite) &&
        (!query.flag || (p.flag ?? 'none') === query.flag) &&
        (!query.keyword || this.keywords(p).includes(query.keyword)) &&
        (blurry === null || p.is_blurry === blurry) &&
        (issues === null || p.issues > 0 === issues),
    );
  }

  keywords(photo) {
    return photo.made.keywords ?? (photo.scene % 3 === 0 ? ['mountains', 'family', 'evening'] : []);
  }

  /** Lists are made anew after photos changed, came or went. */
  changed() {
    this.#sorted.clear();
  }

  remove(ids) {
    const gone = new Set(ids);
    this.photos = this.photos.filter((photo) => !gone.has(photo.id));
    for (const id of ids) this.byId.delete(id);
    this.changed();
  }

  insert(photo) {
    if (this.byId.has(photo.id)) return;
    this.photos.push(photo);
    this.byId.set(photo.id, photo);
    this.changed();
  }

  list({ cursor, limit = '100', ...query }) {
    const key = JSON.stringify(query);
    let all = this.#sorted.get(key);
    if (!all) {
      const { sort = 'taken_at', order = 'desc' } = query;
      const value = (p) => ({ taken_at: p.taken_at, sharpness: p.sharpness, quality: p.quality, name: p.name, size: p.bytes, added_at: p.id })[sort];
      const sign = order === 'asc' ? 1 : -1;
      all = this.#filtered(query).sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        if (x === null || y === null) return (x === null) - (y === null);
        return x < y ? -sign : x > y ? sign : 0;
      });
      if (this.#sorted.size > 30) this.#sorted.clear();
      this.#sorted.set(key, all);
    }
    const start = Number(cursor ?? 0);
    const end = Math.min(all.length, start + Number(limit));
    return { items: all.slice(start, end), next_cursor: end < all.length ? String(end) : null, ...(cursor === undefined ? { total: all.length } : {}) };
  }

  timeline(query) {
    const counts = new Map();
    const length = query.granularity === 'day' ? 10 : 7;
    const photos = this.#filtered(query);
    for (const photo of photos) {
      const key = photo.taken_at?.slice(0, length) ?? '';
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return { items: [...counts].map(([key, count]) => ({ key, count })).sort((a, b) => (a.key < b.key ? 1 : -1)), total: photos.length };
  }

  facets() {
    const of = (get) => {
      const counts = new Map();
      for (const photo of this.photos) if (get(photo)) counts.set(get(photo), (counts.get(get(photo)) ?? 0) + 1);
      return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
    };
    return { cameras: of((p) => p.camera), lenses: LENSES.map((value) => ({ value, count: 100 })), formats: of((p) => p.format), years: of((p) => p.taken_at?.slice(0, 4)) };
  }

  path(photo, copy = 0) {
    const folder = photo.taken_at ? photo.taken_at.slice(0, 7).replace('-', '/') : 'undated';
    return `${copy ? '/media/archive/backup' : '/photos'}/${folder}/${photo.name}`;
  }

  detail(photo) {
    const r = random(photo.scene + 5);
    const hash = (seed) => {
      const next = random(seed);
      return Array.from({ length: 8 }, () => hex(next() * 4294967296, 8)).join('');
    };
    const at = this.photos.indexOf(photo);
    return {
      ...photo,
      annotations: photo.made,
      caption: this.caption(photo),
      companions: photo.stack > 0 ? [{ ...this.photos[at + 1 < this.photos.length ? at + 1 : 0], name: photo.name.replace(/\.\w+$/, '.CR3'), format: 'cr3' }] : [],
      content_hash: hash(photo.scene),
      pixel_hash: hash(photo.scene + 1),
      decoder: photo.decodable ? 'libjpeg-turbo 3.1' : null,
      metadata: {
        media: photo.media,
        width: photo.width,
        height: photo.height,
        orientation: 1,
        ...(photo.taken_at ? { taken_at: { local: photo.taken_at, offset_minutes: 120, source: 'Exif.DateTimeOriginal' } } : {}),
        ...(photo.camera ? { make: photo.camera.split(' ')[0], model: photo.camera.split(' ').slice(1).join(' '), lens: LENSES[Math.floor(r() * 4)], exposure_secs: 1 / [60, 125, 250, 500, 1000][Math.floor(r() * 5)], f_number: [1.8, 2.8, 4, 5.6, 8][Math.floor(r() * 5)], iso: [100, 200, 400, 800, 3200][Math.floor(r() * 5)], focal_length_mm: [24, 35, 50, 85, 200][Math.floor(r() * 5)], flash_fired: false } : {}),
        ...(r() < 0.4 ? { gps: { latitude: 45 + r() * 5, longitude: 6 + r() * 8, altitude: r() * 1800 } } : {}),
        ...(photo.rating ? { rating: photo.rating } : {}),
        keywords: photo.made.keywords ? null : this.keywords(photo),
        ...(photo.scene % 5 === 0 ? { title: 'Above the clouds' } : {}),
        sources: { rating: 'XMP.xmp:Rating', taken_at: 'Exif.DateTimeOriginal', make: 'Exif.Make', model: 'Exif.Model', lens: 'Exif.LensModel', gps: 'Exif.GPSInfo', title: 'XMP.dc:title', keywords: 'Sidecar.dc:subject' },
      },
      files: Array.from({ length: photo.files }, (_, i) => ({ path: this.path(photo, i), size: photo.bytes, modified_at: '2025-02-03T08:15:00Z', present: true, online: i === 0 })),
      issue_list: photo.issues > 0 ? [photo.decodable ? { stage: 'metadata', code: 'METADATA_DAMAGED', detail: 'IFD1 points outside the file', help: 'Part of the metadata is damaged; the rest was read.' } : { stage: 'decode', code: photo.format === 'jpeg' ? 'TRUNCATED_IMAGE' : 'NOT_DECODABLE', detail: photo.format === 'jpeg' ? 'Premature end of JPEG data after 12,288 bytes' : `No decoder for ${photo.format}`, help: photo.format === 'jpeg' ? 'The file ends early; what could be read is shown.' : 'The format is recognised, but its pixels cannot be decoded yet.' }] : [],
    };
  }

  /** The caption that is shown. */
  caption(photo) {
    if (photo.made.caption) return { text: photo.made.caption, by: 'person', producer: null };
    const computed = this.features(photo).find(({ kind }) => kind === 'caption');
    return computed ? { text: computed.value.text, by: 'composed', producer: computed.producer } : null;
  }

  features(photo) {
    if (!photo.decodable) return [];
    const r = random(photo.scene + 9);
    const computed_at = '2026-11-20T09:30:12Z';
    const s = photo.sharpness;
    return [
      { kind: 'blur', producer: 'tile_laplacian@1', params: '', value: { laplacian_variance: 40 + s * 900, fft_hf_ratio: 0.05 + s * 0.3, tile_sharpness: 80 + s * 4200, sharpness: s, is_blurry: photo.is_blurry, confidence: 0.6 + r() * 0.4, kind: photo.blur_kind }, computed_at, bytes: 188 },
      { kind: 'iqa', producer: 'rule_based@1', params: '', value: { score: photo.quality, sharpness: s, exposure: r(), contrast: r(), colourfulness: r(), noise: 0.5 + r() / 2 }, computed_at, bytes: 132 },
      { kind: 'perceptual_hash', producer: 'dct8@1', params: '', value: { bytes: 64 }, computed_at, bytes: 64 },
      { kind: 'scene_embedding', producer: 'layout_gradient@1', params: '{"grid":4}', value: { dimension: 336, first: Array.from({ length: 8 }, () => r() * 0.2) }, computed_at, bytes: 1344 },
      { kind: 'keypoints', producer: 'mirror_closed@1', params: '', value: { bytes: 4812 }, computed_at, bytes: 4812 },
      ...found(photo, computed_at),
    ];
  }

  duplicates({ tier = 'bytes', cursor, limit = '40' }, resolved = new Set()) {
    const all = { bytes: 212, picture: 148, moment: 931 };
    if (this.photos.length === 0) return { items: [], next_cursor: null, totals: { bytes: 0, picture: 0, moment: 0 }, stale: false };
    const start = Number(cursor ?? 0);
    const end = Math.min(all[tier], start + Number(limit));
    const why = { bytes: 'Same bytes; the copy in the folder that is indexed first is kept.', picture: 'Largest picture (24.0 MP against 1.5 MP) with complete metadata.', moment: 'Sharpest of the burst (0.91 against 0.78) and best exposed.' }[tier];
    const items = [];
    for (let i = start; i < end; i++) {
      const first = (i * 397 + 11) % (this.photos.length - 12);
      const size = 2 + (i % (tier === 'moment' ? 7 : 3));
      const base = this.photos.slice(first).find((p) => p.decodable);
      const photos = Array.from({ length: size }, (_, k) => {
        const p = tier === 'moment' ? this.photos[this.photos.indexOf(base) + k] : base;
        const small = tier === 'picture' && k > 0;
        return { ...p, path: this.path(p, k), ...(small ? { width: p.width / 4, height: p.height / 4, bytes: Math.round(p.bytes / 9), id: this.photos[this.photos.indexOf(base) + k].id } : {}) };
      });
      if (!resolved.has(photos[0].path)) items.push({ id: `${tier}-${i}`, tier, keep: base.id, why, photos });
    }
    return { items, next_cursor: end < all[tier] ? String(end) : null, totals: all, stale: tier === 'moment' };
  }

  issues(n) {
    const codes = [['decode', 'TRUNCATED_IMAGE', 'Premature end of JPEG data'], ['identify', 'INVALID_IMAGE', 'Not a picture: the first bytes are zero'], ['read', 'FILE_UNREADABLE', 'Permission denied'], ['decode', 'IMAGE_TOO_LARGE', '60000 × 60000 exceeds the limit of 1 gigapixel']];
    return Array.from({ length: n }, (_, i) => ({ path: `/photos/2019/0${1 + (i % 9)}/broken_${i}${i === 2 ? '\nnewline' : ''}.jpg`, stage: codes[i % 4][0], code: codes[i % 4][1], detail: codes[i % 4][2] }));
  }

  steps() {
    const step = (id, scope, makes, available = true, reason) => ({ id, version: 1, help: "Drawn by the mock.", scope, makes, needs: [], parameters: [], available, ...(reason ? { reason } : {}) });
    return { items: [step('hash', 'photo', ['content_hash']), step('read_metadata', 'photo', ['metadata']), step('thumbnail', 'photo', ['thumbnail']), step('perceptual_hash', 'photo', ['perceptual_hash']), step('detect_blur', 'photo', ['blur']), step('score_iqa', 'photo', ['iqa']), step('extract_scene_embedding', 'photo', ['scene_embedding']), step('group_duplicates', 'collection', ['duplicates']), step('detect_faces', 'photo', ['faces'], false, 'its model is not installed; get it with: tintype models pull yunet')], presets: { full: null, minimal: ['hash'] } };
  }

  stats() {
    const n = this.photos.length;
    const rows = [['blur', 'tile_laplacian@1', 188], ['iqa', 'rule_based@1', 132], ['perceptual_hash', 'dct8@1', 64], ['scene_embedding', 'layout_gradient@1', 1344], ['keypoints', 'mirror_closed@1', 4812]];
    return {
      entries: n * 5,
      bytes: n * 6540,
      by_key: rows.map(([kind, producer, size]) => ({ kind, producer, params: kind === 'scene_embedding' ? '{"grid":4}' : '', entries: n, bytes: n * size })),
      memory: { entries: Math.round(n / 3), bytes: 48e6, hits: 91_204, misses: 8120, hit_rate: 0.918 },
      photos: n,
      files: Math.round(n * 1.04),
      subjects: n,
      duplicate_files: Math.round(n * 0.04),
      database_bytes: n * 2610,
      blobs: { count: n, bytes: n * 4812 },
      coverage: rows.map(([kind, producer], i) => ({ kind, producer, have: Math.round(n * [1, 1, 1, 0.874, 0.42][i]), total: n })),
    };
  }
}
