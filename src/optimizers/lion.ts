import { checkBetween, checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import { optimizers } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';

/** What {@link LionOptimizer} takes. */
export interface LionOptions extends OptimizerOptions {
  /** What the step takes of the mean gradient, in (0, 1]; 0.9 if absent. */
  beta1?: number;
  /** Decay of the mean gradient; 0.99 if absent. */
  beta2?: number;
}

const DEFAULTS = { learningRate: 0.001, beta1: 0.9, beta2: 0.99 };

/**
 * Lion (Chen et al. 2023): w −= lr·sign(β1·m + (1 − β1)·g), m = β2·m + (1 − β2)·g. Every weight moves by the learning rate, so
 * that it should be smaller than Adam's.
 *
 * @throws TypeError for what is no number, RangeError for a beta1 outside (0, 1] or a beta2 outside [0, 1)
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.lion({ learningRate: 0.1 }).minimize(() => w.square().sum());
 * w.print();  // [1.9, -0.9]
 * @see Keras, Lion
 */
export class LionOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['m'];

  constructor(options?: LionOptions);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<LionOptions>(given));
    const { beta1, beta2 } = this.options;
    checkFinite(beta1, 'beta1', 'LionOptimizer');
    if (!(beta1 > 0 && beta1 <= 1)) throw new RangeError(`LionOptimizer: beta1 must be in (0, 1], got ${beta1}`);
    checkBetween(beta2, 0, 1, 'beta2', 'LionOptimizer');
  }

  getClassName(): string {
    return 'Lion';
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [m], n }: Update): void {
    optimizers[dtype].lion(g, cells, w, m!, n, this.options.beta1, this.options.beta2);
  }
}
