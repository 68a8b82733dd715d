import { checkBetween, checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import type { LearningRate } from '../schedules/schedule.js';
import { kernels } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';
import { product } from './product.js';

/** What {@link AdamOptimizer} takes. */
export interface AdamOptions extends OptimizerOptions {
  /** Decay of the mean gradient; 0.9 if absent. */
  beta1?: number;
  /** Decay of the mean square; 0.999 if absent. */
  beta2?: number;
  /** ε; 1e-7 if absent. */
  epsilon?: number;
  /** Whether the greatest mean square so far divides (Reddi, Kale & Kumar 2018); false if absent. */
  amsgrad?: boolean;
}

const DEFAULTS = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false };

/** α = lr·√(1 − β2ᵗ) / (1 − β1ᵗ), each operation rounded to the weights' precision. */
export function adamRate(beta1: number, beta2: number): (t: number, rate: number, dtype: FloatType) => number {
  const makeRate = (f: (x: number) => number) => {
    const [power1, power2] = [product(() => f(beta1), f), product(() => f(beta2), f)];
    return (t: number, rate: number) => f(f(f(rate) * f(Math.sqrt(f(1 - power2(t))))) / f(1 - power1(t)));
  };
  const rates = { float32: makeRate(Math.fround), float64: makeRate((x) => x) };
  return (t, rate, dtype) => rates[dtype](t, rate);
}

/**
 * Adam (Kingma & Ba 2015) in TensorFlow's and Keras's form: m += (g − m)(1 − β1), v += (g² − v)(1 − β2),
 * w −= α·m / (√v + ε) with α = lr·√(1 − β2ᵗ) / (1 − β1ᵗ). The powers are kept in the weights' precision.
 *
 * @throws TypeError for what is no number, RangeError for decays outside [0, 1)
 * @differs from Keras, which takes any decay
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.adam({ learningRate: 0.1 }).minimize(() => w.square().sum());
 * w.print();  // [1.9000001, -0.9000002]
 * @see Keras, Adam
 */
export class AdamOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots: readonly string[];
  protected override readonly numbers: Float64Array = new Float64Array(1);
  private readonly rate: ReturnType<typeof adamRate>;

  constructor(options?: AdamOptions);
  constructor(learningRate: LearningRate, beta1?: number, beta2?: number, epsilon?: number | null);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<AdamOptions>(given, ['learningRate', 'beta1', 'beta2', 'epsilon']));
    const { beta1, beta2, epsilon, amsgrad } = this.options;
    checkBetween(beta1, 0, 1, 'beta1', 'AdamOptimizer');
    checkBetween(beta2, 0, 1, 'beta2', 'AdamOptimizer');
    checkFinite(epsilon, 'epsilon', 'AdamOptimizer');
    this.slots = amsgrad ? ['m', 'v', 'vhat'] : ['m', 'v'];
    this.rate = adamRate(beta1, beta2);
  }

  getClassName(): string {
    return 'Adam';
  }

  protected override prepare(t: number, rate: number, dtype: FloatType): void {
    this.numbers[0] = this.rate(t, rate, dtype);
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [m, v, greatest], n }: Update): void {
    const { beta1, beta2, epsilon } = this.options;
    if (greatest) kernels[dtype].amsgrad(g, cells, w, m!, v!, greatest, n, beta1, beta2, epsilon);
    else kernels[dtype].adam(g, cells, w, m!, v!, n, beta1, beta2, epsilon);
  }
}
