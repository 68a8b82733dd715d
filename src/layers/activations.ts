// Activations that are layers because they take options. Those without any are `layers.activation({ activation: 'tanh' })`.

import { checkFinite, checkPositive } from '../check.js';
import {
  celu as celuOp,
  elu as eluOp,
  gelu as geluOp,
  greater,
  hardTanh as hardTanhOp,
  leakyRelu,
  minimum,
  mul,
  relu,
  relu6,
  softmax as softmaxOp,
  sub,
  threshold as thresholdOp,
  transpose,
  where,
} from '../ops/index.js';
import { normalizeAxis } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions } from './layer.js';

/** @throws TypeError unless x is a number, RangeError unless it is 0 or more */
function checkNotNegative(x: unknown, name: string, op: string): void {
  checkFinite(x, name, op);
  if (x < 0) throw new RangeError(`${op}: ${name} must be 0 or more, got ${x}`);
}

/** What {@link reLU} takes. */
export interface ReLUOptions extends LayerOptions {
  /** What the output is at most; without end if absent or null. */
  maxValue?: number | null;
  /** The slope below the threshold; 0 if absent. */
  negativeSlope?: number;
  /** Where the output starts to be the input; 0 if absent. */
  threshold?: number;
}

/** y = x from a threshold up to a greatest value, a line of another slope below the threshold. */
export class ReLU extends Layer {
  override supportsMasking = true;
  private readonly maxValue: number | undefined;
  private readonly slope: number;
  private readonly threshold: number;

  constructor(options: ReLUOptions = {}) {
    super(options);
    const { maxValue, negativeSlope = 0, threshold = 0 } = options;
    this.maxValue = maxValue ?? undefined;
    if (this.maxValue !== undefined) checkNotNegative(this.maxValue, 'maxValue', 'layers.reLU');
    checkNotNegative(negativeSlope, 'negativeSlope', 'layers.reLU');
    checkNotNegative(threshold, 'threshold', 'layers.reLU');
    this.slope = negativeSlope;
    this.threshold = threshold;
  }

  override getClassName(): string {
    return 'ReLU';
  }

  call(x: Tensor): Tensor {
    const { maxValue, slope, threshold } = this;
    if (maxValue === 6 && slope === 0 && threshold === 0) return relu6(x);
    const y = threshold > 0 ? this.above(x) : slope > 0 ? leakyRelu(x, slope) : relu(x);
    return maxValue === undefined ? y : minimum(y, maxValue);
  }

  private above(x: Tensor): Tensor {
    const { slope, threshold } = this;
    return slope > 0 ? where(greater(x, threshold), x, mul(sub(x, threshold), slope)) : thresholdOp(x, threshold);
  }
}

/**
 * A rectifier: x from `threshold` up, at most `maxValue`; negativeSlope · (x − threshold) below.
 *
 * @throws TypeError for options that are no numbers, RangeError for negative ones
 * @example
 * layers.reLU().apply(tensor2d([[-1, 2]])).print();  // [[0, 2]]
 * layers.reLU({ maxValue: 4, negativeSlope: 0.5, threshold: 1 }).apply(tensor2d([[-1, 0, 2, 9]])).print();  // [[-1, -0.5, 2, 4]]
 * @see Keras, ReLU
 */
export const reLU = (options?: ReLUOptions): ReLU => new ReLU(options);

/** What {@link leakyReLU} takes. */
export interface LeakyReLUOptions extends LayerOptions {
  /** The slope below 0; 0.3 if absent. */
  alpha?: number;
  /** The same by the name that it has in Keras 3. */
  negativeSlope?: number;
}

/** y = x where x > 0, alpha · x elsewhere. */
export class LeakyReLU extends Layer {
  override supportsMasking = true;
  private readonly alpha: number;

  constructor(options: LeakyReLUOptions = {}) {
    super(options);
    this.alpha = options.alpha ?? options.negativeSlope ?? 0.3;
    checkFinite(this.alpha, 'alpha', 'layers.leakyReLU');
  }

  override getClassName(): string {
    return 'LeakyReLU';
  }

  call(x: Tensor): Tensor {
    return leakyRelu(x, this.alpha);
  }
}

/**
 * A rectifier with a slope below 0: x where x > 0, alpha · x elsewhere (Maas et al. 2013).
 *
 * @throws TypeError for an alpha that is no number, RangeError for one that is not finite
 * @example
 * layers.leakyReLU({ alpha: 0.5 }).apply(tensor2d([[-1, 2]])).print();  // [[-0.5, 2]]
 */
