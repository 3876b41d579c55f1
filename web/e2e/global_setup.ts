import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completed, demoLibrary, operationThat, startServer } from './program';

/** One indexed library for all tests that only look at it. */
export default async function setUp(): Promise<() => Promise<void>> {
  const library = demoLibrary();
  const data = await mkdtemp(join(tmpdir(), 'tintype-e2e-'));
  const server = await startServer({ data, folders: [library] });
  const tearDown = async () => {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  };
  try {
    await operationThat(server.url, '/operations', completed);
  } catch (error) {
    await tearDown();
    throw error;
  }
  process.env['TINTYPE_E2E_URL'] = server.url;
  process.env['TINTYPE_E2E_LIBRARY'] = library;
  return tearDown;
}
