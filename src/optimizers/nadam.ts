import { checkBetween, checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import { optimizers } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';
import { product } from './product.js';

/** What {@link NadamOptimizer} takes. */
export interface NadamOptions extends OptimizerOptions {
  /** Decay of the mean gradient; 0.9 if absent. */
  beta1?: number;
  /** Decay of the mean square; 0.999 if absent. */
  beta2?: number;
  /** 1e-7 if absent. */
  epsilon?: number;
}

const DEFAULTS = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/**
 * Nadam, Adam with Nesterov's momentum (Dozat 2016): m += (g − m)(1 − β1), v += (g² − v)(1 − β2),
 * w −= lr·(u′·m / (1 − u′·U) + (1 − u)·g / (1 − U)) / (√(v / (1 − β2ᵗ)) + ε), where u = β1·(1 − 0.96ᵗ / 2), u′ is that of
 * step t + 1 and U the product of all u so far.
 *
 * @throws TypeError for what is no number, RangeError for decays outside [0, 1)
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.nadam({ learningRate: 0.1 }).minimize(() => w.square().sum());
 * w.print();  // [1.8937212, -0.8937212]
 * @see Keras, Nadam
 */
export class NadamOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['m', 'v'];
  protected override readonly numbers: Float64Array = new Float64Array(3);
  private readonly u: (t: number) => number;
  private readonly products: (t: number) => number;
  private readonly power2: (t: number) => number;

  constructor(options?: NadamOptions);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<NadamOptions>(given));
    const { beta1, beta2, epsilon } = this.options;
    checkBetween(beta1, 0, 1, 'beta1', 'NadamOptimizer');
    checkBetween(beta2, 0, 1, 'beta2', 'NadamOptimizer');
    checkFinite(epsilon, 'epsilon', 'NadamOptimizer');
    const fading = product(() => 0.96);
    this.u = (t) => beta1 * (1 - 0.5 * fading(t));
    this.products = product(this.u);
    this.power2 = product(() => beta2);
  }

  getClassName(): string {
    return 'Nadam';
  }

  protected override prepare(t: number, rate: number): void {
    const past = this.products(t);
    const now = this.u(t);
    const next = this.u(t + 1);
    this.numbers[0] = (rate * next) / (1 - past * next);
    this.numbers[1] = (rate * (1 - now)) / (1 - past);
    this.numbers[2] = 1 / (1 - this.power2(t));
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [m, v], n }: Update): void {
    const { beta1, beta2, epsilon } = this.options;
    optimizers[dtype].nadam(g, cells, w, m!, v!, n, beta1, beta2, epsilon);
  }
}
