import assert from 'node:assert/strict';
import { test } from 'node:test';

import { scoreTarget } from '../score.mjs';
import * as a1 from './a1.mjs';
import * as a2 from './a2.mjs';
import * as a5 from './a5.mjs';
import * as search from './search.mjs';
import * as text from './text.mjs';
import { formatTable, parseTable } from './csv.mjs';
import { Library } from './library.mjs';
import { areaUnderCurve, f1 } from './statistics.mjs';
import { TARGETS } from './targets.mjs';

/** A library at /p where every named file exists. */
function library(rows, groups = [], missing = []) {
  const gone = new Set(missing.map((name) => `/p/${name}`));
  return new Library('/p', rows.map((row) => ({ ...row, path: `/p/${row.path}` })),
    groups.map((group) => ({ ...group, paths: group.paths.map((name) => `/p/${name}`) })), (file) => !gone.has(file));
}

test('tables survive quotes, commas and line breaks', () => {
  const rows = [{ a: 'x', b: 'say "hi", then\nstop' }, { a: '', b: '1' }];
  assert.deepEqual(parseTable(formatTable(['a', 'b'], rows)), rows);
  assert.deepEqual(parseTable('\ufeffa,b\r\n1,2\r\n'), [{ a: '1', b: '2' }]);
  assert.deepEqual(parseTable('a,b\n1,2'), [{ a: '1', b: '2' }]);
});

test('area under the curve counts ordered pairs, ties half', () => {
  assert.equal(areaUnderCurve([3, 4], [1, 2]), 1);
  assert.equal(areaUnderCurve([1, 2], [3, 4]), 0);
  assert.equal(areaUnderCurve([1, 3], [1, 2]), 0.625);
  assert.ok(Number.isNaN(areaUnderCurve([], [1])));
});

test('f1 of nothing to find and nothing claimed is perfect', () => {
  assert.equal(f1({ hits: 0, falseAlarms: 0, misses: 0 }), 1);
  assert.equal(f1({ hits: 1, falseAlarms: 1, misses: 1 }), 0.5);
});

test('A1 ranks sharp above blurred and leaves absent files out', () => {
  const labels = [
    { path: 's1', blurred: '0', kind: 'sharp' }, { path: 's2', blurred: '0', kind: 'sharp' },
    { path: 'b1', blurred: '1', kind: 'motion' }, { path: 'b2', blurred: '1', kind: 'motion' },
    { path: 'gone', blurred: '1', kind: 'motion' },
  ];
  const rows = [
    { path: 's1', tile_sharpness: 900, is_blurry: false }, { path: 's2', tile_sharpness: 50, is_blurry: false },
    { path: 'b1', tile_sharpness: 60, is_blurry: true }, { path: 'b2', tile_sharpness: 10, is_blurry: true },
  ];
  const result = a1.score(labels, library(rows, [], ['gone']));
  assert.deepEqual([result.value, result.n, result.absent, result.unread], [0.75, 4, 1, 0]);
  assert.deepEqual(result.misses.map((miss) => miss.path), ['s2', 'b1']);
});

test('A1 counts a photo without an answer as wrong, whichever kind it is', () => {
  const labels = [{ path: 's', blurred: '0' }, { path: 'b', blurred: '1' }];
  assert.equal(a1.score(labels, library([{ path: 'b', tile_sharpness: 1 }])).value, 0);
  const result = a1.score(labels, library([{ path: 's', tile_sharpness: 1 }, { path: 'b', tile_sharpness: null }]));
  assert.deepEqual([result.value, result.unread], [0, 1]);
});

test('A2 wants the same picture together and bursts, other views and other groups apart', () => {
  const label = (path, group, relation) => ({ path, group, relation, transform: relation });
  const labels = [
    label('a0', 'a', 'original'), label('a1', 'a', 'near'), label('a2', 'a', 'edited'),
    label('v0', 'v', 'burst_sequence'), label('v1', 'v', 'burst_sequence'), label('x', 'a', 'exact'),
  ];
  const read = (path) => ({ path, pixel_hash: 'h', tile_sharpness: 1 });
  const rows = ['a0', 'a1', 'a2', 'v0', 'v1'].map(read);
  const groups = [
    { tier: 'bytes', paths: ['a0', 'a1'], why: '' },
    { tier: 'picture', paths: ['a0', 'a1', 'v0'], why: 'looks alike' },
    { tier: 'moment', paths: ['a0', 'a1', 'a2', 'v1'], why: 'same minute' },
  ];
  const result = a2.score(labels, library(rows, groups, ['x']));
  // Found a0–a1; missed a0–a2 and a1–a2; false a0–v0 and a1–v0; a moment is not a picture.
  assert.equal(result.value, 2 / 6);
  assert.deepEqual([result.n, result.absent, result.unread], [5, 1, 0]);
  assert.deepEqual(result.misses.map((miss) => [miss.error, miss.path1, miss.path2]), [
    ['missed', 'a0', 'a2'], ['false', 'a0', 'v0'], ['missed', 'a1', 'a2'], ['false', 'a1', 'v0'],
  ]);
});

