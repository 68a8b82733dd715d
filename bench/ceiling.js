/**
 * What the machine can do at most: multiplications and additions of 128-bit vectors that stay in registers, for
 * products and training steps; memcpy for light elementwise work.
 */

import asc from 'assemblyscript/asc';

// Enough chains of x · c + d to hide the latency of both.
const CHAINS = [...Array(12).keys()];
const LOOPS = 20_000;

/**
 * @param {'f32' | 'f64'} type
 * @returns {Promise<{ run: () => unknown, flop: number }>} the work, and how much of it there is in one call
 */
export async function ceiling(type) {
  // As arguments: V8 from Node 22 on would rebuild constants at each turn.
  const source = `export function run(k: i32, half: ${type}, one: ${type}): f64 {
    const c = v128.splat<${type}>(half), d = v128.splat<${type}>(one)
    ${CHAINS.map((i) => `let x${i} = v128.splat<${type}>(${i})`).join('\n')}
    do {
      ${CHAINS.map((i) => `x${i} = v128.add<${type}>(v128.mul<${type}>(x${i}, c), d)`).join('\n')}
    } while (--k)
    ${CHAINS.slice(1)
      .map((i) => `x0 = v128.add<${type}>(x0, x${i})`)
      .join('\n')}
    return f64(v128.extract_lane<${type}>(x0, 0))
  }`;
  const options = /** @type {object} */ ({ optimizeLevel: 3, runtime: 'stub', enable: 'simd' });
  const { binary, stderr } = await asc.compileString(source, options);
  if (!binary) throw new Error(stderr.toString());
  const module = new WebAssembly.Module(new Uint8Array(binary));
  const { exports } = new WebAssembly.Instance(module, { env: { abort() {} } });
  const run = /** @type {(k: number, half: number, one: number) => number} */ (exports.run);
  return { run: () => run(LOOPS, 0.5, 1), flop: CHAINS.length * 2 * (type === 'f32' ? 4 : 2) * LOOPS };
}

/** A copy of `bytes` bytes.
 *
 * @param {number} bytes
 */
export function memcpy(bytes) {
  const [from, to] = [new Uint8Array(bytes).fill(1), new Uint8Array(bytes)];
  return { run: () => to.set(from) };
}
