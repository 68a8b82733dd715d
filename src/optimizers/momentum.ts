import { checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import type { LearningRate } from '../schedules/schedule.js';
import { kernels } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';

/** What {@link MomentumOptimizer} takes. */
export interface MomentumOptions extends OptimizerOptions {
  /** μ; 0.9 if absent. */
  momentum?: number;
  /** Whether to look ahead (Nesterov 1983; Sutskever et al. 2013); false if absent. */
  useNesterov?: boolean;
}

const DEFAULTS = { learningRate: 0.01, momentum: 0.9, useNesterov: false };

/**
 * Gradient descent with momentum in TensorFlow.js's form: m = μ·m + g, w −= lr · m; by Nesterov w −= lr · (g + μ·m). A rate
 * that changes applies to past gradients too; in Keras's form, {@link SGDOptimizer}, it does not.
 *
 * @throws TypeError and RangeError for options that are no finite numbers
 * @example
 * const w = variable(tensor1d([2, -1]));
 * train.momentum(0.25, 0.5).minimize(() => w.square().sum());
 * w.print();  // [1, -0.5]
 * @see TensorFlow.js, tf.train.momentum
 */
export class MomentumOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['momentum'];
  protected override readonly numbers: Float64Array = new Float64Array(2);

  constructor(options?: MomentumOptions);
  constructor(learningRate: LearningRate, momentum: number, useNesterov?: boolean);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<MomentumOptions>(given, ['learningRate', 'momentum', 'useNesterov']));
    checkFinite(this.options.momentum, 'momentum', 'MomentumOptimizer');
  }

  getClassName(): string {
    return 'Momentum';
  }

  protected override prepare(_t: number, rate: number): void {
    this.numbers[0] = 1;
    this.numbers[1] = rate;
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [m], n }: Update): void {
    kernels[dtype].momentum(g, cells, w, m!, n, this.options.momentum, +this.options.useNesterov);
  }
}