const record = (tags) => ({ SourceFile: 'f', 'File:MIMEType': 'image/jpeg', ...tags });
const truth = (field, tags) => a5.FIELDS[field].truth(record(tags));

test('A5 takes the first usable date and knows what is none', () => {
  assert.equal(truth('date', { 'ExifIFD:DateTimeOriginal': '2010:01:01 00:00:00', 'IFD0:ModifyDate': '2020:01:01 00:00:00' }), '2010-01-01T00:00:00');
  assert.equal(truth('date', { 'ExifIFD:DateTimeOriginal': '0000:00:00 00:00:00', 'IFD0:ModifyDate': '2020:01:01 00:00:00' }), '2020-01-01T00:00:00');
  assert.equal(truth('date', { 'ExifIFD:DateTimeOriginal': '2999:01:01 00:00:00' }), null);
  assert.equal(truth('date', {}), null);
  assert.equal(a5.parseDate('2021-05-06T07:08:09+02:00'), '2021-05-06T07:08:09');
  assert.equal(a5.parseDate('2001:12:00 00:00:00'), null);
  assert.equal(a5.parseDate('2023:02:29 10:00:00'), null);
  assert.equal(a5.parseDate('    :  :     :  :  '), null);
});

test('A5 takes the real image size and turns it upright', () => {
  const nef = { 'IFD0:ImageWidth': 160, 'IFD0:ImageHeight': 106, 'SubIFD1:ImageWidth': 3040, 'SubIFD1:ImageHeight': 2014, 'Composite:Megapixels': 6.12256 };
  assert.deepEqual(truth('dimensions', nef), [3040, 2014]);
  assert.deepEqual(truth('dimensions', { ...nef, 'IFD0:Orientation': 8 }), [2014, 3040]);
  const rw2 = { 'File:ImageWidth': 8, 'File:ImageHeight': 8, 'Composite:ImageWidth': 3648, 'Composite:ImageHeight': 2736, 'Composite:Megapixels': 9.980928 };
  assert.deepEqual(truth('dimensions', rw2), [3648, 2736]);
  assert.equal(truth('dimensions', { 'File:ImageWidth': 8, 'File:ImageHeight': 8, 'Composite:Megapixels': 6.060544 }), null);
  assert.equal(truth('dimensions', { 'File:ImageWidth': 82, 'File:ImageHeight': 0 }), null);
  const heic = record({ 'File:MIMEType': 'image/heic', 'File:ImageWidth': 40, 'File:ImageHeight': 30, 'IFD0:Orientation': 6 });
  assert.ok(a5.FIELDS.dimensions.equal(a5.FIELDS.dimensions.truth(heic), [30, 40], heic));
  assert.ok(!a5.FIELDS.dimensions.equal([40, 30], [30, 40], record({})));
});

test('A5 ratings, places, orientation and cameras', () => {
  assert.equal(truth('rating', { 'IFD0:Rating': 2, 'XMP-xmp:Rating': 4 }), 4);
  assert.equal(truth('rating', { 'IFD0:RatingPercent': 63 }), 3);
  assert.equal(truth('rating', { 'IFD0:Rating': 99 }), null);
  assert.equal(a5.FIELDS.rating.found({ rating: null }), 0);
  assert.deepEqual(truth('gps', { 'Composite:GPSLatitude': -33.9592, 'Composite:GPSLongitude': 23.47351 }), [-33.9592, 23.47351]);
  assert.equal(truth('gps', { 'Composite:GPSLatitude': 213.64, 'Composite:GPSLongitude': 103.48 }), null);
  assert.equal(truth('gps', { 'Composite:GPSLatitude': '', 'Composite:GPSLongitude': '' }), null);
  assert.ok(a5.FIELDS.gps.equal([10, 20], [10.00009, 19.99991]));
  assert.ok(!a5.FIELDS.gps.equal([10, 20], [10.0002, 20]));
  assert.equal(truth('orientation', { 'IFD0:Orientation': 0 }), null);
  assert.equal(truth('orientation', { 'IFD0:Orientation': 6, 'IFD1:Orientation': 1 }), 6);
  const camera = truth('camera', { 'IFD0:Make': 'NIKON CORPORATION ', 'IFD0:Model': 'NIKON D70\0' });
  assert.ok(a5.FIELDS.camera.equal(camera, a5.FIELDS.camera.found({ make: 'NIKON CORPORATION', model: 'NIKON D70' })));
  assert.ok(!a5.FIELDS.camera.equal(camera, a5.FIELDS.camera.found({ make: 'NIKON CORPORATION', model: null })));
});

