// Makes a PNG smaller by giving it a palette of 256 colours, chosen for the picture.

import { deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS = 256;
/** A weighted squared distance below which a colour counts as met. */
const FLAT = 28;
/** Bayer's 4 × 4 matrix, as shifts of brightness. */
const DITHER = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5].map((n) => Math.round((n - 7.5) * 1.2));

// The polynomial of PNG's annex D.
const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** Reads what a browser writes: 8 bits, RGB or RGBA, not interlaced. */
export function readPng(png) {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('not a PNG');
  const parts = [];
  let width = 0;
  let height = 0;
  let channels = 0;
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      width = data.readUInt32BE(0);
      height = data.readUInt32BE(4);
      channels = { 2: 3, 6: 4 }[data[9]] ?? 0;
      if (data[8] !== 8 || channels === 0 || data[12] !== 0) throw new Error('not a PNG of 8 bits per channel, RGB or RGBA, without interlace');
    } else if (type === 'IDAT') parts.push(data);
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const pixels = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    for (let x = 0; x < stride; x++) {
      const a = x >= channels ? pixels[to + x - channels] : 0;
      const b = y > 0 ? pixels[to + x - stride] : 0;
      const c = x >= channels && y > 0 ? pixels[to + x - stride - channels] : 0;
      let guess = 0;
      if (filter === 1) guess = a;
      else if (filter === 2) guess = b;
      else if (filter === 3) guess = (a + b) >> 1;
      else if (filter === 4) {
        const p = a + b - c;
        const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
        guess = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      }
      pixels[to + x] = raw[from + x] + guess;
    }
  }
  return { width, height, channels, pixels };
}

/** Median cut (Heckbert 1982) over the colours at 5 bits per channel, each box split at its middle by weight. */
function palette({ channels, pixels }, size) {
  const seen = new Map();
  for (let i = 0; i < pixels.length; i += channels) {
    const key = ((pixels[i] >> 3) << 10) | ((pixels[i + 1] >> 3) << 5) | (pixels[i + 2] >> 3);
    const sums = seen.get(key);
    if (sums) {
      sums[0] += pixels[i];
      sums[1] += pixels[i + 1];
      sums[2] += pixels[i + 2];
      sums[3]++;
    } else seen.set(key, [pixels[i], pixels[i + 1], pixels[i + 2], 1]);
  }
  const colours = [...seen.values()].map(([r, g, b, n]) => ({ at: [r / n, g / n, b / n], n }));
  const box = (list) => {
    const spread = [0, 1, 2].map((k) => Math.max(...list.map((c) => c.at[k])) - Math.min(...list.map((c) => c.at[k])));
    const axis = spread.indexOf(Math.max(...spread));
    const n = list.reduce((sum, c) => sum + c.n, 0);
    return { list, axis, n, worth: list.length > 1 ? spread[axis] * Math.sqrt(n) : 0 };
  };
  const boxes = [box(colours)];
  while (boxes.length < size) {
    boxes.sort((a, b) => a.worth - b.worth);
    const widest = boxes.at(-1);
    if (widest.worth === 0) break;
    boxes.pop();
    const list = [...widest.list].sort((a, b) => a.at[widest.axis] - b.at[widest.axis]);
    let below = 0;
    let cut = 0;
    while (cut < list.length - 1 && below < widest.n / 2) below += list[cut++].n;
    boxes.push(box(list.slice(0, cut)), box(list.slice(cut)));
  }
  return boxes.map(({ list, n }) => [0, 1, 2].map((k) => Math.round(list.reduce((sum, c) => sum + c.at[k] * c.n, 0) / n)));
}

/** The same picture in at most 256 colours; those of `kept` (as `[red, green, blue]`) are among them. */
export function paletted(png, kept = []) {
  const image = readPng(png);
  const colours = [...kept, ...palette(image, COLOURS - kept.length)];
  const { width, height, channels, pixels } = image;
  const known = new Map();
  /** The index of the nearest colour, and how far it is. */
  const nearest = (red, green, blue) => {
    const key = (red << 16) | (green << 8) | blue;
    let found = known.get(key);
    if (found === undefined) {
      found = { index: 0, distance: Infinity };
      for (let c = 0; c < colours.length; c++) {
        const [r, g, b] = colours[c];
        // Eyes see green best and blue least.
        const distance = 2 * (r - red) ** 2 + 4 * (g - green) ** 2 + (b - blue) ** 2;
        if (distance < found.distance) found = { index: c, distance };
      }
      known.set(key, found);
    }
    return found;
  };
  const byte = (value) => Math.max(0, Math.min(255, value));
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * channels;
      const [r, g, b] = [pixels[i], pixels[i + 1], pixels[i + 2]];
      let { index, distance } = nearest(r, g, b);
      // Flat areas of the page have a colour of their own and stay flat; the photos' gradients must not band.
      if (distance > FLAT) {
        const shift = DITHER[(y & 3) * 4 + (x & 3)];
        index = nearest(byte(r + shift), byte(g + shift), byte(b + shift)).index;
      }
      rows[y * (width + 1) + 1 + x] = index;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(colours.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
