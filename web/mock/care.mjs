/** The parts of the mock that change something: marks, dates, trash, import, roots, backups. */

const two = (n) => String(n).padStart(2, '0');
const LOCKED = { state: 'failed', code: 'FILE_READ_ONLY', detail: 'The file is read-only; the rating is kept in the library.' };

export class Care {
  roots = [
    { id: 1, path: '/photos', online: true, photos: 88_120, write_mode: 'file' },
    { id: 2, path: '/media/archive', online: false, photos: 11_880, write_mode: 'database' },
  ];
  backups = [
    { name: '2026-11-25T030000Z-daily.db', created_at: '2026-11-25T03:00:00Z', bytes: 264e6, schema: 7, photos: 99_640 },
    { name: '2026-11-01T120500Z-before-rebuild.db', created_at: '2026-11-01T12:05:00Z', bytes: 251e6, schema: 6, photos: 96_002 },
  ];
  trash = [];
  resolved = new Set();
  #library;
  #operations;
  #entries = 0;
  #fresh;

  constructor(library, operations, { empty, fresh }) {
    this.#library = library;
    this.#operations = operations;
    this.#fresh = fresh;
    if (empty) this.roots = this.backups = [];
    if (!fresh) {
      // Something to see from the start, as after a first look at the duplicates.
      library.photos.filter((photo) => photo.decodable).slice(40, 52).forEach((photo, i) => this.#toTrash(photo, i % 3 === 0 ? null : 'Same bytes as the kept file', i % 3 === 0 ? null : library.path(photo, 0)));
      // Cut off halfway, with the rest still to do.
      const cut = operations.startItems('edit_date', 'Shift 320 dates by +2 h', library.photos.slice(600, 920).map((photo) => ({ path: library.path(photo), photo })), { undo: () => null });
      Object.assign(cut, { state: 'interrupted', resumable: true, done: 180, failed: 1 });
      cut.work.list.slice(0, 180).forEach((item) => (item.state = 'done'));
      Object.assign(cut.work.list[7], { state: 'failed', code: 'FILE_CHANGED', detail: 'Another program changed the file while it was being written; it was left alone.' });
      const labels = ['Rate 240 photos', 'Move 12 photos to the trash'];
      for (const [i, label] of labels.entries()) {
        const photos = library.photos.slice(100 + i * 300, 100 + i * 300 + (i ? 12 : 240));
        operations.startItems(i ? 'trash' : 'rate', label, photos.map((photo) => ({ path: library.path(photo), photo })), { apply: ({ photo }, again) => (!again && photo.issues + (photo.stack && !i) > 0 ? LOCKED : photo.files > 1 ? { state: 'skipped', detail: 'The file has this rating already.' } : null), undo: () => null, speed: 1000 });
      }
    }
  }

  #mark(photo) {
    const failed = photo.issues > 0 && !this.#fresh;
    return { id: photo.id, rating: photo.rating, flag: photo.flag, favorite: photo.favorite, title: photo.made.title, caption: this.#library.caption(photo), keywords: this.#library.keywords(photo), write: failed ? 'failed' : photo.format === 'jpeg' ? 'file' : 'sidecar', detail: failed ? LOCKED.detail : null };
  }

  #set(photo, { rating, flag, favorite, title, caption, keywords }) {
    if (favorite !== undefined) rating = favorite ? 5 : 0;
    if (rating !== undefined) Object.assign(photo, { rating, favorite: rating === 5 });
    if (rating !== undefined) photo.made.rating = rating;
    if (flag !== undefined) photo.flag = photo.made.flag = flag;
    if (title !== undefined) photo.made.title = title;
    if (caption !== undefined) photo.made.caption = caption;
    if (keywords !== undefined) photo.made.keywords = keywords;
  }

  change(photo, fields) {
    this.#set(photo, fields);
    this.#library.changed();
    return this.#mark(photo);
  }

  #photos(ids) {
    return ids.map((id) => this.#library.byId.get(id)).filter(Boolean);
  }

