import { checkFinite, checkPositive } from '../check.js';
import type { FloatType } from '../dtype.js';
import { add, div, expandDims, maximum, mean, mul, sqrt, square } from '../ops/index.js';
import { pow } from '../scalar.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { optimizers } from '../wasm/kernels.js';
import { KEPT, numberAt, OWN } from './cells.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';

/** What {@link AdafactorOptimizer} takes. */
export interface AdafactorOptions extends OptimizerOptions {
  /** The means of squares decay by 1 − t to this power; −0.8 if absent. */
  beta2Decay?: number;
  /** Added to the squares; 1e-30 if absent. */
  epsilon1?: number;
  /** The least root mean square of the weights that counts; 1e-3 if absent. */
  epsilon2?: number;
  /** The root mean square that an update may have; 1 if absent. */
  clipThreshold?: number;
}

const DEFAULTS = { learningRate: 0.001, beta2Decay: -0.8, epsilon1: 1e-30, epsilon2: 1e-3, clipThreshold: 1 };

const rms = (x: Tensor): Tensor => tidy(() => sqrt(mean(square(x))));

/**
 * Adafactor (Shazeer & Stern 2018), whose state of a matrix is a row and a column. With β = 1 − t^beta2Decay and s = g² + ε1:
 * r = β·r + (1 − β)·(mean of s along the last axis), c the same along the last but one, v = r·c / (mean of r); for a vector
 * v = β·v + (1 − β)·s. Then u = g / √v, w −= min(lr, 1/√t) · max(ε2, rms w) · u / max(1, rms u / clipThreshold).
 *
 * @throws TypeError for what is no number, RangeError for a clipThreshold that is not positive
 * @differs from Keras, whose `relativeStep` is not there: it changes nothing in Keras
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.adafactor({ learningRate: 0.1 }).minimize(() => w.square().sum());
 * w.print();  // [1.8418862, -0.8418861]
 * @see Keras, Adafactor
 */
export class AdafactorOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['r', 'c', 'v'];
  protected override readonly numbers: Float64Array = new Float64Array(3);

  constructor(options?: AdafactorOptions);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<AdafactorOptions>(given));
    const { beta2Decay, epsilon1, epsilon2, clipThreshold } = this.options;
    for (const [key, value] of Object.entries({ beta2Decay, epsilon1, epsilon2 })) {
      checkFinite(value, key, 'AdafactorOptimizer');
    }
    checkPositive(clipThreshold, 'clipThreshold', 'AdafactorOptimizer');
  }

  getClassName(): string {
    return 'Adafactor';
  }

  protected override slotShape(slot: string, { shape }: Variable): readonly number[] | null {
    if (shape.length < 2) return slot === 'v' ? shape : null;
    if (slot === 'v') return null;
    return slot === 'r' ? shape.slice(0, -1) : [...shape.slice(0, -2), shape.at(-1)!];
  }

  protected override prepare(t: number, rate: number): void {
    const rest = pow(t, this.options.beta2Decay);
    this.numbers[0] = Math.min(rate, 1 / Math.sqrt(t));
    this.numbers[1] = 1 - rest;
    this.numbers[2] = rest;
  }

  protected update(dtype: FloatType, { gradient, cells, w, n, numbers, variable, state: [r, c, v] }: Update): void {
    const { epsilon1, epsilon2, clipThreshold } = this.options;
    const [rate, beta, rest] = [OWN, OWN + 1, OWN + 2].map((i) => numberAt(numbers, i)) as [Tensor, Tensor, Tensor];
    /** The mean of a slot and the squares, which the slot becomes. */
    const mix = (slot: Tensor, x: Tensor): Tensor => {
      const mixed = add(mul(beta, slot), mul(rest, x));
      optimizers[dtype].assignDue(mixed.storage.address, cells, slot.storage.address, slot.size);
      return mixed;
    };
    // What is as large as the weights is let go at once: its block stays in the cache, which takes 30 % off at 1024².
    const second = tidy(() => {
      const squares = add(square(gradient), epsilon1);
      // A scalar's beta is a vector of one.
      if (!r || !c) return mix(v!, squares).reshape(gradient.shape);
      const rows = mix(r, mean(squares, -1));
      const columns = mix(c, mean(squares, -2));
      return mul(expandDims(div(rows, mean(rows, -1, true)), -1), expandDims(columns, -2));
    });
    const u = tidy(() => div(gradient, sqrt(second)));
    second.dispose();
    const size = tidy(() => maximum(rms(mul(variable, numberAt(numbers, KEPT))), epsilon2));
    const scale = div(mul(rate, size), maximum(div(rms(u), clipThreshold), 1));
    optimizers[dtype].scaledStep(u.storage.address, scale.storage.address, cells, w, n);
  }
}
