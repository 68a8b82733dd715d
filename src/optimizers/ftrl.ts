import { checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import { optimizers } from '../wasm/kernels.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';

/** What {@link FtrlOptimizer} takes. */
export interface FtrlOptions extends OptimizerOptions {
  /** p, 0 or below: the learning rate falls with the sum of squares to this power; −0.5 if absent. */
  learningRatePower?: number;
  /** What the sum of squares begins with; 0.1 if absent. */
  initialAccumulatorValue?: number;
  /** 0 if absent. */
  l1RegularizationStrength?: number;
  /** 0 if absent. */
  l2RegularizationStrength?: number;
  /** 0 if absent. Unlike l2RegularizationStrength it adds to the gradient. */
  l2ShrinkageRegularizationStrength?: number;
  /** β of the paper; 0 if absent. */
  beta?: number;
}

const DEFAULTS = {
  learningRate: 0.001,
  learningRatePower: -0.5,
  initialAccumulatorValue: 0.1,
  l1RegularizationStrength: 0,
  l2RegularizationStrength: 0,
  l2ShrinkageRegularizationStrength: 0,
  beta: 0,
};

/**
 * FTRL-proximal (McMahan et al. 2013): a′ = a + g², z += g + 2·shrinkage·w − (a′⁻ᵖ − a⁻ᵖ) / lr · w,
 * w = (clip(z, ±l1) − z) / (a′⁻ᵖ / lr + 2·l2 + β / lr), a = a′. With l1 weights become exactly 0.
 *
 * @throws TypeError for what is no number, RangeError for a learningRatePower above 0 and for anything else below 0
 * @example
 * const w = variable(tensor1d([2, -1]));
 * optimizers.ftrl({ learningRate: 0.5, l1RegularizationStrength: 0.1 }).minimize(() => w.square().sum());
 * w.print();  // [1.331472, -0.3252681]
 * @see Keras, Ftrl
 */
export class FtrlOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['accumulator', 'linear'];
  protected override readonly numbers: Float64Array = new Float64Array(2);

  constructor(options?: FtrlOptions);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<FtrlOptions>(given));
    const { learningRatePower, initialAccumulatorValue, beta } = this.options;
    const { l1RegularizationStrength, l2RegularizationStrength, l2ShrinkageRegularizationStrength } = this.options;
    const notNegative = {
      ...{ initialAccumulatorValue, beta },
      ...{ l1RegularizationStrength, l2RegularizationStrength, l2ShrinkageRegularizationStrength },
    };
    for (const [key, value] of Object.entries(notNegative)) {
      checkFinite(value, key, 'FtrlOptimizer');
      if (value < 0) throw new RangeError(`FtrlOptimizer: ${key} must not be negative, got ${value}`);
    }
    checkFinite(learningRatePower, 'learningRatePower', 'FtrlOptimizer');
    if (learningRatePower > 0) {
      throw new RangeError(`FtrlOptimizer: learningRatePower must not be positive, got ${learningRatePower}`);
    }
  }

  getClassName(): string {
    return 'Ftrl';
  }

  protected override slotStart(slot: string): number {
    return slot === 'accumulator' ? this.options.initialAccumulatorValue : 0;
  }

  protected override prepare(_t: number, rate: number): void {
    this.numbers[0] = 1 / rate;
    this.numbers[1] = 2 * this.options.l2RegularizationStrength + this.options.beta / rate;
  }

  protected update(dtype: FloatType, { g, cells, w, slots: [accumulator, linear], n }: Update): void {
    const { learningRatePower, l1RegularizationStrength, l2ShrinkageRegularizationStrength } = this.options;
    const [exponent, l1, shrinkage] = [-learningRatePower, l1RegularizationStrength, l2ShrinkageRegularizationStrength];
    optimizers[dtype].ftrl(g, cells, w, accumulator!, linear!, n, exponent, l1, shrinkage);
  }
}
