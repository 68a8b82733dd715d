// Elementary functions of plain numbers, in float64, by the package's own kernels: the host's Math.pow and
// its like give other bits in every engine.

import { allocate, view } from './memory.js';
import { kernels, special } from './wasm/kernels.js';
import { untraced } from './wasm/trace.js';

// Two operands and a result, for the life of the package.
const a = allocate(8, 'a scalar');
const b = allocate(8, 'a scalar');
const y = allocate(8, 'a scalar');

function call(run: () => void, x1: number, x2 = 0): number {
  view('float64', a, 1)[0] = x1;
  view('float64', b, 1)[0] = x2;
  // A number is known when a step is recorded: computing it is no part of the step.
  untraced(run);
  return view('float64', y, 1)[0]!;
}

/** x1 to the power of x2. */
export const pow = (x1: number, x2: number): number =>
  call(() => special.float64.pow(a, b, y, 1, 1, 1, 0, 0, 1, 0, 0, 1), x1, x2);

/** The natural logarithm. */
export const log = (x: number): number => call(() => kernels.float64.log(a, y, 1), x);

/** eˣ. */
export const exp = (x: number): number => call(() => kernels.float64.exp(a, y, 1), x);

/** The cosine of x in radians. */
export const cos = (x: number): number => call(() => special.float64.cos(a, y, 1), x);

/** The sine of x in radians. */
export const sin = (x: number): number => call(() => special.float64.sin(a, y, 1), x);

/** The hyperbolic tangent of x. */
export const tanh = (x: number): number => call(() => kernels.float64.tanh(a, y, 1), x);
