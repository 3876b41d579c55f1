/** Operations that make progress by themselves, a past one, and one that was interrupted. */
export class Operations {
  #items = [];
  #followers = new Set();
  #counter = 0;

  constructor(empty) {
    if (empty) return;
    const hour = 3_600_000;
    this.#add({ kind: 'index', label: 'Index /photos', state: 'completed', phase: '', total: 100_000, done: 100_000, computed: 598_200, cached: 1800, opened: 99_812, issues: 23, bytes_read: 412e9, age: 30 * hour, took: 2.1 * hour });
    this.#add({ kind: 'index', label: 'Index /photos', state: 'completed', phase: '', total: 100_000, done: 100_000, computed: 0, cached: 600_000, opened: 0, issues: 23, bytes_read: 0, age: 5 * hour, took: 1400, step_ms: {}, result: { photos: 100_000, skipped_steps: [{ step: 'extract_tags', reason: 'its model is not installed; get it with: tintype models pull mobilenet-v2 yolox-nano' }, { step: 'caption', reason: 'it needs extract_tags, which is skipped' }] } });
    this.#add({ kind: 'analyze', label: 'Analyse Summer 2024', state: 'failed', phase: 'grouping', total: 5200, done: 3100, computed: 900, cached: 17_000, opened: 150, issues: 0, bytes_read: 0.4e9, age: 4 * hour, took: 61_000, error: { code: 'STORAGE_FULL', detail: 'No space left on the device while writing previews.' }, resumable: true });
    this.#add({ kind: 'index', label: 'Index /media/archive', state: 'interrupted', phase: 'reading', total: 24_310, done: 9800, computed: 58_700, cached: 100, opened: 9790, issues: 4, bytes_read: 38e9, rate: 41, age: 2 * hour, took: 240_000, resumable: true });
    setInterval(() => this.#tick(), 250).unref();
  }

  #add({ age = 0, took = null, ...fields }) {
    const created = Date.now() - age;
    const operation = {
      id: `0190f000-0000-7000-8000-${String(++this.#counter).padStart(12, '0')}`,
      created_at: new Date(created).toISOString(),
      started_at: new Date(created + 20).toISOString(),
      finished_at: took === null ? null : new Date(created + took).toISOString(),
      rate: 0,
      eta_secs: null,
      step_ms: { decode: 412_000, thumbnail: 388_000, hash: 120_000, detect_blur: 96_000, score_iqa: 41_000, perceptual_hash: 9_000, extract_scene_embedding: 22_000, read_metadata: 18_000 },
      error: null,
      result: null,
      resumable: false,
      failed: 0,
      undoable: false,
      retryable: false,
      ...fields,
    };
    this.#items.unshift(operation);
    return operation;
  }

  list() {
    return this.#items;
  }

  find(id) {
    return this.#items.find((operation) => operation.id === id);
  }

