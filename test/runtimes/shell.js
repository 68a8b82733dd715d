// Running programs.

import { execFile } from 'node:child_process';

/**
 * Runs a program to its end and returns what it wrote. Throws with what it wrote if it fails.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeout?: number }} [options]
 * @returns {Promise<string>}
 */
export function run(program, args, { cwd, env, timeout = 120_000 } = {}) {
  const options = { cwd, env: { ...process.env, NODE_OPTIONS: '', ...env }, timeout, maxBuffer: 2 ** 26 };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}${stdout}`.slice(0, 2000)));
      else resolve(stdout);
    });
  });
}

/** The JSON on the last line that a program wrote. */
export const lastLine = (/** @type {string} */ output) => JSON.parse(output.trim().split('\n').at(-1) ?? '');
