// What TensorFlow.js keeps in its namespace `util` and its programs use: small functions of arrays and numbers. Where
// they draw, it is from the program's stream, so that setSeed makes them reproducible.

import { checkCount, checkFinite } from './check.js';
import { randomUniform } from './random/draw.js';
import { tanh as scalarTanh } from './scalar.js';
import { type Shape, sameShape, sizeOf } from './shape.js';

/** Uniform numbers in [0, 1). */
function draw(n: number): Float64Array {
  const u = randomUniform([n], 0, 1, 'float64');
  const values = u.dataSync() as Float64Array;
  u.dispose();
  return values;
}

/** An array whose elements can change places. */
type Shuffled = unknown[] | Uint32Array | Int32Array | Uint8Array | Float32Array | Float64Array;

function swap(x: Shuffled, i: number, j: number): void {
  const kept = x[i];
  x[i] = x[j] as never;
  x[j] = kept as never;
}

/** Fisher and Yates, from the end; in all arrays alike. */
function shuffleTogether(...arrays: Shuffled[]): void {
  const n = arrays[0]!.length;
  const u = draw(n);
  for (let i = n - 1; i > 0; i--) for (const x of arrays) swap(x, i, Math.floor(u[i]! * (i + 1)));
}

/**
 * Throws unless a condition holds.
 *
 * @param message - the error's message, or a function that gives it
 * @throws Error if it does not hold, TypeError if it is no boolean
 * @example
 * let message = 'nothing was thrown';
 * try {
 *   util.assert(1 + 1 === 3, () => 'two is not three');
 * } catch (error) {
 *   message = error.message;
 * }
 * message;  // 'two is not three'
 */
export function assert(condition: boolean, message: string | (() => string)): void {
  if (typeof condition !== 'boolean') throw new TypeError(`assert: needs a boolean, got ${typeof condition}`);
  if (!condition) throw new Error(typeof message === 'string' ? message : message());
}

/**
 * Throws unless two shapes are the same.
 *
 * @param errorMessagePrefix - what the error's message begins with; nothing if absent
 * @throws RangeError if they are not
 * @example
 * let message = 'nothing was thrown';
 * try {
 *   util.assertShapesMatch([2, 3], [3, 2], 'the mask:');
 * } catch (error) {
 *   message = error.message;
 * }
 * message;  // 'the mask: Shapes 2,3 and 3,2 must match'
 */
export function assertShapesMatch(shapeA: Shape, shapeB: Shape, errorMessagePrefix = ''): void {
  if (!sameShape(shapeA, shapeB)) {
    throw new RangeError(`${errorMessagePrefix} Shapes ${shapeA} and ${shapeB} must match`);
  }
}

/**
 * Puts the elements of an array in a random order, in place.
 *
 * @example
 * setSeed(1);
 * const list = ['a', 'b', 'c', 'd'];
 * util.shuffle(list);
 * list;  // ["c", "a", "b", "d"]
 */
export function shuffle(array: Shuffled): void {
  shuffleTogether(array);
}

/**
 * {@link shuffle} of two arrays, in the same way.
 *
 * @throws RangeError unless they have the same length
 * @example
 * const [xs, ys] = [[1, 2, 3], [10, 20, 30]];
 * util.shuffleCombo(xs, ys);
 * xs.map((x, i) => ys[i] / x);  // [10, 10, 10]
 */
export function shuffleCombo(array: Shuffled, array2: Shuffled): void {
  if (array.length !== array2.length) {
    throw new RangeError(`shuffleCombo: needs arrays of one length, got ${array.length} and ${array2.length}`);
  }
  shuffleTogether(array, array2);
}

/**
 * The numbers 0 to n − 1 in a random order.
 *
 * @throws TypeError or RangeError unless n is a whole number from 0 up
 * @example
 * util.createShuffledIndices(5).length;  // 5
 */
export function createShuffledIndices(n: number): Uint32Array {
  checkCount(n, 0, 'n', 'createShuffledIndices');
  const indices = Uint32Array.from({ length: n }, (_, i) => i);
  shuffleTogether(indices);
  return indices;
}

/**
 * The elements of nested arrays, and of typed arrays in them, one after the other.
 *
 * @param result - an array to add them to; a new one if absent
 * @example
 * util.flatten([[1, 2], [3, [4]]]);  // [1, 2, 3, 4]
 */
export function flatten<T>(nested: unknown, result: T[] = []): T[] {
  if (!Array.isArray(nested) && !ArrayBuffer.isView(nested)) result.push(nested as T);
  else for (const x of nested as unknown[]) flatten(x, result);
  return result;
}

/**
 * The number of elements of a shape.
 *
 * @example
 * util.sizeFromShape([2, 3, 4]);  // 24
 */
export const sizeFromShape = (shape: Shape): number => sizeOf(shape);

/**
 * A number from a to below b, each as likely.
 *
 * @throws TypeError or RangeError for numbers that are not finite
 * @example
 * Math.floor(util.randUniform(3, 4));  // 3
 */
export function randUniform(a: number, b: number): number {
  checkFinite(a, 'a', 'randUniform');
  checkFinite(b, 'b', 'randUniform');
  return a + (b - a) * draw(1)[0]!;
}

/**
 * The hyperbolic tangent of a number, in float64: the same bits everywhere, which Math.tanh does not give.
 *
 * @example
 * util.tanh(1);  // 0.7615942
 */
export const tanh = (x: number): number => scalarTanh(x);

/**
 * Milliseconds since some moment, with fractions: for measuring how long something takes.
 *
 * @example
 * const start = util.now();
 * util.now() >= start;  // true
 */
export const now = (): number => performance.now();
