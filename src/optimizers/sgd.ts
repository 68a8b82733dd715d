import type { FloatType } from '../dtype.js';
import type { LearningRate } from '../schedules/schedule.js';
import { kernels } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';

/** Gradient descent: w −= lr · g. */
export class SGDOptimizer extends Optimizer {
  protected readonly slots = [];

  /** @param learningRate - a number or a schedule */
  constructor(learningRate: LearningRate) {
    super(learningRate);
  }

  getClassName(): string {
    return 'SGD';
  }

  protected update(dtype: FloatType, { g, cells, w, n }: Update): void {
    kernels[dtype].sgd(g, cells, w, n);
  }

  getConfig(): Record<string, number | boolean> {
    return { learningRate: this.learningRate };
  }
}
