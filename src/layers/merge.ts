// Layers that merge several inputs element by element. Inputs broadcast behind the batch, after the axes of those that
// have fewer are filled up in front: [batch, 3] beside [batch, 5, 3] counts as [batch, 1, 3].

import {
  add as addOp,
  div,
  logicalOr,
  maximum as maximumOp,
  minimum as minimumOp,
  mul,
  reshape,
  sub,
} from '../ops/index.js';
import { Tensor } from '../tensor.js';
import {
  type CallOptions,
  Layer,
  type LayerOptions,
  type LayerShape,
  type OneOrMore,
  showLayerShape,
} from './layer.js';
import { severalMasks } from './masks.js';
import type { SymbolicTensor } from './symbolic.js';

/** Several tensors, or several planned ones. */
export type SeveralInputs = readonly Tensor[] | readonly SymbolicTensor[];

/**
 * @internal A layer that merges, or its output where it is told its inputs themselves, as TensorFlow.js's functions may be:
 * a layer without weights that is used once.
 */
export function layerOrOutput<O extends LayerOptions>(
  make: (options: O) => Layer,
  given: O | SeveralInputs | undefined,
): Layer | Tensor | SymbolicTensor {
  return Array.isArray(given) ? make({} as O).apply<Tensor>(given as readonly Tensor[]) : make((given ?? {}) as O);
}

/** @internal The shapes of a layer's several inputs. @throws TypeError unless they are several */
export function severalShapes(shapes: OneOrMore<LayerShape>, name: string): readonly LayerShape[] {
  if (Array.isArray(shapes[0])) return shapes as readonly LayerShape[];
  throw new TypeError(`${name}: needs an array of inputs, got one of shape ${showLayerShape(shapes as LayerShape)}`);
}

/** @internal The batch that shapes have in common; open where it is in all. @throws RangeError if they have none */
export function commonBatch(shapes: readonly LayerShape[], name: string): number | null {
  const sizes = new Set(shapes.map(([batch]) => batch).filter((n) => typeof n === 'number'));
  if (sizes.size > 1) {
    throw new RangeError(`${name}: needs inputs of one batch size, got ${shapes.map(showLayerShape).join(' and ')}`);
  }
  return [...sizes][0] ?? null;
}

/** The shape that two broadcast to, aligned at the last axis. What is open beside something else than 1 stays open. */
function broadcast(a: LayerShape, b: LayerShape, name: string): LayerShape {
  const [long, short] = a.length < b.length ? [b, a] : [a, b];
  const extra = long.length - short.length;
  return long.map((m, i) => {
    const n = i < extra ? 1 : short[i - extra]!;
    if (m === n || n === 1) return m;
    if (m === 1) return n;
    if (m === null || n === null) return null;
    throw new RangeError(
      `${name}: inputs of shapes ${showLayerShape(a)} and ${showLayerShape(b)} behind the batch do not go together`,
    );
  });
}

/** What elementwise merges share. */
export abstract class Merge extends Layer {
  override supportsMasking = true;

  /** Of two inputs. */
  protected abstract merge(a: Tensor, b: Tensor): Tensor;

  override computeOutputShape(inputShape: OneOrMore<LayerShape>): LayerShape {
    const shapes = severalShapes(inputShape, this.name);
    this.checkCount(shapes.length);
    const rest = shapes.map((shape): LayerShape => shape.slice(1)).reduce((a, b) => broadcast(a, b, this.name));
    return [commonBatch(shapes, this.name), ...rest];
  }

  /** Refuses another number of inputs. */
  protected checkCount(_count: number): void {}

  call(inputs: OneOrMore<Tensor>, _options: CallOptions): Tensor {
    if (!Array.isArray(inputs)) throw new TypeError(`${this.name}: needs an array of inputs, got one`);
    const xs = inputs as readonly Tensor[];
    this.computeOutputShape(xs.map(({ shape }) => shape));
    const rank = Math.max(...xs.map((x) => x.rank));
    const aligned = xs.map((x) =>
      x.rank === rank ? x : reshape(x, [x.shape[0]!, ...new Array<number>(rank - x.rank).fill(1), ...x.shape.slice(1)]),
    );
    return aligned.reduce((a, b) => this.merge(a, b));
  }

  /** Steps count that count in any input, if each has a mask, as in Keras. */
  override computeMask(_inputs: OneOrMore<Tensor>, mask: CallOptions['mask']): Tensor | undefined {
    const masks = severalMasks(mask, this.name);
    if (masks.length === 0 || masks.some((m) => m === undefined)) return undefined;
    return (masks as readonly Tensor[]).reduce((a, b) => logicalOr(a, b));
  }
}

/** a + b + ... */
export class Add extends Merge {
  protected merge = addOp<Tensor>;

  override getClassName(): string {
    return 'Add';
  }
}

/** a − b */
export class Subtract extends Merge {
  protected merge = sub<Tensor>;

  override getClassName(): string {
    return 'Subtract';
  }

  protected override checkCount(count: number): void {
    if (count !== 2) throw new RangeError(`${this.name}: needs 2 inputs, got ${count}`);
  }
}

/** a · b · ... */
export class Multiply extends Merge {
  protected merge = mul<Tensor>;

  override getClassName(): string {
    return 'Multiply';
  }
}

/** (a + b + ...) / how many they are */
export class Average extends Merge {
  protected merge = addOp<Tensor>;

