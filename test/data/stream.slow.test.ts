import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('a model trains on 2 GB of rows in less than 200 MB', async () => {
  const program = fileURLToPath(new URL('../../bench/stream.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(stdout).toContain('2.00 GB');
  expect(Number(/(\d+) MB at most/.exec(stdout)?.[1])).toBeLessThan(200);
  expect(Number(/accuracy ([\d.]+)/.exec(stdout)?.[1])).toBeGreaterThan(0.85);
});
