// Steps of recurrent networks as TensorFlow.js has them among its ops.

import { convert, convertArray, type TensorLike } from '../convert.js';
import { tidy } from '../scope.js';
import { showShape } from '../shape.js';
import type { Tensor, Tensor1D, Tensor2D } from '../tensor.js';
import { sigmoid, tanh } from './activation.js';
import { add, mul } from './arithmetic.js';
import { scoped } from './dispatch.js';
import { concat } from './joining.js';
import { matMul } from './matmul.js';
import { split } from './slicing.js';

/** A step of a layer: next c and next h from its input, c and h. */
export type LSTMCellFunc = (data: Tensor2D, c: Tensor2D, h: Tensor2D) => [Tensor2D, Tensor2D];

/**
 * A step of long short-term memory as TensorFlow's BasicLSTMCell takes it, with parts in the order i, j, f, o:
 *
 *     i, j, f, o = [data, h] · lstmKernel + lstmBias
 *     newC = c · sigmoid(forgetBias + f) + sigmoid(i) · tanh(j)
 *     newH = tanh(newC) · sigmoid(o)
 *
 * @param forgetBias - a scalar
 * @param lstmKernel - [features + units, 4 · units]
 * @param lstmBias - [4 · units]
 * @param data - [batch, features]
 * @param c - [batch, units]
 * @param h - [batch, units]
 * @returns [newC, newH]
 * @throws RangeError for other shapes
 * @example
 * const [c, h] = basicLSTMCell(1, ones([5, 8]), zeros([8]), ones([1, 3]), zeros([1, 2]), zeros([1, 2]));
 * h.print();  // [[0.7037753, 0.7037753]]
 */
export function basicLSTMCell(
  forgetBias: Tensor | TensorLike,
  lstmKernel: Tensor2D | TensorLike,
  lstmBias: Tensor1D | TensorLike,
  data: Tensor2D | TensorLike,
  c: Tensor2D | TensorLike,
  h: Tensor2D | TensorLike,
): [Tensor2D, Tensor2D] {
  const op = 'basicLSTMCell';
  return scoped(() => {
    const $forgetBias = convert(forgetBias, 'forgetBias', op);
    const $kernel = convert(lstmKernel, 'lstmKernel', op);
    const $bias = convert(lstmBias, 'lstmBias', op);
    const [$data, $c, $h] = [convert(data, 'data', op), convert(c, 'c', op), convert(h, 'h', op)];
    const [units, width] = [$h.shape[1], $kernel.shape[1]];
    if ($kernel.rank !== 2 || $h.rank !== 2 || width !== 4 * units!) {
      throw new RangeError(
        `${op}: lstmKernel must be [features + units, 4 · units] for h [batch, units], got ${showShape($kernel.shape)} and ${showShape($h.shape)}`,
      );
    }
    const gates = add(matMul(concat([$data, $h], 1), $kernel), $bias);
    const [i, j, f, o] = split(gates, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
    const newC = add(mul($c, sigmoid(add($forgetBias, f))), mul(sigmoid(i), tanh(j)));
    return [newC, mul(tanh(newC), sigmoid(o))] as Tensor[];
  }) as [Tensor2D, Tensor2D];
}

/**
 * A step of cells in a stack: each is given the h of the one before it, the first the data.
 *
 * @param c - of each cell
 * @param h - of each cell
 * @returns the next c and the next h of each cell
 * @throws RangeError unless there are as many c and h as cells
 * @example
 * const cell = (data, c, h) => basicLSTMCell(1, ones([4, 8]), zeros([8]), data, c, h);
 * const states = [zeros([1, 2]), zeros([1, 2])];
 * const [c, h] = multiRNNCell([cell, cell], ones([1, 2]), states, states);
 * [c.length, h[1].shape];  // [2, [1, 2]]
 */
export function multiRNNCell(
  lstmCells: readonly LSTMCellFunc[],
  data: Tensor2D | TensorLike,
  c: readonly (Tensor2D | TensorLike)[],
  h: readonly (Tensor2D | TensorLike)[],
): [Tensor2D[], Tensor2D[]] {
  const op = 'multiRNNCell';
  return tidy(() => {
    let input = convert(data, 'data', op) as Tensor2D;
    const [$c, $h] = [convertArray(c, 'c', op), convertArray(h, 'h', op)] as [Tensor2D[], Tensor2D[]];
    if ($c.length !== lstmCells.length || $h.length !== lstmCells.length) {
      throw new RangeError(`${op}: ${lstmCells.length} cells need as many c and h, got ${$c.length} and ${$h.length}`);
    }
    const [newC, newH]: [Tensor2D[], Tensor2D[]] = [[], []];
    for (const [i, cell] of lstmCells.entries()) {
      const [nextC, nextH] = cell(input, $c[i]!, $h[i]!);
      newC.push(nextC);
      newH.push(nextH);
      input = nextH;
    }
    return [newC, newH];
  });
}
