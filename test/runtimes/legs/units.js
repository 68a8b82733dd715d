// The unit tests themselves, by vitest: in a real page, under Deno and under Bun. In a page the tests that read files
// stay out: vitest.config.ts names them.

import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../shell.js';
import { program, version } from '../tools.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const leg = (name, needs, versionOf, command, ...args) => ({
  name: `${name}, unit tests`,
  needs,
  slow: true,
  async run({ folder }) {
    const report = join(mkdtempSync(join(folder, 'units-')), 'report.json');
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile.json=${report}`];
    const all = [...args.slice(0, -1), ...vitest, ...args.at(-1)];
    // Where tests fail vitest does too, and the report says which.
    const failure = await run(program(command), all, { cwd: root, timeout: 600_000 }).then(
      () => undefined,
      (error) => error,
    );
    if (!existsSync(report)) throw failure ?? new Error('vitest left no report');
    const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    if (failed.length > 0) throw new Error(`${failed.length} tests failed: ${failed.join('; ')}`);
    if (failure || numPassedTests === 0) throw failure ?? new Error('no test passed');
    return { version: await versionOf(), tests: numPassedTests };
  },
});

const chromium = async () => (await run('/usr/bin/chromium', ['--version'])).split(' ')[1];

// vitest ends a thread with what Deno does not implement (parentPort.removeAllListeners): after the tests, to no effect.
const DENO = ['--mode=engine', '--pool=threads', '--dangerouslyIgnoreUnhandledErrors'];

export const units = [
  leg('Chromium', ['chromium'], chromium, 'node', ['--mode', 'browser']),
  leg('Deno', ['deno'], () => version('deno'), 'deno', 'run', '-A', DENO),
  leg('Bun', ['bun'], () => version('bun'), 'bun', '--bun', ['--mode=engine', '--pool=threads']),
];
