// A weight of a layer: how it is made, what it adds to the loss, what it is made after each update, how it is replaced.

import { constraintOf } from '../constraint-names.js';
import type { Constraint } from '../constraints.js';
import type { FloatType } from '../dtype.js';
import { initializerOf } from '../initializer-names.js';
import type { Initializer } from '../initializers.js';
import { fill } from '../ops/index.js';
import { regularizerOf } from '../regularizer-names.js';
import type { Regularizer } from '../regularizers.js';
import { tidy } from '../scope.js';
import { sameShape, showShape, sizeOf } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { type Variable, variable } from '../variable.js';

/** How a weight begins, what it adds to the loss while it is trained, and what it is made after each update. */
export interface WeightSpec {
  initializer: Initializer;
  regularizer?: Regularizer | undefined;
  constraint?: Constraint | undefined;
}

/** The same from what a layer's options say, by name or by function. */
export const weightSpec = (
  initializer: string | Initializer,
  regularizer: string | Regularizer | null | undefined,
  constraint: string | Constraint | null | undefined,
  op: string,
): WeightSpec => ({
  initializer: initializerOf(initializer, op),
  regularizer: regularizerOf(regularizer, op),
  constraint: constraintOf(constraint, op),
});

const variableNames = new Map<string, number>();

/** Variables are unique by name in the whole program, layers only in their model. */
function uniqueVariableName(name: string): string {
  const n = variableNames.get(name) ?? 0;
  variableNames.set(name, n + 1);
  return n === 0 ? name : `${name}_${n}`;
}

/** What every weight begins with while a file is read, which has the weights. */
let blank: Initializer | undefined;

/**
 * Runs `f`, in which weights begin with zeros: none are drawn only to be replaced.
 *
 * @param elements - how many there are to replace them: a file must not make more weights than it has
 */
export function withoutInitializers<T>(elements: number, f: () => T): T {
  const outer = blank;
  blank = (shape, dtype) => {
    elements -= sizeOf(shape);
    if (!(elements >= 0)) throw new RangeError('the weights of the model are more than there are in the file');
    return fill(shape, 0, dtype);
  };
  try {
    return f();
  } finally {
    blank = outer;
  }
}

/**
 * A new variable.
 *
 * @param owner - the name of the layer that it is for
 * @throws RangeError if initializer or constraint give another shape or dtype
 */
export function newWeight(
  name: string,
  shape: readonly number[],
  dtype: FloatType,
  { initializer, constraint }: WeightSpec,
  trainable: boolean,
  owner: string,
): Variable {
  const check = (x: Tensor, giver: string): Tensor => {
    if (sameShape(x.shape, shape) && x.dtype === dtype) return x;
    throw new RangeError(
      `${owner}: the ${giver} of ${name} must give ${showShape(shape)} ${dtype}, got ${showShape(x.shape)} ${x.dtype}`,
    );
  };
  return tidy(() => {
    const initial = check((blank ?? initializer)(shape, dtype), 'initializer');
    // One that does not fit is better known now than after an update.
    if (constraint) check(constraint(initial), 'constraint');
    return variable(initial, trainable, uniqueVariableName(`${owner}/${name}`)) as Variable;
  });
}

/** Replaces weights' values. All are checked before the first is changed. */
export function assignWeights(weights: readonly Variable[], values: readonly Tensor[], op: string): void {
  if (values.length !== weights.length) {
    throw new RangeError(`${op}: needs ${weights.length} tensors, got ${values.length}`);
  }
  values.forEach((value, i) => {
    const w = weights[i]!;
    value.throwIfDisposed();
    if (!sameShape(value.shape, w.shape) || value.dtype !== w.dtype) {
      throw new RangeError(
        `${op}: ${w.name} needs ${showShape(w.shape)} ${w.dtype}, got ${showShape(value.shape)} ${value.dtype}`,
      );
    }
  });
  values.forEach((value, i) => {
    weights[i]!.assign(value);
  });
}