test('A5 counts equal values, misses unlisted files and leaves side files out', () => {
  const labels = [
    record({ SourceFile: 'good.jpg', 'IFD0:Orientation': 1, 'XMP-xmp:Rating': 0 }),
    record({ SourceFile: 'bad.jpg', 'IFD0:Orientation': 6 }),
    record({ SourceFile: 'unlisted.jpg', 'XMP-xmp:Rating': 0 }),
    record({ SourceFile: 'gone.jpg', 'IFD0:Orientation': 1 }),
    record({ SourceFile: 'side.xmp', 'File:MIMEType': 'application/rdf+xml', 'XMP-xmp:Rating': 3 }),
  ];
  const rows = [{ path: 'good.jpg', orientation: 1, rating: null }, { path: 'bad.jpg', orientation: 1 }];
  const result = a5.score(labels, library(rows, [], ['gone.jpg']));
  assert.deepEqual([result.value, result.n, result.absent, result.unread], [0.5, 4, 1, 1]);
  assert.deepEqual(result.misses.map((miss) => [miss.path, miss.field]), [['bad.jpg', 'orientation'], ['unlisted.jpg', 'rating']]);
});

test('every target prints its line; what cannot be scored yet says so', () => {
  const [blur] = TARGETS.filter((target) => target.id === 'A1');
  const { lines, table } = scoreTarget(blur, 'path,blurred,kind\ns,0,sharp\nb,1,motion\n',
    library([{ path: 's', tile_sharpness: 2, is_blurry: false }, { path: 'b', tile_sharpness: 1, is_blurry: true }]));
  assert.equal(lines[0], 'A1 1.000 (n=2)');
  assert.equal(table, `${a1.missColumns.join(',')}\n`);
  const [faces] = TARGETS.filter((target) => target.id === 'A3');
  assert.deepEqual(scoreTarget(faces, '', library([])), { lines: ['A3 – (needs faces; not available in this version)'], table: null });
  assert.deepEqual(TARGETS.map((target) => target.id), ['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'TEXT', 'SEARCH']);
});

test('TEXT counts labelled numbers that stand alone in a line, leading zeros apart', () => {
  const labels = [
    { path: 'a', bibs: '353;0046', complete: 'yes' }, { path: 'b', bibs: '12', complete: 'no' }, { path: 'c', bibs: '7', complete: 'yes' },
    { path: 'gone', bibs: '1', complete: 'yes' },
  ];
  const rows = [{ path: 'a', text: ['No 353', '46'] }, { path: 'b', text: [] }, { path: 'c', text: ['77', '17'] }];
  const result = text.score(labels, library(rows, [], ['gone']));
  assert.deepEqual([result.value, result.n, result.absent], [2 / 3, 3, 1]);
  assert.deepEqual(result.misses.map((miss) => miss.number), ['7']);
});

test('SEARCH asks for classes within their folder and counts what could be found', () => {
  const labels = [
    { path: 'scenes/imagenet/bee.jpg', label_kind: 'imagenet1k_class', label: 'bee' },
    { path: 'scenes/coco/1.jpg', label_kind: 'coco_objects', label: 'bench:4;dog:1' },
    { path: 'scenes/coco/2.jpg', label_kind: 'coco_objects', label: 'dog:2' },
    { path: 'scenes/other.jpg', label_kind: 'file_name_subject', label: 'dog' },
  ];
  assert.deepEqual(search.classes(labels).map((one) => [one.name, one.paths.size]), [['bee', 1], ['dog', 2], ['bench', 1]]);
  const answers = { '"bee" path:imagenet': ['scenes/imagenet/bee.jpg'], '"dog" path:coco': ['scenes/coco/2.jpg'], '"bench" path:coco': [] };
  const asked = { exists: () => true, search: (words, limit) => answers[words].slice(0, limit) };
  const result = search.score(labels, asked);
  assert.deepEqual([result.value, result.n, result.misses.length], [0.5, 3, 2]);
});