  #itemsOf(photos) {
    return photos.map((photo) => ({ path: this.#library.path(photo), photo, before: { rating: photo.rating, flag: photo.flag, taken_at: photo.taken_at } }));
  }

  bulk({ photo_ids, ...fields }) {
    const what = fields.favorite !== undefined ? (fields.favorite ? 'Favourite' : 'No favourite:') : fields.flag !== undefined ? 'Flag' : 'Rate';
    const items = this.#itemsOf(this.#photos(photo_ids));
    return this.#operations.startItems('rate', `${what} ${items.length} photos`, items, {
      apply: ({ photo }, again) => {
        if (photo.issues > 0 && !again && !this.#fresh) return LOCKED;
        this.change(photo, fields);
        return null;
      },
      undo: ({ photo, before }) => void this.change(photo, { rating: before.rating, flag: before.flag }) ?? null,
    });
  }

  #newDate(photo, { mode, taken_at, shift_secs, offset_minutes }) {
    if (mode === 'set') return { to: taken_at };
    if (mode === 'from_name') {
      const digits = /(\d{4})(\d{2})(\d{2})/.exec(photo.name);
      return digits ? { to: `${digits[1]}-${digits[2]}-${digits[3]}T00:00:00` } : { to: null, problem: 'The name holds no date' };
    }
    if (!photo.taken_at) return { to: null, problem: 'It has no date that could be moved' };
    if (mode === 'time_zone') return { to: photo.taken_at, offset_minutes };
    const moved = new Date(Date.parse(`${photo.taken_at}Z`) + shift_secs * 1000);
    return { to: moved.toISOString().slice(0, 19) };
  }