export const leakyReLU = (options?: LeakyReLUOptions): LeakyReLU => new LeakyReLU(options);

/** What {@link elu} takes. */
export interface ELUOptions extends LayerOptions {
  /** Minus the limit at −∞; 1 if absent. */
  alpha?: number;
}

/** y = x where x > 0, alpha · (eˣ − 1) elsewhere. */
export class ELU extends Layer {
  override supportsMasking = true;
  private readonly alpha: number;

  constructor(options: ELUOptions = {}) {
    super(options);
    this.alpha = options.alpha ?? 1;
    checkFinite(this.alpha, 'alpha', 'layers.elu');
  }

  override getClassName(): string {
    return 'ELU';
  }

  call(x: Tensor): Tensor {
    return eluOp(x, this.alpha);
  }
}

/**
 * An exponential linear unit: x where x > 0, alpha · (eˣ − 1) elsewhere (Clevert et al. 2016).
 *
 * @throws TypeError for an alpha that is no number, RangeError for one that is not finite
 * @example
 * layers.elu({ alpha: 2 }).apply(tensor2d([[-1, 2]])).print();  // [[-1.2642411, 2]]
 */
export const elu = (options?: ELUOptions): ELU => new ELU(options);

/** What {@link celu} takes. */
export interface CELUOptions extends LayerOptions {
  /** Minus the limit at −∞; 1 if absent. */
  alpha?: number;
}

/** y = x where x > 0, alpha · (e^(x / alpha) − 1) elsewhere. */
export class CELU extends Layer {
  override supportsMasking = true;
  private readonly alpha: number;

  constructor(options: CELUOptions = {}) {
    super(options);
    this.alpha = options.alpha ?? 1;
    checkPositive(this.alpha, 'alpha', 'layers.celu');
  }

  override getClassName(): string {
    return 'CELU';
  }

  call(x: Tensor): Tensor {
    return celuOp(x, this.alpha);
  }
}

/**
 * An exponential linear unit whose derivative has no jump: x where x > 0, alpha · (e^(x / alpha) − 1) elsewhere (Barron
 * 2017).
 *
 * @throws TypeError for an alpha that is no number, RangeError unless it is positive
 * @example
 * layers.celu({ alpha: 2 }).apply(tensor2d([[-2, 2]])).print();  // [[-1.2642411, 2]]
 */
export const celu = (options?: CELUOptions): CELU => new CELU(options);

/** What {@link gelu} takes. */
export interface GELUOptions extends LayerOptions {
  /** Whether by tanh instead of the normal distribution; false if absent. */
  approximate?: boolean;
}

/** y = x · Φ(x). */
export class GELU extends Layer {
  override supportsMasking = true;
  private readonly approximate: boolean;

  constructor(options: GELUOptions = {}) {
    super(options);
    this.approximate = options.approximate ?? false;
  }

  override getClassName(): string {
    return 'GELU';
  }

  call(x: Tensor): Tensor {
    return geluOp(x, this.approximate);
  }
}

/**
 * A Gaussian error linear unit: x · Φ(x), exactly or by tanh (Hendrycks & Gimpel 2016).
 *
 * @example
 * layers.gelu().apply(tensor2d([[-1, 2]])).print();  // [[-0.1586553, 1.9544997]]
 */
export const gelu = (options?: GELUOptions): GELU => new GELU(options);

/** What {@link hardTanh} takes. */
export interface HardTanhOptions extends LayerOptions {
  /** What the output is at least; −1 if absent. */
  minValue?: number;
  /** What the output is at most; 1 if absent. */
  maxValue?: number;
}

/** y = min(max(x, minValue), maxValue). */
export class HardTanh extends Layer {
  override supportsMasking = true;
  private readonly bounds: [number, number];

  constructor(options: HardTanhOptions = {}) {
    super(options);
    const { minValue = -1, maxValue = 1 } = options;
    checkFinite(minValue, 'minValue', 'layers.hardTanh');
    checkFinite(maxValue, 'maxValue', 'layers.hardTanh');
    if (minValue > maxValue) {
      throw new RangeError(`layers.hardTanh: minValue must not be above maxValue, got ${minValue} and ${maxValue}`);
    }
    this.bounds = [minValue, maxValue];
  }

