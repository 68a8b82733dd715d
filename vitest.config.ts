import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const slow = 'test/**/*.slow.test.ts';

// These look at files and at what tools make of them: no engine is tried by them.
const ofFiles = [
  ...['bundle', 'declarations', 'host-math', 'reference'].map((name) => `test/${name}.test.ts`),
  'test/kernels/constants.test.ts',
];

// These read files, run tools, watch a terminal or must be the first to use the package: they need Node.
const needNode = [
  ...ofFiles,
  ...['docs', 'fingerprint', 'forgotten', 'modules'].map((name) => `test/${name}.test.ts`),
  'test/callbacks/{csvLogger,modelCheckpoint}.test.ts',
  ...['csv', 'idx', 'npy'].map((name) => `test/data/${name}.test.ts`),
  'test/golden/*.test.ts',
  'test/examples/*.test.ts',
  'test/kernels/share.test.ts',
  'test/interchange/*.test.ts',
  'test/io/disk.test.ts',
  'test/io/resume.test.ts',
  'test/optimizers/process.test.ts',
  'test/threads/threads.test.ts',
];

/** By the mode. */
const LEFT_OUT: Record<string, string[]> = { browser: needNode, engine: ofFiles };

/** Debian's Chromium, without the requests that it sends on its own. */
async function chromium() {
  const { playwright } = await import('@vitest/browser-playwright');
  const quiet = ['background-networking', 'component-update', 'sync', 'gpu'].map((name) => `--disable-${name}`);
  const launchOptions = { executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--no-first-run', ...quiet] };
  return {
    enabled: true,
    headless: true,
    // One page for all files: a page for each costs as much time again.
    isolate: false,
    screenshotFailures: false,
    provider: playwright({ launchOptions }),
    instances: [{ browser: 'chromium' as const }],
  };
}

const source = (name: string) => fileURLToPath(new URL(`./src/${name}.ts`, import.meta.url));

// `vitest run --mode slow` runs the tests that take minutes, and only those; `--mode browser` runs in Chromium; `--mode engine`
// runs what may come out otherwise in another engine, and is for other runtimes.
export default defineConfig(async ({ mode }) => ({
  // Examples import the package by its name; tests of them run the source.
  resolve: {
    alias: [
      { find: /^wasmgrad$/, replacement: source('index') },
      { find: /^wasmgrad\/plot$/, replacement: source('plot/index') },
      { find: /^wasmgrad\/threads$/, replacement: source('threads/index') },
    ],
  },
  test: {
    include: [mode === 'slow' ? slow : 'test/**/*.test.ts'],
    exclude: ['test/runtimes/**', ...(mode === 'slow' ? [] : [slow]), ...(LEFT_OUT[mode] ?? [])],
    testTimeout: mode === 'slow' ? 1_200_000 : 30_000,
    ...(mode === 'browser' && { browser: await chromium() }),
  },
}));
