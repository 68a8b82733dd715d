import { checkBetween, checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import type { LearningRate } from '../schedules/schedule.js';
import type { Variable } from '../variable.js';
import { optimizers } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';

/** What {@link RMSPropOptimizer} takes. */
export interface RMSPropOptions extends OptimizerOptions {
  /** Decay of the mean square; 0.9 if absent. */
  rho?: number;
  /** μ; 0 if absent. */
  momentum?: number;
  /** 1e-7 if absent. */
  epsilon?: number;
  /** Whether the variance divides in the place of the mean square (Graves 2013); false if absent. */
  centered?: boolean;
}

const DEFAULTS = { learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false };

/**
 * RMSProp (Tieleman & Hinton 2012): s = ρ·s + (1 − ρ)·g², Δ = lr·g / √(s + ε), w −= Δ. With momentum: m = μ·m + Δ, w −= m.
 * Centered: mean = ρ·mean + (1 − ρ)·g, and s − mean² in the place of s.
 *
 * @throws TypeError for what is no number, RangeError for a decay or momentum outside [0, 1)
 * @differs from TensorFlow.js, which takes ε from the variance, so that a gradient of zeros gives NaN: here it is added, as
 *   in Keras; from Keras, which takes any decay: here it lies in [0, 1)
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.rmsprop({ learningRate: 0.1 }).minimize(() => w.square().sum());
 * w.print();  // [1.6837723, -0.6837723]
 * @see Keras, RMSprop; TensorFlow.js, tf.train.rmsprop
 */
export class RMSPropOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['rms', 'momentum', 'mg'];

  constructor(options?: RMSPropOptions);
  constructor(
    learningRate: LearningRate,
    decay?: number,
    momentum?: number,
    epsilon?: number | null,
    centered?: boolean,
  );
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<RMSPropOptions>(given, ['learningRate', 'rho', 'momentum', 'epsilon', 'centered']));
    checkBetween(this.options.rho, 0, 1, 'rho', 'RMSPropOptimizer');
    checkBetween(this.options.momentum, 0, 1, 'momentum', 'RMSPropOptimizer');
    checkFinite(this.options.epsilon, 'epsilon', 'RMSPropOptimizer');
  }

  getClassName(): string {
    return 'RMSProp';
  }

  protected override slotShape(slot: string, { shape }: Variable): readonly number[] | null {
    const { momentum, centered } = this.options;
    return (slot === 'momentum' && momentum === 0) || (slot === 'mg' && !centered) ? null : shape;
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [squares, m, mean], n }: Update): void {
    const { rho, momentum, epsilon } = this.options;
    optimizers[dtype].rmsprop(g, cells, w, squares!, m!, mean!, n, rho, momentum, epsilon);
  }
}
