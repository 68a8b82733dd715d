import { matMul, reshape, transpose } from '../ops/index.js';
import { unitVectors } from '../ops/normalization.js';
import { normalizeAxis } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions, type LayerShape, type OneOrMore, showLayerShape } from './layer.js';
import { commonBatch, severalShapes } from './merge.js';

/** What {@link dot} takes. */
export interface DotOptions extends LayerOptions {
  /** The axis of both inputs along which products are added up, or one for each input; not that of the batch. */
  axes: number | readonly [number, number];
  /** Whether vectors along the axes are made to have length 1 first, so that products are cosines; false if absent. */
  normalize?: boolean;
}

/** Sums of products of two inputs, sample by sample. */
export class Dot extends Layer {
  private readonly asked: readonly [number, number];
  private readonly normalize: boolean;

  constructor(options: DotOptions) {
    super(options);
    const { axes, normalize = false } = options;
    const pair = typeof axes === 'number' ? [axes, axes] : axes;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((axis) => Number.isInteger(axis))) {
      throw new TypeError(`layers.dot: axes must be a whole number or two, got ${axes}`);
    }
    if (pair.includes(0)) throw new RangeError('layers.dot: axes must not be that of the batch, got 0');
    this.asked = pair as [number, number];
    this.normalize = normalize;
  }

  override getClassName(): string {
    return 'Dot';
  }

  /** The axes of two inputs of these shapes, counted from the first. */
  private axesOf(inputShape: OneOrMore<LayerShape>): [number, number] {
    const shapes = severalShapes(inputShape, this.name);
    if (shapes.length !== 2) throw new RangeError(`${this.name}: needs 2 inputs, got ${shapes.length}`);
    commonBatch(shapes, this.name);
    const axes = shapes.map((shape, i) => normalizeAxis(this.asked[i]!, shape.length, this.name)) as [number, number];
    const [m, n] = shapes.map((shape, i) => shape[axes[i]!]!);
    if (axes.includes(0) || (m !== n && m !== null && n !== null)) {
      const list = shapes.map(showLayerShape).join(' and ');
      throw new RangeError(`${this.name}: needs inputs of one size along axes ${axes}, behind the batch, got ${list}`);
    }
    return axes;
  }

  override computeOutputShape(inputShape: OneOrMore<LayerShape>): LayerShape {
    const axes = this.axesOf(inputShape);
    const shapes = inputShape as readonly LayerShape[];
    const rest = shapes.flatMap((shape, i) => shape.slice(1).filter((_, axis) => axis + 1 !== axes[i]));
    return [commonBatch(shapes, this.name), ...(rest.length > 0 ? rest : [1])];
  }

  override countMultiplyAdds(inputShape: OneOrMore<LayerShape>, outputShape: LayerShape): number {
    const [axis] = this.axesOf(inputShape);
    return [...outputShape.slice(1), (inputShape[0] as LayerShape)[axis]!].reduce<number>(
      (product, n) => product * (n ?? 1),
      1,
    );
  }

  call(inputs: OneOrMore<Tensor>): Tensor {
    if (!Array.isArray(inputs)) throw new TypeError(`${this.name}: needs an array of inputs, got one`);
    const xs = inputs as readonly Tensor[];
    const shapes = xs.map(({ shape }) => shape);
    const axes = this.axesOf(shapes);
    // Each as [batch, vectors, elements of a vector].
    const [a, b] = xs.map((x, i): Tensor => {
      const vectors = this.normalize ? unitVectors(x, axes[i]!) : x;
      const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== axes[i]);
      return reshape(transpose(vectors, [...order, axes[i]!]), [x.shape[0]!, -1, x.shape[axes[i]!]!]);
    }) as [Tensor, Tensor];
    return reshape(matMul(a, b, false, true), this.computeOutputShape(shapes) as number[]);
  }
}

/**
 * A layer of sums of products: of inputs [batch, ...a, n, ...b] and [batch, ...c, n, ...d] the outputs [batch, ...a, ...b, ...c,
 * ...d], and [batch, 1] for two vectors. Masks end here.
 *
 * @throws TypeError for axes that are no whole numbers; RangeError for that of the batch, and for inputs that do not fit
 * @example
 * layers.dot({ axes: 1 }).apply([tensor2d([[1, 2]]), tensor2d([[3, 4]])]).print();  // [[11]]
 * layers.dot({ axes: [1, 2], normalize: true }).apply([ones([2, 3, 5]), ones([2, 10, 3])]).shape;  // [2, 5, 10]
 * @see Keras, Dot
 */
export const dot = (options: DotOptions): Dot => new Dot(options);
