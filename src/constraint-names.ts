// Constraints by the names that layers take.

import * as constraints from './constraints.js';
import { named } from './named.js';

const CONSTRAINTS: Record<string, () => constraints.Constraint> = {
  maxNorm: () => constraints.maxNorm(),
  minMaxNorm: () => constraints.minMaxNorm(),
  nonNeg: () => constraints.nonNeg(),
  unitNorm: () => constraints.unitNorm(),
};

/**
 * A constraint by name, as it is, or none.
 * @throws RangeError for a name there is none of, TypeError for what is no constraint
 */
export const constraintOf = (
  constraint: string | constraints.Constraint | null | undefined,
  op: string,
): constraints.Constraint | undefined =>
  constraint == null ? undefined : named(CONSTRAINTS, constraint, 'constraint', op);
