import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// `npm run dev` forwards API calls to a running `tintype serve`, or to the mock (`npm run mock`).
const api = process.env['TINTYPE_API'] ?? 'http://127.0.0.1:8787';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    // Every byte is embedded in the program: no source maps, nothing inlined that a cache could keep.
    sourcemap: false,
    assetsInlineLimit: 1024,
  },
  server: { proxy: { '/api': api, '/docs': api } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
