/** Searching the drawn library: a small part of the language, enough to look at the page. */

const FIELDS = { 'rating:': 'stars, for example rating:>=4', 'type:': 'the kind of file, for example type:raw', 'camera:': 'the camera, for example camera:x-t4', 'date:': 'when it was taken, for example date:2024-06..2024-08', 'tag:': 'a keyword, or what was found in the picture', 'flag:': 'picked or rejected' };
const TERM = /-?(?:\w+:)?(?:"[^"]*"?|\S+)/g;
const round = (n) => Math.round(n * 100) / 100;

/** The terms of a text, with their places in it. */
function terms(text) {
  return [...text.matchAll(TERM)].map((match) => {
    const negated = match[0].startsWith('-') && match[0].length > 1;
    const bare = negated ? match[0].slice(1) : match[0];
    const [, field = '', value] = /^(?:(\w+):)?"?([^"]*)"?$/.exec(bare) ?? [null, '', bare];
    const known = `${field}:` in FIELDS;
    const without = (text.slice(0, match.index) + text.slice(match.index + match[0].length)).replaceAll(/\s+/g, ' ').trim();
    return { field: known ? field : '', value: value.toLowerCase(), negated, chip: { kind: known ? field : bare.startsWith('"') ? 'phrase' : 'word', text: bare, start: match.index, end: match.index + match[0].length, negated, without } };
  });
}

export class Search {
  #library;

  constructor(library) {
    this.#library = library;
  }

  /** Why a photo meets a term; null when it does not. */
  #why(photo, { field, value }) {
    const reason = (kind, text, confidence) => ({ kind, text, confidence });
    if (field === 'rating') {
      const [, sign, number] = /^(>=|<=|>|<)?(\d)$/.exec(value) ?? [];
      const rating = photo.rating ?? 0;
      const meets = { '>=': rating >= number, '<=': rating <= number, '>': rating > number, '<': rating < number }[sign ?? ''] ?? rating === Number(number);
      return meets ? reason('rating', `rating: ${rating}`, 1) : null;
    }
    if (field === 'type') return photo.format === value || (value === 'video' && photo.media === 'video') ? reason('type', `type: ${photo.format}`, 1) : null;
    if (field === 'flag') return (photo.flag ?? 'none') === value ? reason('flag', `flag: ${value}`, 1) : null;
    if (field === 'date') return photo.taken_at?.startsWith(value) ? reason('date', `date: ${photo.taken_at.slice(0, 10)}`, 1) : null;
    if (field !== 'tag' && photo.camera?.toLowerCase().includes(value)) return reason('camera', `camera: ${photo.camera}`, 0.8);
    if (field === 'camera') return null;
    const keyword = this.#library.keywords(photo).find((word) => word.startsWith(value.replace('*', '')));
    if (keyword) return reason('tag', `tag: ${keyword} ${(0.3 + (photo.scene % 60) / 100).toFixed(2)}`, 0.3 + (photo.scene % 60) / 100);
    if (field !== 'tag' && photo.name.toLowerCase().includes(value)) return reason('name', `name matches: ${photo.name}`, 0.67);
    return null;
  }

  find({ text = '', photo_id: like, limit = 100, cursor }) {
    const asked = terms(text);
    let hits = like ? this.similar(like, 400) : this.#library.photos.map((photo) => ({ photo, score: 1, good: true, reasons: [] }));
    for (const term of asked) {
      hits = hits.flatMap((hit) => {
        const why = this.#why(hit.photo, term);
        if (term.negated) return why ? [] : [hit];
        return why ? [{ ...hit, score: round(hit.score * why.confidence), reasons: [...hit.reasons, why] }] : [];
      });
    }
    hits = hits.map((hit) => ({ ...hit, good: hit.score >= 0.35 })).sort((a, b) => b.score - a.score);
    const start = Number(cursor ?? 0);
    const end = start + limit;
    return {
      items: hits.slice(start, end),
      next_cursor: end < hits.length ? String(end) : null,
      total: hits.length,
      total_is_exact: true,
      query: text,
      chips: asked.map((term) => term.chip),
      warnings: asked.filter((term) => term.field === 'rating' && !/^(>=|<=|>|<)?\d$/.test(term.value)).map((term) => `${term.chip.text} was taken as words: rating takes numbers, for example rating:>=4`),
      relaxed: false,
      no_good_match: hits.length > 0 && !hits.some((hit) => hit.good),
      waiting: 0,
    };
  }

  similar(id, limit = 100) {
    const { photos, byId } = this.#library;
    const at = photos.indexOf(byId.get(id));
    return photos
      .slice(Math.max(0, at - limit), at + limit + 1)
      .filter((photo) => photo.id !== id && photo.decodable)
      .map((photo) => {
        const score = round(0.98 / (1 + Math.abs(photos.indexOf(photo) - at) * 0.08));
        return { photo, score, good: score >= 0.35, reasons: [{ kind: 'looks_like', text: `looks like it ${score.toFixed(2)}`, confidence: score }] };
      })
      .sort((a, b) => b.score - a.score)
      .slice(0, limit);
  }

  suggest({ text = '', limit = '10' }) {
    const start = /\S*$/.exec(text).index;
    const last = text.slice(start).replace(/^-/, '').toLowerCase();
    const sign = text[start] === '-' ? '-' : '';
    if (last === '') return { items: [] };
    const fields = Object.entries(FIELDS).filter(([name]) => name.startsWith(last)).map(([name, help]) => ({ text: sign + name, label: name, kind: 'field', photos: null, help, start }));
    const value = last.replace(/^(tag|camera):/, '');
    const counts = new Map();
    for (const photo of this.#library.photos.slice(0, 5000)) {
      for (const word of this.#library.keywords(photo)) counts.set(`tag:${word}`, (counts.get(`tag:${word}`) ?? 0) + 1);
      if (photo.camera) counts.set(`camera:"${photo.camera}"`, (counts.get(`camera:"${photo.camera}"`) ?? 0) + 1);
    }
    const words = [...counts].flatMap(([term, photos]) => {
      const [kind, label] = [term.slice(0, term.indexOf(':')), term.slice(term.indexOf(':') + 1).replaceAll('"', '')];
      const begins = label.toLowerCase().split(/[ -]/).some((word) => word.startsWith(value)) && (last === value || last.startsWith(kind));
      return begins ? [{ text: sign + term, label, kind, photos, help: null, start }] : [];
    });
    return { items: [...fields, ...words].slice(0, Number(limit)) };
  }
}
