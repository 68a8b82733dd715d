// Initializers by the names that layers take.

import * as initializers from './initializers.js';

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
};

/**
 * An initializer by name, or as it is.
 * @throws RangeError for a name there is none of, TypeError for neither
 */
export function initializerOf(initializer: string | initializers.Initializer, op: string): initializers.Initializer {
  if (typeof initializer === 'function') return initializer;
  if (typeof initializer !== 'string') {
    throw new TypeError(`${op}: an initializer must be a name or a function, got ${typeof initializer}`);
  }
  const make = Object.hasOwn(INITIALIZERS, initializer) ? INITIALIZERS[initializer] : undefined;
  if (!make) {
    throw new RangeError(
      `${op}: unknown initializer '${initializer}'; known are ${Object.keys(INITIALIZERS).join(', ')}`,
    );
  }
  return make();
}
