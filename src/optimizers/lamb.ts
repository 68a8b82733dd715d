import { checkBetween, checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import { div, greater, logicalAnd, mul, onesLike, sqrt, sum, where } from '../ops/index.js';
import { empty } from '../tensor.js';
import { optimizers } from '../wasm/kernels.js';
import { numberAt, RATE } from './cells.js';
import { emptySums } from './norm.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';
import { product } from './product.js';

/** What {@link LambOptimizer} takes. */
export interface LambOptions extends OptimizerOptions {
  /** Decay of the mean gradient; 0.9 if absent. */
  beta1?: number;
  /** Decay of the mean square; 0.999 if absent. */
  beta2?: number;
  /** 1e-7 if absent. */
  epsilon?: number;
}

const DEFAULTS = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/**
 * Lamb, for large batches (You et al. 2020): m += (g − m)(1 − β1), v += (g² − v)(1 − β2),
 * u = m / (1 − β1ᵗ) / (√(v / (1 − β2ᵗ)) + ε), w −= lr · ‖w‖ / ‖u‖ · u, with norms over the variable; where one is 0, their ratio
 * is taken as 1.
 *
 * @throws TypeError for what is no number, RangeError for decays outside [0, 1)
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.lamb({ learningRate: 0.1 }).minimize(() => w.square().sum());
 * w.print();  // [1.8418862, -0.8418861]
 * @see Keras, Lamb
 */
export class LambOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['m', 'v'];
  protected override readonly numbers: Float64Array = new Float64Array(2);
  private readonly power1: (t: number) => number;
  private readonly power2: (t: number) => number;

  constructor(options?: LambOptions);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<LambOptions>(given));
    const { beta1, beta2, epsilon } = this.options;
    checkBetween(beta1, 0, 1, 'beta1', 'LambOptimizer');
    checkBetween(beta2, 0, 1, 'beta2', 'LambOptimizer');
    checkFinite(epsilon, 'epsilon', 'LambOptimizer');
    this.power1 = product(() => beta1);
    this.power2 = product(() => beta2);
  }

  getClassName(): string {
    return 'Lamb';
  }

  protected override prepare(t: number): void {
    this.numbers[0] = 1 / (1 - this.power1(t));
    this.numbers[1] = 1 / (1 - this.power2(t));
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [m, v], n, numbers, variable }: Update): void {
    const { beta1, beta2, epsilon } = this.options;
    const u = empty(variable.shape, dtype);
    const [weightSums, stepSums] = [emptySums(variable), emptySums(variable)];
    const sums = [weightSums.storage.address, stepSums.storage.address] as const;
    optimizers[dtype].lamb(g, cells, w, m!, v!, u.storage.address, ...sums, n, beta1, beta2, epsilon);
    const [weights, step] = [sqrt(sum(weightSums)), sqrt(sum(stepSums))];
    const isRatio = logicalAnd(greater(weights, 0), greater(step, 0));
    const ratio = where(isRatio, div(weights, step), onesLike(step));
    const rate = mul(numberAt(numbers, RATE), ratio);
    optimizers[dtype].scaledStep(u.storage.address, rate.storage.address, cells, w, n);
  }
}
