/**
 * A stand-in for `tintype serve`, for working on the page without a library: `npm run mock`, then `npm run dev`.
 * It answers the same API from a library that is drawn on the fly, always the same one. It also serves `dist/`
 * on the same port, as the real server does.
 *
 *   node mock/server.mjs [--port 8787] [--photos 100000] [--empty] [--fresh] [--slow 0]
 *
 * `--empty` has no photos, `--fresh` no past: no operations, nothing in the trash, and nothing is refused.
 */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Care } from './care.mjs';
import { Library } from './library.mjs';
import { drawPhoto } from './draw.mjs';
import { Models, Vectors } from './models.mjs';
import { Operations } from './operations.mjs';
import { Search } from './search.mjs';

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const port = Number(option('port', 8787));
const slow = Number(option('slow', 0));
const empty = process.argv.includes('--empty');
const fresh = empty || process.argv.includes('--fresh');
const dist = fileURLToPath(new URL('../dist/', import.meta.url));

const library = new Library(empty ? 0 : Number(option('photos', 100_000)));
const operations = new Operations(fresh);
const care = new Care(library, operations, { empty, fresh });
const models = new Models(operations, { fresh });
const vectors = new Vectors();
const search = new Search(library);
let albums = empty ? [] : library.albums();

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const answer = () => route(request, response, url).catch((error) => problem(response, 500, 'INTERNAL', String(error?.stack ?? error)));
  if (slow > 0 && url.pathname.startsWith('/api/')) setTimeout(answer, slow);
  else answer();
});

