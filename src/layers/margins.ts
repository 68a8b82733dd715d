// Layers that add margins to images, or take them away.

import { checkCount } from '../check.js';
import { pad, slice } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { type LayerShape, showLayerShape } from './layer.js';
import { Spatial, type SpatialOptions } from './spatial.js';

/** A number for every side, [height, width] for both sides of each, or [[top, bottom], [left, right]]. */
export type Margins = number | readonly [height: number, width: number] | readonly (readonly [number, number])[];

function toMargins(margins: Margins, name: string, op: string): number[][] {
  const pairs = Array.isArray(margins) ? margins : [margins, margins];
  const sides: number[][] = pairs.map((side) => (Array.isArray(side) ? side : [side, side]));
  if (sides.length !== 2 || sides.some((side) => side.length !== 2)) {
    throw new RangeError(
      `${op}: ${name} must be a number, [height, width] or [[top, bottom], [left, right]], got ${JSON.stringify(margins)}`,
    );
  }
  for (const n of sides.flat()) checkCount(n, 0, name, op);
  return sides;
}

/** What {@link zeroPadding2d} takes. */
export interface ZeroPadding2DOptions extends SpatialOptions {
  /** How wide the margins are; 1 if absent. */
  padding?: Margins;
}

/** What {@link cropping2D} takes. */
export interface Cropping2DOptions extends SpatialOptions {
  /** How wide the margins are; 0 if absent. */
  cropping?: Margins;
}

/** Images with zeros around them. */
export class ZeroPadding2D extends Spatial {
  private readonly margins: number[][];

  constructor(options: ZeroPadding2DOptions = {}) {
    super('zeroPadding2d', 2, options);
    this.margins = toMargins(options.padding ?? 1, 'padding', 'layers.zeroPadding2d');
  }

  override getClassName(): string {
    return 'ZeroPadding2D';
  }

  protected override shapeFor(shape: LayerShape): LayerShape {
    return shape.map((n, i) => {
      const [before, after] = this.margins[i - 1] ?? [0, 0];
      return n === null ? null : before! + n + after!;
    });
  }

  protected override transform(x: Tensor): Tensor {
    return pad(x, [[0, 0], ...this.margins, [0, 0]]);
  }
}

/** Images without their margins. */
export class Cropping2D extends Spatial {
  private readonly margins: number[][];

  constructor(options: Cropping2DOptions = {}) {
    super('cropping2D', 2, options);
    this.margins = toMargins(options.cropping ?? 0, 'cropping', 'layers.cropping2D');
  }

  override getClassName(): string {
    return 'Cropping2D';
  }

  protected override shapeFor(shape: LayerShape): LayerShape {
    return shape.map((n, i) => {
      const [before, after] = this.margins[i - 1] ?? [0, 0];
      if (n === null) return null;
      if (n <= before! + after! && i > 0 && i < 3) {
        throw new RangeError(
          `${this.name}: needs images larger than the margins ${JSON.stringify(this.margins)}, got ${showLayerShape(shape)}`,
        );
      }
      return n - before! - after!;
    });
  }

  protected override transform(x: Tensor): Tensor {
    const begin = [0, this.margins[0]![0]!, this.margins[1]![0]!, 0];
    return slice(x, begin, this.shapeFor(x.shape) as number[]);
  }
}

/**
 * A layer that puts zeros around images.
 *
 * @throws RangeError for margins below 0 or in another form, and for inputs of another rank
 * @example
 * layers.zeroPadding2d({ padding: [[1, 0], [2, 2]] }).apply(ones([1, 3, 3, 1])).shape;  // [1, 4, 7, 1]
 */
export const zeroPadding2d = (options?: ZeroPadding2DOptions): ZeroPadding2D => new ZeroPadding2D(options);

/**
 * A layer that cuts margins off images.
 *
 * @throws RangeError for margins below 0 or in another form, and for inputs of another rank or no larger than the
 *   margins
 * @example
 * layers.cropping2D({ cropping: [[1, 0], [2, 2]] }).apply(ones([1, 4, 7, 1])).shape;  // [1, 3, 3, 1]
 */
export const cropping2D = (options?: Cropping2DOptions): Cropping2D => new Cropping2D(options);
