import { checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import type { LearningRate } from '../schedules/schedule.js';
import { kernels } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';

/** What {@link SGDOptimizer} takes. */
export interface SGDOptions extends OptimizerOptions {
  /** μ; 0 if absent. */
  momentum?: number;
  /** Whether to look ahead (Nesterov 1983; Sutskever et al. 2013); false if absent. */
  nesterov?: boolean;
}

const DEFAULTS = { learningRate: 0.01, momentum: 0, nesterov: false };

/**
 * Gradient descent: w −= lr · g. With momentum, in Keras's form: m = μ·m + lr·g, w −= m; by Nesterov w −= lr·g + μ·m.
 *
 * @throws TypeError for what is no number, RangeError for a momentum outside [0, 1]
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.sgd({ learningRate: 0.25, momentum: 0.5 }).minimize(() => w.square().sum());
 * w.print();  // [1, -0.5]
 * @see Keras, SGD
 */
export class SGDOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots: readonly string[];
  protected override readonly numbers: Float64Array;

  constructor(options?: SGDOptions);
  constructor(learningRate: LearningRate);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<SGDOptions>(given, ['learningRate']));
    const { momentum } = this.options;
    checkFinite(momentum, 'momentum', 'SGDOptimizer');
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new RangeError(`SGDOptimizer: momentum must be in [0, 1], got ${momentum}`);
    }
    this.slots = momentum === 0 ? [] : ['momentum'];
    this.numbers = new Float64Array(momentum === 0 ? 0 : 2);
  }

  getClassName(): string {
    return 'SGD';
  }

  protected override prepare(_t: number, rate: number): void {
    if (this.options.momentum === 0) return;
    this.numbers[0] = rate;
    this.numbers[1] = 1;
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [m], n }: Update): void {
    const { momentum, nesterov } = this.options;
    if (m) kernels[dtype].momentum(g, cells, w, m, n, momentum, +nesterov);
    else kernels[dtype].sgd(g, cells, w, n);
  }
}
