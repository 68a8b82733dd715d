import { checkCount, checkFinite } from '../check.js';
import type { DataType } from '../dtype.js';
import { castTo } from '../ops/dispatch.js';
import { expandDims, greaterEqual, sum, tensor1d } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { guard } from '../wasm/trace.js';
import { type Batches, takeEach } from './adapt.js';
import { checkMode, type EncodingMode, encode, encodedShape } from './categoryEncoding.js';
import { Layer, type LayerOptions, type LayerShape } from './layer.js';

/** What {@link discretization} takes. */
export interface DiscretizationOptions extends LayerOptions {
  /** Where bins end and the next ones begin, rising: [0, 1, 2] makes the bins (−∞, 0), [0, 1), [1, 2) and [2, ∞). */
  binBoundaries?: readonly number[];
  /** In place of boundaries: how many bins `adapt` is to make. */
  numBins?: number;
  /** 'int' gives the number of the bin; the others make vectors of it, see {@link EncodingMode}. 'int' if absent. */
  outputMode?: 'int' | EncodingMode;
}

const MODES = ['int', 'oneHot', 'multiHot', 'count'];

/** What parts all values in so many bins of as many: between two values in proportion, equal ones once. */
function quantiles(lots: readonly Float64Array[], bins: number, op: string): number[] {
  const values = new Float64Array(lots.reduce((n, lot) => n + lot.length, 0));
  let at = 0;
  for (const lot of lots) {
    values.set(lot, at);
    at += lot.length;
  }
  if (at === 0) throw new RangeError(`${op}.adapt: needs some data, got none`);
  // NaN comes last.
  values.sort();
  if (!Number.isFinite(values[0]) || !Number.isFinite(values[at - 1])) {
    throw new RangeError(`${op}.adapt: needs finite values`);
  }
  const found = Array.from({ length: bins - 1 }, (_, i) => {
    const place = ((i + 1) * (at - 1)) / bins;
    const low = values[Math.floor(place)]!;
    return low + (values[Math.ceil(place)]! - low) * (place - Math.floor(place));
  });
  return [...new Set(found)];
}

/** Values as the numbers of the bins that they lie in. */
export class Discretization extends Layer {
  private boundaries: readonly number[] | undefined;
  private readonly mode: 'int' | EncodingMode;

  constructor(options: DiscretizationOptions) {
    super(options);
    const { binBoundaries, numBins, outputMode = 'int' } = options;
    if ((binBoundaries === undefined) === (numBins === undefined)) {
      throw new RangeError('layers.discretization: needs binBoundaries or numBins, and not both');
    }
    if (numBins !== undefined) checkCount(numBins, 1, 'numBins', 'layers.discretization');
    binBoundaries?.forEach((b, i) => {
      checkFinite(b, 'binBoundaries', 'layers.discretization');
      if (i > 0 && !(binBoundaries[i - 1]! < b)) {
        throw new RangeError(`layers.discretization: binBoundaries must rise, got [${binBoundaries}]`);
      }
    });
    checkMode(outputMode, MODES, 'layers.discretization');
    this.boundaries = binBoundaries;
    this.mode = outputMode;
  }

  override getClassName(): string {
    return 'Discretization';
  }

  override computeOutputShape(inputShape: LayerShape): LayerShape {
    return this.mode === 'int' ? inputShape : encodedShape(inputShape, this.known().length + 1, this.mode);
  }

  protected override outputType(): DataType {
    return this.mode === 'int' ? 'int32' : this.dtype;
  }

  private known(): readonly number[] {
    if (this.boundaries) return this.boundaries;
    throw new Error(`${this.name}: needs adapt before it is called, which finds the bins`);
  }

  call(x: Tensor): Tensor {
    const boundaries = this.known();
    guard(this, () => this.boundaries === boundaries);
    const dtype = x.dtype === 'float64' ? 'float64' : 'float32';
    const above = greaterEqual(expandDims(castTo(x, dtype), -1), tensor1d([...boundaries], dtype));
    const bins = sum(castTo(above, 'int32'), -1);
    return this.mode === 'int' ? bins : encode(bins, boundaries.length + 1, this.mode, this.dtype);
  }

  /**
   * Takes boundaries from data, so that each bin has as much of it: its quantiles 1/numBins, 2/numBins, …, between two
   * values in proportion, as NumPy has it. (Keras summarizes large data and gets near them.) Equal ones become one.
   *
   * @param data - a tensor, or tensors one by one; those of a dataset, which are disposed of, are taken in a promise
   * @throws Error if boundaries were given, RangeError for no data or values that are not finite
   * @example
   * const layer = layers.discretization({ numBins: 2 });
   * layer.adapt(tensor1d([1, 2, 3, 10]));
   * layer.apply(tensor1d([0, 2.4, 2.5, 4])).print();  // [0, 0, 1, 1]
   */
  adapt(data: Tensor | Iterable<Tensor>): void;
  adapt(data: AsyncIterable<Tensor>): Promise<void>;
  adapt(data: Batches): void | Promise<void> {
    const { numBins } = this.options as DiscretizationOptions;
    if (numBins === undefined) {
      throw new Error('layers.discretization: binBoundaries were given, so that adapt has nothing to do');
    }
    const lots: Float64Array[] = [];
    return takeEach(
      data,
      (x) => lots.push(Float64Array.from(x.dataSync())),
      () => {
        this.boundaries = quantiles(lots, numBins, this.name);
      },
    );
  }

  override getConfig(): Record<string, unknown> {
    const { numBins, ...config } = super.getConfig();
    return this.boundaries ? { ...config, binBoundaries: [...this.boundaries] } : { ...config, numBins };
  }
}

/**
 * A layer that makes class numbers of values: the number of the bin that each lies in, from 0 up. The bins are given by
 * their boundaries, or found in data by `adapt`.
 *
 * @throws RangeError for boundaries that do not rise, both or none of boundaries and numBins, or another mode
 * @example
 * layers.discretization({ binBoundaries: [0, 1] }).apply(tensor1d([-2, 0, 0.5, 7])).print();  // [0, 1, 1, 2]
 */
export const discretization = (options: DiscretizationOptions): Discretization => new Discretization(options);
