import { checkBetween, checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import type { LearningRate } from '../schedules/schedule.js';
import { optimizers } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';

/** What {@link AdadeltaOptimizer} takes. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** Decay of the mean squares; 0.95 if absent. */
  rho?: number;
  /** 1e-7 if absent. */
  epsilon?: number;
  /** Whether s is taken as it was before the step, as TensorFlow.js does; false if absent. */
  delayed?: boolean;
}

const DEFAULTS = { learningRate: 0.001, rho: 0.95, epsilon: 1e-7, delayed: false };

/**
 * Adadelta (Zeiler 2012): s = ρ·s + (1 − ρ)·g², Δ = g·√(u + ε) / √(s + ε), u = ρ·u + (1 − ρ)·Δ², w −= lr·Δ.
 *
 * @throws TypeError for what is no number, RangeError for a decay outside [0, 1)
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.adadelta({ learningRate: 10 }).minimize(() => w.square().sum());
 * w.print();  // [1.9858578, -0.9858578]
 * @see Keras, Adadelta; TensorFlow.js, tf.train.adadelta
 */
export class AdadeltaOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['accum_grad', 'accum_var'];

  constructor(options?: AdadeltaOptions);
  constructor(learningRate: LearningRate, rho: number, epsilon?: number | null);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<AdadeltaOptions>(given, ['learningRate', 'rho', 'epsilon']));
    checkBetween(this.options.rho, 0, 1, 'rho', 'AdadeltaOptimizer');
    checkFinite(this.options.epsilon, 'epsilon', 'AdadeltaOptimizer');
  }

  getClassName(): string {
    return 'Adadelta';
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [squares, updates], n }: Update): void {
    const { rho, epsilon, delayed } = this.options;
    optimizers[dtype].adadelta(g, cells, w, squares!, updates!, n, rho, epsilon, +delayed);
  }
}