  override getClassName(): string {
    return 'Average';
  }

  override call(inputs: OneOrMore<Tensor>, options: CallOptions): Tensor {
    return div(super.call(inputs, options), inputs instanceof Tensor ? 1 : inputs.length);
  }
}

/** The greatest of a, b, ... */
export class Maximum extends Merge {
  protected merge = maximumOp<Tensor>;

  override getClassName(): string {
    return 'Maximum';
  }
}

/** The least of a, b, ... */
export class Minimum extends Merge {
  protected merge = minimumOp<Tensor>;

  override getClassName(): string {
    return 'Minimum';
  }
}

/**
 * A layer that adds several inputs, element by element; or, given the inputs themselves, their sum.
 *
 * @param given - the layer's options, or an array of tensors or of planned ones, as in TensorFlow.js
 * @throws TypeError for a single input; RangeError for shapes that do not go together
 * @example
 * layers.add().apply([tensor2d([[1, 2]]), tensor2d([[10, 20]]), tensor2d([[100, 200]])]).print();  // [[111, 222]]
 * layers.add([input({ shape: [5, 3] }), input({ shape: [3] })]).shape;  // [null, 5, 3]
 */
export function add(given?: LayerOptions): Add;
export function add(given: readonly SymbolicTensor[]): SymbolicTensor;
export function add(given: readonly Tensor[]): Tensor;
export function add(given?: LayerOptions | SeveralInputs): Layer | Tensor | SymbolicTensor {
  return layerOrOutput((options: LayerOptions) => new Add(options), given);
}

/**
 * A layer that subtracts the second input from the first, element by element; or, given the inputs, their difference.
 *
 * @param given - the layer's options, or two tensors or planned ones
 * @throws TypeError for a single input; RangeError for more than two, and for shapes that do not go together
 * @example
 * layers.subtract().apply([tensor2d([[1, 2]]), tensor2d([[10, 20]])]).print();  // [[-9, -18]]
 */
export function subtract(given?: LayerOptions): Subtract;
export function subtract(given: readonly SymbolicTensor[]): SymbolicTensor;
export function subtract(given: readonly Tensor[]): Tensor;
export function subtract(given?: LayerOptions | SeveralInputs): Layer | Tensor | SymbolicTensor {
  return layerOrOutput((options: LayerOptions) => new Subtract(options), given);
}

/**
 * A layer that multiplies several inputs, element by element; or, given the inputs, their product.
 *
 * @param given - the layer's options, or an array of tensors or of planned ones
 * @throws TypeError for a single input; RangeError for shapes that do not go together
 * @example
 * layers.multiply().apply([tensor2d([[1, 2]]), tensor2d([[10, 20]])]).print();  // [[10, 40]]
 */
export function multiply(given?: LayerOptions): Multiply;
export function multiply(given: readonly SymbolicTensor[]): SymbolicTensor;
export function multiply(given: readonly Tensor[]): Tensor;
export function multiply(given?: LayerOptions | SeveralInputs): Layer | Tensor | SymbolicTensor {
  return layerOrOutput((options: LayerOptions) => new Multiply(options), given);
}

/**
 * A layer that takes the mean of several inputs, element by element; or, given the inputs, their mean.
 *
 * @param given - the layer's options, or an array of tensors or of planned ones
 * @throws TypeError for a single input; RangeError for shapes that do not go together
 * @example
 * layers.average().apply([tensor2d([[1, 2]]), tensor2d([[10, 20]])]).print();  // [[5.5, 11]]
 */
export function average(given?: LayerOptions): Average;
export function average(given: readonly SymbolicTensor[]): SymbolicTensor;
export function average(given: readonly Tensor[]): Tensor;
export function average(given?: LayerOptions | SeveralInputs): Layer | Tensor | SymbolicTensor {
  return layerOrOutput((options: LayerOptions) => new Average(options), given);
}

/**
 * A layer that keeps the greatest of several inputs, element by element; or, given the inputs, the greatest of these.
 *
 * @param given - the layer's options, or an array of tensors or of planned ones
 * @throws TypeError for a single input; RangeError for shapes that do not go together
 * @example
 * layers.maximum().apply([tensor2d([[1, 20]]), tensor2d([[10, 2]])]).print();  // [[10, 20]]
 */
export function maximum(given?: LayerOptions): Maximum;
export function maximum(given: readonly SymbolicTensor[]): SymbolicTensor;
export function maximum(given: readonly Tensor[]): Tensor;
export function maximum(given?: LayerOptions | SeveralInputs): Layer | Tensor | SymbolicTensor {
  return layerOrOutput((options: LayerOptions) => new Maximum(options), given);
}

/**
 * A layer that keeps the least of several inputs, element by element; or, given the inputs, the least of these.
 *
 * @param given - the layer's options, or an array of tensors or of planned ones
 * @throws TypeError for a single input; RangeError for shapes that do not go together
 * @example
 * layers.minimum().apply([tensor2d([[1, 20]]), tensor2d([[10, 2]])]).print();  // [[1, 2]]
 */
export function minimum(given?: LayerOptions): Minimum;
export function minimum(given: readonly SymbolicTensor[]): SymbolicTensor;
export function minimum(given: readonly Tensor[]): Tensor;
export function minimum(given?: LayerOptions | SeveralInputs): Layer | Tensor | SymbolicTensor {
  return layerOrOutput((options: LayerOptions) => new Minimum(options), given);
}
