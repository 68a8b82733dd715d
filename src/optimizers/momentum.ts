import { checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import type { LearningRate } from '../schedules/schedule.js';
import { kernels } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';

/** Gradient descent with momentum: m = μ·m + g, w −= lr · m; by Nesterov w −= lr · (g + μ·m). */
export class MomentumOptimizer extends Optimizer {
  protected readonly slots = ['momentum'];
  private readonly momentum: number;
  private readonly useNesterov: boolean;

  /**
   * @param learningRate - a number or a schedule
   * @param momentum - μ
   * @param useNesterov - whether to look ahead (Nesterov 1983; Sutskever et al. 2013)
   */
  constructor(learningRate: LearningRate, momentum: number, useNesterov = false) {
    super(learningRate);
    checkFinite(momentum, 'momentum', 'MomentumOptimizer');
    this.momentum = momentum;
    this.useNesterov = useNesterov;
  }

  getClassName(): string {
    return 'Momentum';
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [m], n }: Update): void {
    kernels[dtype].momentum(g, cells, w, m!, n, this.momentum, +this.useNesterov);
  }

  getConfig(): Record<string, number | boolean> {
    return { learningRate: this.learningRate, momentum: this.momentum, useNesterov: this.useNesterov };
  }
}
