import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// `vitest run --mode slow` runs the tests that take minutes, and only those.
export default defineConfig(({ mode }) => ({
  // Examples import the package by its name; tests of them run the source.
  resolve: { alias: { wasmgrad: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test:
    mode === 'slow'
      ? { include: ['test/**/*.slow.test.ts'], testTimeout: 600_000 }
      : { include: ['test/**/*.test.ts'], exclude: ['**/*.slow.test.ts'], testTimeout: 30_000 },
}));
