/** Starts and stops the real program, and asks its API. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Operation } from '../src/api/types';

const WEB = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const REPOSITORY = resolve(WEB, '..');
const START_MS = 30_000;

export const program = resolve(WEB, process.env['TINTYPE_BIN'] ?? '../target/release/tintype');

/** What a person has set for their own Tintype must not reach the one under test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TINTYPE_|DATABASE_URL$)/.test(name)));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * The demo library, drawn by the program. Drawing takes a while, so the folder is kept under its drawing code's
 * hash: the next run finds it, and a change to the drawing draws anew.
 */
export function demoLibrary(): string {
  const given = process.env['TINTYPE_E2E_LIBRARY'];
  if (given) return resolve(given);
  const hash = createHash('sha256');
  const drawing = join(REPOSITORY, 'crates/cli/src');
  for (const file of [join(drawing, 'demo.rs'), ...filesBelow(join(drawing, 'demo'))]) hash.update(readFileSync(file));
  const folder = join(REPOSITORY, 'target/e2e', hash.digest('hex').slice(0, 12), 'photos');
  mkdirSync(folder, { recursive: true });
  const drawn = spawnSync(program, ['demo', '--into', folder], { env: cleanEnvironment(), encoding: 'utf8' });
  if (drawn.status !== 0) throw new Error(`tintype demo failed (${drawn.status ?? drawn.error?.message}): ${drawn.stderr}`);
  return folder;
}

export interface Server {
  /** Without a slash at its end. */
  url: string;
  /** Ends it: politely, or with SIGKILL as a power cut would. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface ServerOptions {
  data: string;
  /** Folders to index; none only serves what the data directory knows. */
  folders?: string[];
  /** Further folders that the page may name. */
  allow?: string[];
  threads?: number;
}

export async function startServer({ data, folders = [], allow = [], threads }: ServerOptions): Promise<Server> {
  if (!existsSync(program)) throw new Error(`${program} is not there: run make build, or set TINTYPE_BIN`);
  const args = ['serve', ...folders, '--listen', '127.0.0.1:0', '--no-open', '--json', '--data', data, ...allow.flatMap((folder) => ['--allow', folder])];
  if (threads !== undefined) args.push('--threads', String(threads));
  const child: ChildProcess = spawn(program, args, { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((done) => child.once('exit', () => done()));

  const url = await new Promise<string>((found, failed) => {
    const timer = setTimeout(() => failed(new Error(`tintype serve said no address within ${START_MS} ms: ${said}`)), START_MS);
    const give = (action: () => void) => {
      clearTimeout(timer);
      action();
    };
    child.once('error', (error) => give(() => failed(error)));
    child.once('exit', (code) => give(() => failed(new Error(`tintype serve ended with ${code}: ${said}`))));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const serving = /"serving"\s*:\s*"([^"]+)"/.exec(line)?.[1];
      if (serving) give(() => found(serving.replace(/\/$/, '')));
    });
  });
  return {
    url,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await ended;
    },
  };
}

/** One call of the API, with a body by POST unless said otherwise; throws the problem when it is refused. */
export async function api<T>(url: string, path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${path}: ${text}`);
  return JSON.parse(text) as T;
}

/** Asks until the operation is as wanted. */
export async function operationThat(
  url: string,
  path: string,
  wanted: (operation: Operation) => boolean,
  limitMs = 120_000,
): Promise<Operation> {
  const until = Date.now() + limitMs;
  for (;;) {
    const answer = await api<Operation | { items: Operation[] }>(url, path);
    const operation = 'items' in answer ? answer.items[0] : answer;
    if (operation && wanted(operation)) return operation;
    if (operation && ['failed', 'cancelled'].includes(operation.state)) throw new Error(`the operation did not get there: ${JSON.stringify(operation)}`);
    if (Date.now() > until) throw new Error(`not within ${limitMs} ms: ${JSON.stringify(operation)}`);
    await pause(20);
  }
}

export const completed = (operation: Operation): boolean => operation.state === 'completed';
