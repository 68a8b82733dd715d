import { checkBetween, checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import type { LearningRate } from '../schedules/schedule.js';
import { optimizers } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';
import { product } from './product.js';

/** What {@link AdamaxOptimizer} takes. */
export interface AdamaxOptions extends OptimizerOptions {
  /** Decay of the mean gradient; 0.9 if absent. */
  beta1?: number;
  /** Decay of the greatest gradient; 0.999 if absent. */
  beta2?: number;
  /** 1e-7 if absent. */
  epsilon?: number;
}

const DEFAULTS = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/**
 * Adamax (Kingma & Ba 2015, section 7): m += (g − m)(1 − β1), u = max(β2·u, |g|), w −= lr / (1 − β1ᵗ) · m / (u + ε).
 *
 * @throws TypeError for what is no number, RangeError for decays outside [0, 1)
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.adamax({ learningRate: 0.1 }).minimize(() => w.square().sum());
 * w.print();  // [1.9, -0.9]
 * @see Keras, Adamax; TensorFlow.js, tf.train.adamax
 */
export class AdamaxOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['m', 'v'];
  protected override readonly numbers: Float64Array = new Float64Array(1);
  private readonly power1: (t: number) => number;

  constructor(options?: AdamaxOptions);
  constructor(learningRate: LearningRate, beta1: number, beta2: number, epsilon?: number | null);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<AdamaxOptions>(given, ['learningRate', 'beta1', 'beta2', 'epsilon']));
    const { beta1, beta2, epsilon } = this.options;
    checkBetween(beta1, 0, 1, 'beta1', 'AdamaxOptimizer');
    checkBetween(beta2, 0, 1, 'beta2', 'AdamaxOptimizer');
    checkFinite(epsilon, 'epsilon', 'AdamaxOptimizer');
    this.power1 = product(() => beta1);
  }

  getClassName(): string {
    return 'Adamax';
  }

  protected override prepare(t: number, rate: number): void {
    this.numbers[0] = rate / (1 - this.power1(t));
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [m, u], n }: Update): void {
    const { beta1, beta2, epsilon } = this.options;
    optimizers[dtype].adamax(g, cells, w, m!, u!, n, beta1, beta2, epsilon);
  }
}