  editDate({ photo_ids, album_id, dry_run, ...edit }) {
    const photos = photo_ids ? this.#photos(photo_ids) : this.#library.list({ album: album_id, limit: '5000' }).items;
    const changes = photos.map((photo) => ({ photo_id: photo.id, name: photo.name, from: photo.taken_at, offset_minutes: 120, problem: null, ...this.#newDate(photo, edit) }));
    if (dry_run) {
      const problems = changes.filter((change) => change.problem).length;
      const unchanged = changes.filter((change) => !change.problem && change.from === change.to && edit.mode !== 'time_zone').length;
      return { items: changes.slice(0, 200), total: changes.length, changed: changes.length - problems - unchanged, unchanged, problems };
    }
    const items = this.#itemsOf(photos).map((item, i) => ({ ...item, change: changes[i] }));
    const setDate = (photo, taken_at) => {
      photo.taken_at = taken_at;
      photo.made.taken_at = taken_at;
      this.#library.changed();
    };
    return this.#operations.startItems('edit_date', `Dates of ${items.length} photos`, items, {
      apply: ({ photo, change }) => (change.problem ? { state: 'failed', code: 'NO_DATE', detail: change.problem } : void setDate(photo, change.to) ?? null),
      undo: ({ photo, before }) => void setDate(photo, before.taken_at) ?? null,
    });
  }

  #toTrash(photo, reason, kept_path) {
    this.trash.unshift({ id: `trash-${++this.#entries}`, photo_id: photo.id, name: photo.name, path: this.#library.path(photo, kept_path ? 1 : 0), bytes: photo.bytes, trashed_at: new Date(Date.now() - this.#entries * 5_400_000).toISOString(), reason, kept_path });
    Object.defineProperty(this.trash[0], 'photo', { value: photo, enumerable: false });
  }

  #back(entry) {
    this.trash = this.trash.filter((other) => other !== entry);
    if (!entry.kept_path) this.#library.insert(entry.photo);
  }

  moveToTrash({ photo_ids, reason = null }) {
    const items = this.#itemsOf(this.#photos(photo_ids));
    return this.#operations.startItems('trash', `Move ${items.length} photos to the trash`, items, {
      apply: ({ photo }) => {
        this.#toTrash(photo, reason, null);
        this.#library.remove([photo.id]);
        return null;
      },
      undo: ({ photo }) => void this.#back(this.trash.find((entry) => entry.photo_id === photo.id)) ?? null,
    });
  }

  listTrash({ cursor = '0', limit = '200' }) {
    const end = Number(cursor) + Number(limit);
    return { items: this.trash.slice(Number(cursor), end), next_cursor: end < this.trash.length ? String(end) : null, total: this.trash.length, total_bytes: this.trash.reduce((sum, entry) => sum + entry.bytes, 0) };
  }

  fromTrash(verb, { ids, all, older_than_days }) {
    const old = (entry) => older_than_days === undefined || Date.now() - Date.parse(entry.trashed_at) > older_than_days * 86_400_000;
    const entries = this.trash.filter((entry) => (all || !ids || ids.includes(entry.id)) && old(entry));
    const label = verb === 'restore' ? `Put ${entries.length} files back` : `Delete ${entries.length} files for good`;
    return this.#operations.startItems(verb, label, entries.map((entry) => ({ path: entry.path, entry })), {
      apply: ({ entry }) => {
        if (verb === 'restore') this.#back(entry);
        else this.trash = this.trash.filter((other) => other !== entry);
        return null;
      },
    });
  }

  resolve({ groups }) {
    for (const path of groups.flatMap((group) => [...group.keep, ...group.remove])) this.resolved.add(path);
    const paths = groups.flatMap((group) => group.remove.map((path) => ({ path, kept: group.keep[0] })));
    return this.#operations.startItems('trash', `Move ${paths.length} duplicates to the trash`, paths, {
      apply: ({ path, kept }) => void this.#toTrash(this.#library.photos.find((photo) => path.endsWith(photo.name)), 'Same picture as the kept file', kept) ?? null,
      undo: ({ path }) => void (this.trash = this.trash.filter((entry) => entry.path !== path)) ?? null,
    });
  }

  import({ sources, into, template = '{yyyy}/{mm}', mode = 'copy', dry_run }) {
    const items = Array.from({ length: 260 }, (_, i) => {
      const path = `${sources[i % sources.length].replace(/\/$/, '')}/DCIM/100CANON/IMG_${8100 + i}.${i % 97 === 96 ? 'THM' : 'JPG'}`;
      const day = new Date(Date.UTC(2026, 10, 1 + Math.floor(i / 20)));
      const folder = template.replaceAll('{yyyy}', day.getUTCFullYear()).replaceAll('{mm}', two(day.getUTCMonth() + 1)).replaceAll('{dd}', two(day.getUTCDate()));
      const state = i % 97 === 96 ? 'rejected' : i % 7 === 0 ? 'known' : 'new';
      return { path, target: state === 'new' ? `${into}/${folder}/${path.split('/').at(-1)}` : null, state, detail: { rejected: 'Not a picture: the first bytes are zero', known: `The library holds it as /photos/2026/11/IMG_${8100 + i}.JPG`, new: null }[state] };
    });
    const of = (state) => items.filter((item) => item.state === state).length;
    if (dry_run) return { items: items.slice(0, 200), total: items.length, new: of('new'), known: of('known'), rejected: of('rejected'), bytes: of('new') * 6.4e6 };
    return this.#operations.startItems('import', `Import ${sources.join(', ')} into ${into}`, items, {
      speed: 12,
      apply: (item) => ({ new: { target: item.target }, known: { state: 'skipped', code: 'ALREADY_KNOWN', detail: item.detail }, rejected: { state: 'failed', code: 'INVALID_IMAGE', detail: item.detail } })[item.state],
      result: (list) => ({ imported: list.filter((item) => item.state === 'done').length, known: of('known'), rejected: of('rejected'), mode, bytes: of('new') * 6.4e6 }),
    });
  }

  backup() {
    const created_at = new Date().toISOString();
    this.backups.unshift({ name: `${created_at.slice(0, 19).replaceAll(':', '')}Z-asked.db`, created_at, bytes: 265e6, schema: 7, photos: this.#library.photos.length });
    return this.backups[0];
  }

  verify() {
    const items = this.#itemsOf(this.#library.photos.slice(0, 1200));
    const outcome = ({ photo }) => (photo.issues > 0 ? { state: 'failed', code: 'FILE_ROTTEN', detail: 'Its bytes changed although its time did not' } : null);
    return this.#operations.startItems('verify', 'Verify the library', items, { apply: outcome, result: (list) => ({ ok: list.filter((item) => item.state === 'done').length, changed: 3, missing: 1, rotten: list.filter((item) => item.state === 'failed').length, extra: 2, unreachable: 0 }), speed: 120 });
  }
}
