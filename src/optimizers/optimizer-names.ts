// Optimizers by the names that models take.

import { AdamOptimizer } from './adam.js';
import { MomentumOptimizer } from './momentum.js';
import { Optimizer } from './optimizer.js';
import { SGDOptimizer } from './sgd.js';

const OPTIMIZERS: Record<string, () => Optimizer> = {
  sgd: () => new SGDOptimizer(0.01),
  momentum: () => new MomentumOptimizer(0.01, 0.9),
  adam: () => new AdamOptimizer(),
};

/**
 * An optimizer as it is, or that of a name with its defaults.
 * @throws RangeError for neither
 */
export function optimizerOf(optimizer: string | Optimizer): Optimizer {
  if (optimizer instanceof Optimizer) return optimizer;
  const make = typeof optimizer === 'string' && Object.hasOwn(OPTIMIZERS, optimizer) && OPTIMIZERS[optimizer];
  if (!make) {
    throw new RangeError(
      `compile: optimizer must be an optimizer or one of ${Object.keys(OPTIMIZERS).join(', ')}, got ${optimizer}`,
    );
  }
  return make();
}
