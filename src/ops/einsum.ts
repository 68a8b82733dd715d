// Einstein summation, by one matrix product: a reads as [batch, free, summed], b as [batch, summed, free].

import { convert, type TensorLike } from '../convert.js';
import { showShape, sizeOf } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { mul } from './arithmetic.js';
import { scoped } from './dispatch.js';
import { matMul } from './matmul.js';
import { sum } from './reduction.js';
import { reshape, transpose } from './transform.js';

/** A tensor whose axes have letters. */
interface Labelled {
  x: Tensor;
  axes: string;
}

/** The letters of each input and of the output. */
function parse(equation: string, inputs: number): { terms: string[]; output: string } {
  const sides = equation.replace(/\s/g, '').split('->');
  if (sides.length !== 2) {
    throw new RangeError(
      sides.length < 2
        ? `einsum: Equations without an arrow are not supported, got '${equation}'`
        : `einsum: Equation must contain exactly one arrow ("->"), got '${equation}'`,
    );
  }
  const [input, output] = sides as [string, string];
  if (input.includes('...')) throw new RangeError('einsum: The ellipsis notation ("...") is not supported yet.');
  const terms = input.split(',');
  if (terms.length !== inputs) {
    throw new RangeError(`einsum: Expected ${terms.length} input tensors, received ${inputs}`);
  }
  if (inputs > 2) throw new RangeError('einsum: Support for more than 2 input tensors is not implemented yet.');
  for (const letter of output) {
    if (!terms.some((term) => term.includes(letter))) {
      throw new RangeError(`Output subscripts contain the label ${letter} not present in the input subscripts.`);
    }
  }
  for (const term of [...terms, output]) {
    if (new Set(term).size !== term.length) {
      throw new RangeError(
        `einsum: Found duplicate axes in component ${term}. Support for duplicate axes is not implemented yet.`,
      );
    }
  }
  return { terms, output };
}

/** The size of each letter. */
function sizes(inputs: readonly Labelled[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { x, axes } of inputs) {
    if (x.rank !== axes.length) {
      throw new RangeError(
        `einsum: '${axes}' names ${axes.length} axes, but the tensor's shape is ${showShape(x.shape)}`,
      );
    }
    [...axes].forEach((letter, i) => {
      const n = x.shape[i]!;
      const known = found.get(letter) ?? n;
      if (known !== n) {
        throw new RangeError(
          `einsum: Expected dimension ${known} at axis ${i} of input shaped [${x.shape}], but got dimension ${n}`,
        );
      }
      found.set(letter, n);
    });
  }
  return found;
}

/** Sums over the letters that are not in `kept`. */
function sumOthers({ x, axes }: Labelled, kept: string): Labelled {
  const over = [...axes].flatMap((letter, i) => (kept.includes(letter) ? [] : [i]));
  return over.length
    ? { x: sum(x, over), axes: [...axes].filter((letter) => kept.includes(letter)).join('') }
    : { x, axes };
}

/** The axes in another order. */
const arrange = ({ x, axes }: Labelled, order: string): Tensor =>
  transpose(
    x,
    [...order].map((letter) => axes.indexOf(letter)),
  );

/**
 * The sum of products that an equation names: letters in the inputs but not in the output are summed over.
 *
 * @param equation - as 'ij,jk->ik': one or two inputs, each letter once in each
 * @throws RangeError for an equation without an arrow, an ellipsis, a letter twice, or sizes that differ
 * @example
 * einsum('ij,jk->ik', tensor2d([[1, 2]]), tensor2d([[3], [4]])).print();  // [[11]]
 */
export function einsum(equation: string, ...tensors: (Tensor | TensorLike)[]): Tensor {
  return scoped(() => {
    const xs = tensors.map((x, i) => convert(x, `tensors${i}`, 'einsum'));
    const { terms, output } = parse(equation, xs.length);
    const inputs = terms.map((axes, i) => ({ x: xs[i]!, axes }));
    const size = sizes(inputs);
    const [a, b] = inputs as [Labelled, Labelled | undefined];
    if (!b) return arrange(sumOthers(a, output), output);

    const left = sumOthers(a, output + b.axes);
    const right = sumOthers(b, output + a.axes);
    const letters = (from: string, test: (letter: string) => boolean) => [...from].filter(test).join('');
    const shared = letters(left.axes, (l) => right.axes.includes(l));
    const batch = letters(shared, (l) => output.includes(l));
    const summed = letters(shared, (l) => !output.includes(l));
    const freeLeft = letters(left.axes, (l) => !shared.includes(l));
    const freeRight = letters(right.axes, (l) => !shared.includes(l));
    const shapeOf = (axes: string) => [...axes].map((l) => size.get(l)!);
    const count = (axes: string) => sizeOf(shapeOf(axes));

    const p = reshape(arrange(left, batch + freeLeft + summed), [count(batch), count(freeLeft), count(summed)]);
    const q = reshape(arrange(right, batch + summed + freeRight), [count(batch), count(summed), count(freeRight)]);
    const y = summed || freeLeft || freeRight ? matMul(p, q) : mul(p, q);
    const axes = batch + freeLeft + freeRight;
    return arrange({ x: reshape(y, shapeOf(axes)), axes }, output);
  });
}
