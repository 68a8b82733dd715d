// Losses of predicted boxes, by how much they overlap the true ones. A box is two opposite corners,
// [x1, y1, x2, y2] or [y1, x1, y2, x2], of which the second is the greater one.

import * as ops from '../ops/index.js';
import { tidy } from '../scope.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { EPSILON, pair, type Values } from './arguments.js';

/** What the losses are made of; each is a number per box. */
interface Overlap {
  /** The shared area divided by the joint one; 0 where both boxes have no area. */
  iou: Tensor;
  joint: Tensor;
  /** The sides of the smallest box around both. */
  hull: readonly [Tensor, Tensor];
  /** The first corners, sides and centres, of the true and the predicted box. */
  sides: readonly [readonly [Tensor, Tensor], readonly [Tensor, Tensor]];
  /** The squared distance of the centres. */
  apart: Tensor;
}

/** 1 minus what `f` finds for every pair of boxes. */
function boxLoss(op: string, yTrue: Values, yPred: Values, f: (overlap: Overlap) => Tensor): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, op);
    if (p.shape.at(-1) !== 4) {
      throw new RangeError(`${op}: boxes need 4 numbers along the last axis, got ${showShape(p.shape)}`);
    }
    const [t1, u1, t2, u2] = ops.unstack(t, -1) as [Tensor, Tensor, Tensor, Tensor];
    const [p1, q1, p2, q2] = ops.unstack(p, -1) as [Tensor, Tensor, Tensor, Tensor];
    const side = (from: Tensor, to: Tensor) => ops.relu(ops.sub(to, from));
    const sides = [[side(t1, t2), side(u1, u2)] as const, [side(p1, p2), side(q1, q2)] as const] as const;
    const area = ([width, height]: readonly [Tensor, Tensor]) => ops.mul(width, height);
    const shared = ops.mul(
      side(ops.maximum(t1, p1), ops.minimum(t2, p2)),
      side(ops.maximum(u1, q1), ops.minimum(u2, q2)),
    );
    const joint = ops.sub(ops.add(area(sides[0]), area(sides[1])), shared);
    const hull = [
      side(ops.minimum(t1, p1), ops.maximum(t2, p2)),
      side(ops.minimum(u1, q1), ops.maximum(u2, q2)),
    ] as const;
    const between = (a1: Tensor, a2: Tensor, b1: Tensor, b2: Tensor) =>
      ops.square(ops.mul(ops.sub(ops.add(a1, a2), ops.add(b1, b2)), 0.5));
    const apart = ops.add(between(t1, t2, p1, p2), between(u1, u2, q1, q2));
    return ops.sub(1, f({ iou: ops.divNoNan(shared, joint), joint, hull, sides, apart }));
  });
}

/** The squared distance of the centres divided by the squared diagonal of the box around both. */
const offCentre = ({ apart, hull }: Overlap): Tensor =>
  ops.divNoNan(apart, ops.add(ops.square(hull[0]), ops.square(hull[1])));

/**
 * 1 − IoU, the shared area of two boxes divided by their joint one (Yu et al. 2016). It is 1, with a gradient of 0, where
 * they do not overlap, and 1 where neither has an area.
 *
 * @param yTrue - boxes as two opposite corners, the lesser first, along a last axis of 4
 * @returns one number per box: the shape without its last axis
 * @throws RangeError if shapes differ or the last size is not 4
 * @example
 * metrics.iouLoss([[0, 0, 2, 2]], [[0, 0, 2, 1]]).print();  // [0.5]
 */
export const iouLoss = (yTrue: Values, yPred: Values): Tensor => boxLoss('iouLoss', yTrue, yPred, ({ iou }) => iou);

/**
 * 1 − IoU + the share of the smallest box around both that neither covers (Rezatofighi et al. 2019): up to 2, with a
 * gradient also where boxes do not overlap.
 *
 * @param yTrue - as for {@link iouLoss}
 * @returns one number per box: the shape without its last axis
 * @throws as iouLoss does
 * @example
 * metrics.giouLoss([[0, 0, 1, 1]], [[2, 0, 3, 1]]).print();  // [1.3333334]
 */
export const giouLoss = (yTrue: Values, yPred: Values): Tensor =>
  boxLoss('giouLoss', yTrue, yPred, ({ iou, joint, hull }) => {
    const around = ops.mul(hull[0], hull[1]);
    return ops.sub(iou, ops.divNoNan(ops.sub(around, joint), around));
  });

/**
 * 1 − IoU + the squared distance of the centres divided by the squared diagonal of the smallest box around both
 * (Zheng et al. 2020).
 *
 * @param yTrue - as for {@link iouLoss}
 * @returns one number per box: the shape without its last axis
 * @throws as iouLoss does
 * @example
 * metrics.diouLoss([[0, 0, 1, 1]], [[2, 0, 3, 1]]).print();  // [1.4]
 */
export const diouLoss = (yTrue: Values, yPred: Values): Tensor =>
  boxLoss('diouLoss', yTrue, yPred, (overlap) => ops.sub(overlap.iou, offCentre(overlap)));

/**
 * {@link diouLoss} + v² / (1 − IoU + v), where v = 4/π² · (atan(w/h) of the true box − atan(w/h) of the predicted one)²
 * tells how their aspects differ (Zheng et al. 2020). A height of 0 counts as 10⁻⁷.
 *
 * @param yTrue - as for {@link iouLoss}
 * @returns one number per box: the shape without its last axis
 * @throws as iouLoss does
 * @differs from PyTorch, which takes the factor v / (1 − IoU + v) as a constant: it is differentiated too, as in KerasCV
 * @example
 * metrics.ciouLoss([[0, 0, 2, 1]], [[0, 0, 2, 1]]).print();  // [0]
 */
export const ciouLoss = (yTrue: Values, yPred: Values): Tensor =>
  boxLoss('ciouLoss', yTrue, yPred, (overlap) => {
    const [a, b] = overlap.sides.map(([width, height]) => ops.atan(ops.div(width, ops.maximum(height, EPSILON))));
    const v = ops.mul(ops.squaredDifference(a!, b!), 4 / (Math.PI * Math.PI));
    const shape = ops.divNoNan(ops.square(v), ops.add(ops.sub(1, overlap.iou), v));
    return ops.sub(overlap.iou, ops.add(offCentre(overlap), shape));
  });