server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port} with ${library.photos.length} photos`));

function json(response, body, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function problem(response, status, code, detail, errors) {
  response.writeHead(status, { 'content-type': 'application/problem+json', 'x-request-id': 'mock' });
  response.end(JSON.stringify({ type: 'about:blank', title: code, status, detail, code, request_id: 'mock', errors }));
}

const started = (response, operation) => json(response, operation, 202);

async function body(request) {
  let text = '';
  for await (const chunk of request) text += chunk.toString('latin1');
  // Of a form only the question is read.
  if (request.headers['content-type']?.startsWith('multipart/')) text = /name="request"\r\n\r\n(.*)\r\n/.exec(text)?.[1] ?? '';
  return text === '' ? {} : JSON.parse(Buffer.from(text, 'latin1').toString());
}

function stream(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': connected\n\n');
  response.on('close', operations.follow((name, operation) => response.write(`event: ${name}\ndata: ${JSON.stringify(operation)}\n\n`)));
}

async function route(request, response, url) {
  const { method } = request;
  if (!url.pathname.startsWith('/api/v1/')) return page(response, url.pathname);
  const parts = url.pathname.slice('/api/v1/'.length).split('/').map(decodeURIComponent);
  const query = Object.fromEntries(url.searchParams);
  const [noun, id, verb] = parts;

  if (noun === 'photos' && id === 'bulk-favorite') return started(response, care.bulk(await body(request)));
  if (noun === 'photos' && id === 'edit-date') {
    const answer = care.editDate(await body(request));
    return json(response, answer, answer.kind ? 202 : 200);
  }
  if (noun === 'photos' && id === 'favorites') return json(response, library.list({ ...query, favorite: 'true' }));
  if (noun === 'photos' && !id) return json(response, library.list(query));
  if (noun === 'photos') {
    const photo = library.byId.get(id);
    if (!photo) return problem(response, 404, 'NOT_FOUND', 'No photo has this id.');
    if (!verb) return json(response, library.detail(photo));
    if (method !== 'GET') {
      const fields = await body(request);
      if (!fresh && library.photos.indexOf(photo) % 211 === 0) return problem(response, 409, 'CONFLICT', 'Another program is writing to this file.');
      return json(response, care.change(photo, verb === 'favorite' ? { favorite: !photo.favorite } : fields));
    }
    if (verb === 'similar') {
      const { kind, producer } = vectors.wanted(query);
      return json(response, { items: search.similar(id, Number(query.limit ?? 100)), kind, producer });
    }
    if (verb === 'features') return json(response, { items: library.features(photo) });
    if (verb === 'thumbnail' || verb === 'original') {
      if (!photo.decodable) return problem(response, 404, 'NOT_DECODABLE', 'This photo has no preview.');
      response.writeHead(200, { 'content-type': 'image/svg+xml', 'cache-control': 'max-age=31536000, immutable' });
      return response.end(drawPhoto(photo, verb === 'original' ? Math.max(photo.width, photo.height) : Number(query.size ?? 256)));
    }
  }
  if (noun === 'search' && id === 'suggest') return json(response, search.suggest(query));
  if (noun === 'search') return json(response, search.find(await body(request)));
  if (noun === 'timeline') return json(response, library.timeline(query));
  if (noun === 'facets') return json(response, library.facets());
  if (noun === 'duplicates' && id === 'resolve') return started(response, care.resolve(await body(request)));
  if (noun === 'trash' && method === 'GET') return json(response, care.listTrash(query));
  if (noun === 'trash') return started(response, id ? care.fromTrash(id, await body(request)) : care.moveToTrash(await body(request)));
  if (noun === 'import') {
    const asked = await body(request);
    const odd = asked.sources.find((path) => !path.startsWith('/'));
    if (odd !== undefined) return problem(response, 422, 'PATH_NOT_FOUND', `No such folder: ${odd}`, [{ field: 'sources', detail: 'must be absolute paths' }]);
    const answer = care.import(asked);
    return json(response, answer, asked.dry_run ? 200 : 202);
  }
  if (noun === 'verify') return started(response, care.verify());
  if (noun === 'rebuild') return started(response, operations.start('rebuild', 'Rebuild the library', 12_000));
  if (noun === 'backups' && method === 'GET') return json(response, { items: care.backups });
  if (noun === 'backups' && !id) return json(response, care.backup(), 201);
  if (noun === 'backups') return started(response, operations.start('recover', `Restore ${id}`, 300));
  if (noun === 'duplicates') return json(response, library.duplicates(query, care.resolved));
  if (noun === 'albums') {
    if (!id && method === 'POST') {
      const { name, source_path: path } = await body(request);
      if (!path?.startsWith('/')) return problem(response, 422, 'PATH_NOT_FOUND', `No such folder: ${path}`, [{ field: 'source_path', detail: 'must be an absolute path' }]);
      const album = { id: `album-${albums.length + 1}`, name, source: { type: 'folder', path }, photos: 0, created_at: new Date().toISOString() };
      albums = [...albums, album];
      return json(response, album, 201);
    }
    if (!id) return json(response, { items: albums, next_cursor: null });
    const album = albums.find((candidate) => candidate.id === id);
    if (!album) return problem(response, 404, 'NOT_FOUND', 'No album has this id.');
    if (method === 'DELETE') {
      albums = albums.filter((candidate) => candidate !== album);
      return response.writeHead(204).end();
    }
    if (method === 'PATCH') Object.assign(album, await body(request));
    return json(response, album);
  }
  if (noun === 'ingest_directory') {
    const { path } = await body(request);
    if (!path?.startsWith('/')) return problem(response, 422, 'PATH_NOT_FOUND', `No such folder: ${path}`);
    return json(response, operations.start('index', `Index ${path}`, 24_310), 202);
  }
  if (noun === 'models' && id === 'pull' && method === 'POST') {
    const { models: names } = await body(request);
    const unknown = names.find((name) => !models.knows(name));
    if (unknown !== undefined || names.length === 0) return problem(response, 422, 'INVALID_VALUE', `There is no model ${unknown ?? ''}`.trim(), [{ field: 'models', detail: 'names no model' }]);
    return started(response, models.pull(names));
  }
  if (noun === 'models') return json(response, models.list());
  if (noun === 'vectors') return json(response, method === 'PUT' ? vectors.choose(await body(request)) : vectors.list());
  if (noun === 'pipeline' && id === 'steps') return json(response, library.steps());
  if (noun === 'pipeline' && id === 'run') return json(response, operations.start('analyze', 'Analyse an album', 5200), 202);
  if (noun === 'operations' && id === 'events') return stream(response);
  if (noun === 'operations' && !id) return json(response, { items: operations.list(), next_cursor: null });
  if (noun === 'operations') {
    const operation = operations.find(id);
    if (!operation) return problem(response, 404, 'NOT_FOUND', 'No operation has this id.');
    if (verb === 'issues') return json(response, { items: library.issues(operation.issues), next_cursor: null });
    if (verb === 'events') return stream(response);
    if (verb === 'items') {
      const list = operations.items(operation, query.state);
      const end = Number(query.cursor ?? 0) + Number(query.limit ?? 200);
      return json(response, { items: list.slice(Number(query.cursor ?? 0), end), next_cursor: end < list.length ? String(end) : null });
    }
    if (verb === 'undo' || verb === 'retry') {
      const changed = verb === 'undo' ? operations.undo(operation) : operations.retry(operation, (await body(request)).positions);
      return changed ? started(response, changed) : problem(response, 409, 'CONFLICT', `This operation has nothing to ${verb}.`);
    }
    if (verb) {
      const changed = operations.control(operation, verb);
      return changed ? json(response, changed, 202) : problem(response, 409, 'CONFLICT', `An operation that is ${operation.state} cannot ${verb}.`);
    }
    return json(response, operation);
  }
  if (noun === 'cache' && id === 'stats') return json(response, library.stats());
  if (noun === 'cache' && id === 'prune') return json(response, { photos: 12, features: 340, orphan_blobs: 3, bytes_freed: 1_240_000 });
  if (noun === 'health' && id === 'ready')
    return json(response, { status: 'ok', checks: [{ name: 'database', status: 'ok', detail: 'SQLite, schema 1' }, { name: 'previews', status: 'ok', detail: 'writable, 120 GB free' }] });
  if (noun === 'health') return json(response, { status: 'ok', version: '0.1.0' });
  if (noun === 'roots' && !id) return json(response, { items: care.roots });
  if (noun === 'roots') {
    const root = care.roots.find((candidate) => candidate.id === Number(id));
    const fields = await body(request);
    if (!root.online && fields.write_mode !== 'database') return problem(response, 409, 'CONFLICT', `${root.path} is not reachable now, so whether it can be written is not known.`);
    return json(response, Object.assign(root, fields));
  }
  return problem(response, 404, 'NOT_FOUND', 'No such address.');
}

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

async function page(response, path) {
  const file = normalize(path).replace(/^(\.\.[/\\])+/, '');
  for (const name of [file, 'index.html']) {
    try {
      const bytes = await readFile(join(dist, name));
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' });
      return response.end(bytes);
    } catch {
      // Not a file of the build: the page itself answers for every other address.
    }
  }
  return problem(response, 404, 'NOT_FOUND', 'Build the page first: npm run build');
}
