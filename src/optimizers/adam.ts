import { checkBetween, checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import type { LearningRate } from '../schedules/schedule.js';
import { kernels } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';

/**
 * Adam (Kingma & Ba 2015) in TensorFlow's form: m += (g − m)(1 − β1), v += (g² − v)(1 − β2),
 * w −= α·m / (√v + ε) with α = lr·√(1 − β2ᵗ) / (1 − β1ᵗ). The powers are kept in the weights' precision.
 */
export class AdamOptimizer extends Optimizer {
  protected readonly slots = ['m', 'v'];
  protected override readonly initialCells: readonly number[];
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;

  /**
   * @param learningRate - a number or a schedule
   * @param beta1 - decay of the mean gradient
   * @param beta2 - decay of the mean square
   * @param epsilon - absent: 1e-7
   */
  constructor(learningRate: LearningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon: number | null = null) {
    super(learningRate);
    checkBetween(beta1, 0, 1, 'beta1', 'AdamOptimizer');
    checkBetween(beta2, 0, 1, 'beta2', 'AdamOptimizer');
    checkFinite(epsilon ?? 0, 'epsilon', 'AdamOptimizer');
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon ?? 1e-7;
    this.initialCells = [beta1, beta2];
  }

  getClassName(): string {
    return 'Adam';
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [m, v], n }: Update): void {
    kernels[dtype].adam(g, cells, w, m!, v!, n, this.beta1, this.beta2, this.epsilon);
  }

  protected override advance(dtype: FloatType, cells: number): void {
    kernels[dtype].adamPowers(cells, this.beta1, this.beta2);
  }

  getConfig(): Record<string, number | boolean> {
    return { learningRate: this.learningRate, beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }
}
