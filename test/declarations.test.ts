// What the package's declarations need of a program that uses them: the libraries of ES2022, and either that of the DOM or
// the types of Node.

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const OPTIONS =
  '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false --target es2022 --module nodenext';
const NAMES = ['index', 'core', 'threads/index', 'plot/index'];

it.each([
  ['es2022,dom', ''],
  ['es2022', 'node'],
])(
  'declarations are sound by themselves with the libraries %s and the types "%s"',
  (lib, types) => {
    const files = NAMES.map((name) => fileURLToPath(new URL(`../dist/types/${name}.d.ts`, import.meta.url)));
    // What the compiler finds wrong it prints, and fails.
    const run = () => {
      try {
        const options = [...OPTIONS.split(' '), '--lib', lib, '--types', types];
        return execFileSync(process.execPath, [tsc, ...options, ...files], { encoding: 'utf8' });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };
    expect(run()).toBe('');
  },
  30_000,
);
