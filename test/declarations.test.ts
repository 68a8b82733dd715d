// What the package's declarations need of a program that uses them: the libraries of ES2022 and of the DOM, and no more.

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const OPTIONS =
  '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false --target es2022 --module nodenext --lib es2022,dom --types';

it.each(['index', 'core', 'threads/index', 'plot/index'])(
  '%s.d.ts is sound by itself',
  (name) => {
    const file = fileURLToPath(new URL(`../dist/types/${name}.d.ts`, import.meta.url));
    // What the compiler finds wrong it prints, and fails.
    const run = () => {
      try {
        return execFileSync(process.execPath, [tsc, ...OPTIONS.split(' '), '', file], { encoding: 'utf8' });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };
    expect(run()).toBe('');
  },
  30_000,
);
