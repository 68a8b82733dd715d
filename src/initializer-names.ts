// Initializers by the names that layers take.

import * as initializers from './initializers.js';
import { named } from './named.js';

const INITIALIZERS: Record<string, () => initializers.Initializer> = {
  zeros: initializers.zeros,
  ones: initializers.ones,
  randomNormal: () => initializers.randomNormal(),
  randomUniform: () => initializers.randomUniform(),
  truncatedNormal: () => initializers.truncatedNormal(),
  glorotUniform: () => initializers.glorotUniform(),
  glorotNormal: () => initializers.glorotNormal(),
  heUniform: () => initializers.heUniform(),
  heNormal: () => initializers.heNormal(),
  leCunUniform: () => initializers.leCunUniform(),
  leCunNormal: () => initializers.leCunNormal(),
  varianceScaling: () => initializers.varianceScaling(),
  identity: () => initializers.identity(),
  orthogonal: () => initializers.orthogonal(),
};

/**
 * An initializer by name, or as it is.
 * @throws RangeError for a name there is none of, TypeError for neither
 */
export const initializerOf = (initializer: string | initializers.Initializer, op: string): initializers.Initializer =>
  named(INITIALIZERS, initializer, 'initializer', op);
