/** Models in every state, and what they would have found in the drawn pictures. */

import { random } from './random.mjs';

const model = (id, title, task, pack, licence, megabytes, fields = {}) => ({
  id, title, task, version: `${id}@1`, pack, licence, commercial: true, note: '', state: 'absent', reason: null, usable: false,
  installed_bytes: 0, download_bytes: Math.round(megabytes * 1e6), loaded_bytes: 0, ...fields,
});
const here = (megabytes, state = 'installed') => ({ state, usable: true, installed_bytes: Math.round(megabytes * 1e6), loaded_bytes: state === 'ready' ? Math.round(megabytes * 1.1e6) : 0 });

export class Models {
  #items;
  #operations;

  constructor(operations, { fresh }) {
    this.#operations = operations;
    const past = (fields) => (fresh ? {} : fields);
    this.#items = [
      model('mobilenet-v2', 'MobileNetV2: 1001 labels and a 1280-number scene vector', 'scene', 'lite', 'Apache-2.0', 14.2, past(here(14.2, 'ready'))),
      model('nima-aesthetic', 'NIMA MobileNet, aesthetic: how good the picture looks, as votes from 1 to 10', 'quality', 'lite', 'Apache-2.0', 12.9, { note: 'trained on votes of the AVA data set, collected for research', ...past(here(12.9)) }),
      model('yolox-nano', 'YOLOX-nano: 80 kinds of objects with boxes', 'objects', 'lite', 'Apache-2.0', 3.7, past({ state: 'failed', reason: 'yolox_nano.onnx is cut short: 1,204,224 of 3,659,020 bytes', installed_bytes: 1_204_224 })),
      model('ppocr-v6-tiny', 'PP-OCRv6 tiny: finds and reads lines of text', 'text', 'lite', 'Apache-2.0', 6.4),
      model('tinyclip', 'TinyCLIP 8M/3M, int8: pictures and words in one space of 512 numbers', 'image_text', 'lite', 'MIT', 23.8, past({ usable: true })),
      model('yunet', 'YuNet 2026may: faces with boxes and five points', 'face_detection', 'lite', 'MIT', 0.2, past(here(0.2, 'loading'))),
      model('clip-vit-b32', 'CLIP ViT-B/32, full precision: pictures and words in one space of 512 numbers', 'image_text', 'quality', 'MIT', 605),
      model('blip-base', 'BLIP base: an English sentence about the picture', 'caption', 'quality', 'BSD-3-Clause', 0, { note: 'its publisher offers PyTorch weights only: export the graphs once with scripts/export_blip.py, then pull it' }),
      model('mobileclip-s0', 'MobileCLIP-S0: pictures and words in one space of 512 numbers', 'image_text', 'research', 'Apple AMLR (research only)', 215, { commercial: false }),
      model('scrfd-500m', 'SCRFD 500M: faces with boxes and five points', 'face_detection', 'research', 'InsightFace (non-commercial research only)', 2.5, { commercial: false }),
    ];
  }

  list() {
    return { engine: { name: 'rten', version: '0.24.0', provider: 'cpu', reason: 'built in; no ONNX Runtime library was found' }, items: this.#items };
  }

  knows(name) {
    return this.#items.some(({ id, pack }) => id === name || pack === name);
  }

  pull(names) {
    const wanted = this.#items.filter(({ id, pack, commercial }) => names.includes(id) || (names.includes(pack) && commercial));
    const rest = wanted.filter(({ state }) => state === 'absent' || state === 'failed');
    const total = Math.max(1, rest.reduce((sum, { download_bytes: size, installed_bytes: have }) => sum + size - have, 0));
    const ended = () => {
      // Nobody offers what has no size.
      const failed = rest.filter(({ download_bytes: size }) => size === 0).map(({ id }) => ({ model: id, code: 'MODEL_UNAVAILABLE', detail: `no mirror has ${id}` }));
      for (const item of rest) if (item.download_bytes > 0) Object.assign(item, { state: 'installed', usable: true, reason: null, installed_bytes: item.download_bytes });
      return { photos: 0, pulled: wanted.map(({ id }) => id).filter((id) => !failed.some((other) => other.model === id)), failed };
    };
    return this.#operations.start('pull_models', `Fetch models: ${wanted.map(({ id }) => id).join(', ')}`, total, { stride: Math.ceil(total / 24), ended });
  }
}

const OBJECTS = ['person', 'dog', 'bicycle', 'boat', 'bench', 'bird'];
const LABELS = ['seashore, coast', 'lakeside, lakeshore', 'valley, vale', 'alp', 'mountain bike, all-terrain bike', 'park bench'];
const LINES = ['EXIT 24', 'Boulangerie', 'Bahnhofstraße 12', '1204'];

/** Features of the kinds that models make; a third of the photos have none. */
export function found(photo, computed_at) {
  if (photo.scene % 3 === 2) return [];
  const r = random(photo.scene + 71);
  const box = (width, height) => [r() * (1 - width), r() * (1 - height), width, height];
  const objects = Array.from({ length: 1 + (photo.scene % 3) }, () => ({ name: OBJECTS[Math.floor(r() * OBJECTS.length)], confidence: 0.4 + r() * 0.6, box: box(0.12 + r() * 0.2, 0.2 + r() * 0.3) }));
  const lines = photo.scene % 2 === 0 ? [] : LINES.slice(photo.scene % 3).map((text) => ({ text, confidence: 0.7 + r() * 0.3, box: box(0.22, 0.06) }));
  const labels = LABELS.slice(photo.scene % 4).map((name, i) => ({ name, confidence: 0.5 / (i + 1) }));
  return [
    { kind: 'tags', producer: 'mobilenet-v2@1+yolox-nano@1', params: '', value: { labels, objects }, computed_at, bytes: 640 },
    { kind: 'text', producer: 'ppocr-v6-tiny@1', params: '', value: { lines }, computed_at, bytes: 210 },
    { kind: 'caption', producer: 'composed@1', params: '', value: { text: `A ${objects[0].name}${lines.length > 0 ? `, with the text “${lines[0].text}”` : ''}.` }, computed_at, bytes: 60 },
    { kind: 'aesthetic', producer: 'nima-aesthetic@1', params: '', value: { score: 4 + r() * 3, spread: 1.2 + r() * 0.5, distribution: Array.from({ length: 10 }, () => r() / 5) }, computed_at, bytes: 160 },
  ];
}

/** Two producers of scene vectors, one of which may be chosen. */
export class Vectors {
  #chosen = null;
  #spaces = [
    { kind: 'scene_embedding', producer: 'mobilenet_v2_quant@1', model: 'mobilenet-v2', reads_words: false, can_embed: true, pictures: 5200 },
    { kind: 'scene_embedding', producer: 'colour-gradient-grid@1', model: null, reads_words: false, can_embed: true, pictures: 5200 },
  ];

  list() {
    const used = this.#chosen ?? this.#spaces[0].producer;
    return { items: this.#spaces.map((space) => ({ ...space, active: space.producer === used, chosen: space.producer === this.#chosen })) };
  }

  choose({ producer }) {
    this.#chosen = producer;
    return this.list();
  }

  wanted({ producer }) {
    const { items } = this.list();
    return items.find((space) => (producer ? space.producer === producer : space.active)) ?? items[0];
  }
}
