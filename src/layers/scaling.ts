// What normalization layers share: what is normalized is scaled by gamma and moved by beta.

import { checkFinite } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import type { Regularizer } from '../regularizers.js';
import { normalizeAxes } from '../shape.js';
import type { Variable } from '../variable.js';
import { Layer, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What layers that normalize, then scale and move, take. */
export interface ScalingOptions extends LayerOptions {
  /** Is added to variances, so that none is 0; 0.001 if absent. */
  epsilon?: number;
  /** Whether beta is added; true if absent. */
  center?: boolean;
  /** Whether gamma is multiplied by; true if absent. */
  scale?: boolean;
  /** 'zeros' if absent. */
  betaInitializer?: string | Initializer;
  /** 'ones' if absent. */
  gammaInitializer?: string | Initializer;
  /** What beta adds to the loss; nothing if absent. */
  betaRegularizer?: string | Regularizer;
  /** What gamma adds to the loss; nothing if absent. */
  gammaRegularizer?: string | Regularizer;
  /** What beta is made after each update; itself if absent. */
  betaConstraint?: string | Constraint;
  /** What gamma is made after each update; itself if absent. */
  gammaConstraint?: string | Constraint;
}

/** @throws TypeError unless epsilon is a number, RangeError unless it is 0 or more */
export function checkEpsilon(epsilon: unknown, op: string): asserts epsilon is number {
  checkFinite(epsilon, 'epsilon', op);
  if (epsilon < 0) throw new RangeError(`${op}: epsilon must be 0 or more, got ${epsilon}`);
}

/** The sizes of a shape along some axes, which must be known. */
export function knownSizes(shape: LayerShape, axis: number | readonly number[], name: string): number[] {
  return normalizeAxes(axis, shape.length, name).map((a) => {
    const size = shape[a];
    if (typeof size === 'number') return size;
    throw new RangeError(`${name}: needs inputs of known size along axis ${a}, got ${showLayerShape(shape)}`);
  });
}

export abstract class Scaling extends Layer {
  override supportsMasking = true;
  protected readonly epsilon: number;
  protected gamma: Variable | undefined;
  protected beta: Variable | undefined;
  private readonly gammaSpec: WeightSpec | undefined;
  private readonly betaSpec: WeightSpec | undefined;

  /** @param factory - the name of the function that makes the layer, as errors call it */
  constructor(factory: string, options: ScalingOptions) {
    super(options);
    const op = `layers.${factory}`;
    const { epsilon = 0.001, center = true, scale = true } = options;
    checkEpsilon(epsilon, op);
    this.epsilon = epsilon;
    const { gammaInitializer = 'ones', betaInitializer = 'zeros' } = options;
    if (scale) this.gammaSpec = weightSpec(gammaInitializer, options.gammaRegularizer, options.gammaConstraint, op);
    if (center) this.betaSpec = weightSpec(betaInitializer, options.betaRegularizer, options.betaConstraint, op);
  }

  override countMultiplyAdds(): number {
    return 0;
  }

  /** Makes gamma and beta, as far as they were asked for. */
  protected makeScale(shape: readonly number[]): void {
    if (this.gammaSpec) this.gamma = this.makeWeight('gamma', shape, this.gammaSpec);
    if (this.betaSpec) this.beta = this.makeWeight('beta', shape, this.betaSpec);
  }
}