  override getClassName(): string {
    return 'HardTanh';
  }

  call(x: Tensor): Tensor {
    return hardTanhOp(x, ...this.bounds);
  }
}

/**
 * A tanh of straight lines: min(max(x, minValue), maxValue).
 *
 * @throws TypeError for bounds that are no numbers, RangeError if minValue is above maxValue
 * @example
 * layers.hardTanh({ minValue: 0 }).apply(tensor2d([[-1, 0.5, 2]])).print();  // [[0, 0.5, 1]]
 */
export const hardTanh = (options?: HardTanhOptions): HardTanh => new HardTanh(options);

/** What {@link thresholdedReLU} takes. */
export interface ThresholdedReLUOptions extends LayerOptions {
  /** Where the output starts to be the input; 1 if absent. */
  theta?: number;
}

/** y = x where x > theta, 0 elsewhere. */
export class ThresholdedReLU extends Layer {
  override supportsMasking = true;
  private readonly theta: number;

  constructor(options: ThresholdedReLUOptions = {}) {
    super(options);
    this.theta = options.theta ?? 1;
    checkFinite(this.theta, 'theta', 'layers.thresholdedReLU');
  }

  override getClassName(): string {
    return 'ThresholdedReLU';
  }

  call(x: Tensor): Tensor {
    return thresholdOp(x, this.theta);
  }
}

/**
 * A rectifier with a threshold: x where x > theta, 0 elsewhere (Konda et al. 2015).
 *
 * @throws TypeError for a theta that is no number, RangeError for one that is not finite
 * @example
 * layers.thresholdedReLU().apply(tensor2d([[0.5, 1, 2]])).print();  // [[0, 0, 2]]
 */
export const thresholdedReLU = (options?: ThresholdedReLUOptions): ThresholdedReLU => new ThresholdedReLU(options);

/** What {@link threshold} takes. */
export interface ThresholdOptions extends ThresholdedReLUOptions {
  /** The output below the threshold; 0 if absent. */
  value?: number;
}

/** y = x where x > theta, `value` elsewhere. */
export class Threshold extends Layer {
  override supportsMasking = true;
  private readonly theta: number;
  private readonly value: number;

  constructor(options: ThresholdOptions = {}) {
    super(options);
    this.theta = options.theta ?? 1;
    this.value = options.value ?? 0;
    checkFinite(this.theta, 'theta', 'layers.threshold');
    checkFinite(this.value, 'value', 'layers.threshold');
  }

  override getClassName(): string {
    return 'Threshold';
  }

  call(x: Tensor): Tensor {
    return thresholdOp(x, this.theta, this.value);
  }
}

/**
 * A threshold: x where x > theta, `value` elsewhere, as PyTorch has it.
 *
 * @throws TypeError for options that are no numbers, RangeError for ones that are not finite
 * @example
 * layers.threshold({ theta: 0, value: -1 }).apply(tensor2d([[-3, 2]])).print();  // [[-1, 2]]
 */
export const threshold = (options?: ThresholdOptions): Threshold => new Threshold(options);

/** What {@link softmax} takes. */
export interface SoftmaxOptions extends LayerOptions {
  /** Along which axis the output adds up to 1; the last if absent. */
  axis?: number;
}

/** y = eˣ / Σ eˣ along an axis. */
export class Softmax extends Layer {
  override supportsMasking = true;
  private readonly axis: number;

  constructor(options: SoftmaxOptions = {}) {
    super(options);
    this.axis = options.axis ?? -1;
    checkFinite(this.axis, 'axis', 'layers.softmax');
  }

  override getClassName(): string {
    return 'Softmax';
  }

  call(x: Tensor): Tensor {
    const axis = normalizeAxis(this.axis, x.rank, this.name);
    const last = x.rank - 1;
    if (axis === last) return softmaxOp(x);
    // The op works along the last axis.
    const swapped = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
    return transpose(softmaxOp(transpose(x, swapped)), swapped);
  }
}

/**
 * A layer whose outputs add up to 1 along an axis: eˣ / Σ eˣ.
 *
 * @throws TypeError for an axis that is no number, RangeError, when it is called, for one that the input does not have
 * @example
 * layers.softmax().apply(tensor2d([[0, 0]])).print();  // [[0.5, 0.5]]
 */
export const softmax = (options?: SoftmaxOptions): Softmax => new Softmax(options);
