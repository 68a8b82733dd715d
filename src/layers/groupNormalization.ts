import { checkCount, checkFinite } from '../check.js';
import { groupNormalization as normalize } from '../ops/index.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { LayerShape } from './layer.js';
import { knownSizes, Scaling, type ScalingOptions } from './scaling.js';

/** What {@link groupNormalization} takes. */
export interface GroupNormalizationOptions extends ScalingOptions {
  /** How many groups the channels are cut into, which must divide them; 32 if absent. −1 makes each channel a group. */
  groups?: number;
  /** The axis of the channels; the last if absent. */
  axis?: number;
}

/** y = (x − mean) / √(variance + ε) · gamma + beta by the moments of each sample's groups of channels (Wu & He 2018). */
export class GroupNormalization extends Scaling {
  private readonly asked: number;
  private readonly axis: number;
  private channels!: number;

  constructor(options: GroupNormalizationOptions = {}) {
    super('groupNormalization', options);
    const { groups = 32, axis = -1 } = options;
    if (groups !== -1) checkCount(groups, 1, 'groups', 'layers.groupNormalization');
    checkFinite(axis, 'axis', 'layers.groupNormalization');
    this.asked = groups;
    this.axis = axis;
  }

  override getClassName(): string {
    return 'GroupNormalization';
  }

  private get groups(): number {
    return this.asked === -1 ? this.channels : this.asked;
  }

  override build(inputShape: LayerShape): void {
    [this.channels] = knownSizes(inputShape, this.axis, this.name) as [number];
    if (this.channels % this.groups !== 0) {
      throw new RangeError(`${this.name}: ${this.channels} channels do not divide into ${this.groups} groups`);
    }
    this.makeScale([this.channels]);
  }

  call(x: Tensor): Tensor {
    const { axis, epsilon, gamma, beta, groups, channels } = this;
    if (x.shape.at(axis) !== channels) {
      throw new RangeError(`${this.name}: needs inputs of ${channels} channels, got ${showShape(x.shape)}`);
    }
    return normalize(x, { groups, axis, epsilon, ...(gamma && { gamma }), ...(beta && { beta }) });
  }
}

/**
 * A layer that normalizes each sample's groups of channels, over all places: y = (x − mean) / √(variance + ε) · gamma +
 * beta, where gamma and beta are one for each channel.
 *
 * @throws RangeError unless epsilon is 0 or more; when built, unless the groups divide the channels
 * @example
 * const layer = layers.groupNormalization({ groups: 2, epsilon: 0 });
 * layer.apply(tensor2d([[1, 3, 50, 10]])).print();  // [[-1, 1, 1, -1]]
 * @see Keras, GroupNormalization
 */
export const groupNormalization = (options?: GroupNormalizationOptions): GroupNormalization =>
  new GroupNormalization(options);
