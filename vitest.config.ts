import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const slow = process.env.SLOW !== undefined;

export default defineConfig({
  // Examples import the package by its name; tests of them run the source.
  resolve: { alias: { wasmgrad: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: slow
    ? { include: ['test/**/*.slow.test.ts'], testTimeout: 600_000 }
    : { include: ['test/**/*.test.ts'], exclude: ['**/*.slow.test.ts'], testTimeout: 30_000 },
});
