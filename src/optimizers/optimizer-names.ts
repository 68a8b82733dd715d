// Optimizers by the names that models take. Where TensorFlow.js has the name, with its defaults, else with Keras's.

import { Optimizer } from './optimizer.js';
import * as optimizers from './optimizers.js';
import * as train from './train.js';

const OPTIMIZERS: Record<string, () => Optimizer> = {
  sgd: () => train.sgd(0.01),
  momentum: () => train.momentum(0.01, 0.9),
  adagrad: () => train.adagrad(0.01),
  adadelta: () => train.adadelta(1),
  rmsprop: () => train.rmsprop(0.001),
  adam: () => train.adam(),
  adamW: () => optimizers.adamW(),
  adamax: () => train.adamax(),
  adafactor: () => optimizers.adafactor(),
  ftrl: () => optimizers.ftrl(),
  lamb: () => optimizers.lamb(),
  lion: () => optimizers.lion(),
  muon: () => optimizers.muon(),
  nadam: () => optimizers.nadam(),
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