  /** `stride` is the work done in a quarter of a second; `ended` answers the result. */
  start(kind, label, total, { stride = 32, ended = null } = {}) {
    const operation = this.#add({ kind, label, state: 'running', phase: 'scanning', total: 0, done: 0, computed: 0, cached: 0, opened: 0, issues: 0, bytes_read: 0, step_ms: {} });
    operation.target = total;
    Object.defineProperty(operation, 'pace', { value: { stride, ended }, enumerable: false });
    if (this.#counter === 1) setInterval(() => this.#tick(), 250).unref();
    this.#tell('progress', operation);
    return operation;
  }

  /** Works off a list: `apply` does one item and may answer `{state, code, detail, target}`; `undo` makes the list that takes it back. */
  startItems(kind, label, items, { apply = () => null, undo = null, result = null, speed = 40 } = {}) {
    const operation = this.#add({ kind, label, state: 'running', phase: '', total: items.length, done: 0, computed: 0, cached: 0, opened: 0, issues: 0, bytes_read: 0, step_ms: {} });
    const list = items.map((item, position) => ({ position, state: 'pending', path: item.path, target: item.target ?? null, code: null, detail: null }));
    // Not part of the record that is sent.
    Object.defineProperty(operation, 'work', { value: { items, list, apply, undo, result, speed }, enumerable: false });
    if (this.#counter === 1) setInterval(() => this.#tick(), 250).unref();
    this.#tell('progress', operation);
    return operation;
  }

  items(operation, state) {
    const list = operation.work?.list ?? [];
    return state ? list.filter((item) => item.state === state) : list;
  }

  undo(operation) {
    if (!operation.undoable) return null;
    operation.undoable = false;
    this.#tell('done', operation);
    const { items, list, undo } = operation.work;
    const done = items.filter((_, i) => list[i].state === 'done');
    return this.startItems(operation.kind, `Undo: ${operation.label}`, done, { apply: undo });
  }

  retry(operation, positions) {
    const failed = this.items(operation, 'failed').filter((item) => !positions || positions.includes(item.position));
    if (failed.length === 0) return null;
    // What a person has put right in the meantime succeeds now.
    for (const item of failed) Object.assign(item, { state: 'pending', code: null, detail: null, again: true });
    Object.assign(operation, { state: 'running', failed: operation.failed - failed.length, done: operation.done - failed.length, retryable: false, finished_at: null });
    this.#tell('progress', operation);
    return operation;
  }

  #workOff(operation) {
    const { items, list, apply, undo, result, speed } = operation.work;
    for (const item of list.filter((candidate) => candidate.state === 'pending').slice(0, speed)) {
      const outcome = item.again ? apply(items[item.position], true) : apply(items[item.position], false);
      Object.assign(item, { state: 'done', ...outcome });
      delete item.again;
      operation.done++;
      if (item.state === 'failed') operation.failed++;
    }
    operation.rate = 160;
    operation.eta_secs = (operation.total - operation.done) / 160;
    if (operation.done >= operation.total)
      Object.assign(operation, { state: 'completed', finished_at: new Date().toISOString(), eta_secs: null, rate: 0, undoable: undo !== null, retryable: operation.failed > 0, result: result ? result(list) : null });
  }

  control(operation, verb) {
    const { state } = operation;
    const allowed = { pause: ['running', 'pending'], cancel: ['running', 'pending', 'paused', 'interrupted', 'failed'], resume: ['paused', 'interrupted', 'failed'] };
    if (!allowed[verb]?.includes(state)) return null;
    if (verb === 'pause') Object.assign(operation, { state: 'paused', resumable: true, rate: 0, eta_secs: null });
    if (verb === 'cancel') Object.assign(operation, { state: 'cancelled', resumable: false, finished_at: new Date().toISOString() });
    if (verb === 'resume') Object.assign(operation, { state: 'running', phase: 'reading', resumable: false, error: null, finished_at: null, target: operation.total });
    this.#tell('progress', operation);
    return operation;
  }

  follow(listener) {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  #tell(name, operation) {
    for (const listener of this.#followers) listener(name, operation);
  }

  #tick() {
    for (const operation of this.#items) {
      if (operation.state !== 'running') continue;
      if (operation.work) this.#workOff(operation);
      else if (operation.total === 0) {
        operation.scanned = (operation.scanned ?? 0) + 1;
        if (operation.scanned > 6) Object.assign(operation, { total: operation.target, phase: 'reading' });
      } else {
        const { stride, ended } = operation.pace ?? { stride: 32, ended: null };
        const step = Math.min(operation.total - operation.done, stride);
        operation.done += step;
        if (operation.kind === 'pull_models') Object.assign(operation, { rate: stride * 4, eta_secs: (operation.total - operation.done) / (stride * 4), phase: 'fetching model.onnx' });
        else this.#read(operation, step);
        if (operation.done >= operation.total) Object.assign(operation, { state: 'completed', finished_at: new Date().toISOString(), eta_secs: null, rate: 0, phase: '', ...(ended ? { result: ended() } : {}) });
      }
      this.#tell(operation.state === 'completed' ? 'done' : 'progress', operation);
    }
  }

  #read(operation, step) {
    operation.opened += step;
    operation.computed += step * 6;
    operation.bytes_read += step * 4.1e6;
    operation.rate = 128.4;
    operation.eta_secs = (operation.total - operation.done) / operation.rate;
    for (const [name, ms] of [['decode', 19], ['thumbnail', 17], ['hash', 5], ['detect_blur', 4], ['score_iqa', 2]]) operation.step_ms[name] = (operation.step_ms[name] ?? 0) + step * ms;
    if (operation.done % 640 === 0) operation.issues++;
  }
}
