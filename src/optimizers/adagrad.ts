import { checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import type { LearningRate } from '../schedules/schedule.js';
import { optimizers } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';

/** What {@link AdagradOptimizer} takes. */
export interface AdagradOptions extends OptimizerOptions {
  /** What the sum of squares begins with, from 0 up; 0.1 if absent. */
  initialAccumulatorValue?: number;
  /** 1e-7 if absent. */
  epsilon?: number;
}

const DEFAULTS = { learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 };

/**
 * Adagrad (Duchi, Hazan & Singer 2011): a += g², w −= lr·g / √(a + ε).
 *
 * @throws TypeError for what is no number, RangeError for an accumulator that begins below 0
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.adagrad({ learningRate: 0.5 }).minimize(() => w.square().sum());
 * w.print();  // [1.5015552, -0.5061352]
 * @see Keras, Adagrad; TensorFlow.js, tf.train.adagrad
 */
export class AdagradOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['accumulator'];

  constructor(options?: AdagradOptions);
  constructor(learningRate: LearningRate, initialAccumulatorValue?: number);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<AdagradOptions>(given, ['learningRate', 'initialAccumulatorValue']));
    const { initialAccumulatorValue, epsilon } = this.options;
    checkFinite(initialAccumulatorValue, 'initialAccumulatorValue', 'AdagradOptimizer');
    checkFinite(epsilon, 'epsilon', 'AdagradOptimizer');
    if (initialAccumulatorValue < 0) {
      throw new RangeError(
        `AdagradOptimizer: initialAccumulatorValue must not be negative, got ${initialAccumulatorValue}`,
      );
    }
  }

  getClassName(): string {
    return 'Adagrad';
  }

  protected override slotStart(): number {
    return this.options.initialAccumulatorValue;
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [accumulator], n }: Update): void {
    optimizers[dtype].adagrad(g, cells, w, accumulator!, n, this.options.epsilon);
  }
}
