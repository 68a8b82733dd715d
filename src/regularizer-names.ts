// Regularizers by the names that layers take.

import { named } from './named.js';
import * as regularizers from './regularizers.js';

const REGULARIZERS: Record<string, () => regularizers.Regularizer> = {
  l1: () => regularizers.l1(),
  l2: () => regularizers.l2(),
  l1l2: () => regularizers.l1l2(),
  orthogonal: () => regularizers.orthogonal(),
};

/**
 * A regularizer by name, as it is, or none.
 * @throws RangeError for a name there is none of, TypeError for what is no regularizer
 */
export const regularizerOf = (
  regularizer: string | regularizers.Regularizer | null | undefined,
  op: string,
): regularizers.Regularizer | undefined =>
  regularizer == null ? undefined : named(REGULARIZERS, regularizer, 'regularizer', op);
