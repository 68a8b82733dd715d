// Shapes: plain lists of sizes and the arithmetic on them. Imports nothing.

/** The sizes of the axes; a scalar has none. */
export type Shape = readonly number[];

/**
 * The number of axes, as TensorFlow.js names it in types: `Tensor<Rank.R2>` is a matrix.
 *
 * @example
 * zeros([2, 3]).rankType === Rank.R2;  // true
 */
export enum Rank {
  /** A scalar. */
  R0 = 'R0',
  /** A vector. */
  R1 = 'R1',
  /** A matrix. */
  R2 = 'R2',
  /** Three axes. */
  R3 = 'R3',
  /** Four axes. */
  R4 = 'R4',
  /** Five axes. */
  R5 = 'R5',
  /** Six axes. */
  R6 = 'R6',
}

/** The shapes of each rank. */
export interface ShapeMap {
  /** A scalar's; also that of a tensor whose rank is not known. */
  R0: number[];
  /** A vector's. */
  R1: [number];
  /** A matrix's: rows and columns. */
  R2: [number, number];
  /** Three sizes. */
  R3: [number, number, number];
  /** Four sizes. */
  R4: [number, number, number, number];
  /** Five sizes. */
  R5: [number, number, number, number, number];
  /** Six sizes. */
  R6: [number, number, number, number, number, number];
}

/** Elements in a tensor of this shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** Row-major strides, in elements: the last axis is contiguous. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, step = 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i]!;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`;

/** Checks that every size is a whole number from 0 up. */
export function checkShape(shape: unknown, op: string): asserts shape is number[] {
  if (!Array.isArray(shape))
    throw new TypeError(`${op}: a shape must be an array of whole numbers, got ${typeof shape}`);
  for (const n of shape) {
    if (typeof n !== 'number') throw new TypeError(`${op}: a shape must be an array of whole numbers, got [${shape}]`);
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new RangeError(`${op}: Tensor must have a shape comprised of positive integers but got shape [${shape}].`);
    }
  }
}

/**
 * The shape that two broadcast to, by NumPy's rule: aligned at the last axis, sizes are equal or one of them is 1.
 * @throws RangeError if they do not
 */
export function broadcastShapes(a: Shape, b: Shape, op: string): number[] {
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new RangeError(
        `${op}: Operands could not be broadcast together with shapes ${showShape(a)} and ${showShape(b)}`,
      );
    }
    shape[rank - i] = m === 1 ? n : m;
  }
  return shape;
}

/** Axes as sorted whole numbers from 0 up; none given means all. */
export function normalizeAxes(axis: number | readonly number[] | null | undefined, rank: number, op: string): number[] {
  if (axis === undefined || axis === null) return Array.from({ length: rank }, (_, i) => i);
  if (!Array.isArray(axis)) return [normalizeAxis(axis as number, rank, op)];
  const axes = axis.map((a: number) => normalizeAxis(a, rank, op));
  if (new Set(axes).size !== axes.length) throw new RangeError(`${op}: axes must differ, got [${axes}]`);
  return axes.sort((a, b) => a - b);
}

/** One axis as a whole number from 0 up; −1 is the last. */
export function normalizeAxis(axis: number, rank: number, op: string): number {
  if (!Number.isInteger(axis))
    throw new TypeError(`${op}: All values in axis param must be integers but got axis ${axis}`);
  if (axis < -rank || axis >= rank) {
    throw new RangeError(`${op}: All values in axis param must be in range [-${rank}, ${rank}) but got axis ${axis}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** The shape left when `axes` are reduced away, or kept with size 1. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return keepDims ? shape.map((n, i) => (axes.includes(i) ? 1 : n)) : shape.filter((_, i) => !axes.includes(i));
}

/** The shape with another size along one axis. */
export const withSize = (shape: Shape, axis: number, n: number): number[] => shape.map((m, i) => (i === axis ? n : m));

/**
 * Fills in at most one −1 so that the sizes multiply to `size`.
 * @throws RangeError if no whole number does
 */
export function inferSize(shape: Shape, size: number, op: string): number[] {
  if (!Array.isArray(shape)) checkShape(shape, op);
  const known = shape.reduce((p, n) => (n === -1 ? p : p * n), 1);
  const holes = shape.filter((n) => n === -1).length;
  if (holes > 1) throw new RangeError(`${op}: Shapes can only have 1 implicit size, got ${showShape(shape)}`);
  checkShape(
    shape.map((n) => (n === -1 ? 0 : n)),
    op,
  );
  if (holes === 0) {
    if (known !== size) throw new RangeError(`${op}: Size(${size}) must match the product of shape ${shape}`);
    return [...shape];
  }
  if (known === 0) throw new RangeError(`${op}: Cannot infer the missing size in [${shape}] when there are 0 elements`);
  if (size % known !== 0) {
    throw new RangeError(`${op}: The implicit shape can't be a fractional number. Got ${size} / ${known}`);
  }
  return shape.map((n) => (n === -1 ? size / known : n));
}

/**
 * The loops of an elementwise kernel over two broadcast operands, innermost first: [n, stride of a, stride of b].
 * Neighbouring axes on which the operands behave alike become one loop, so that same shapes, a scalar operand, a row
 * and a column need one or two.
 */
export function broadcastLoops(a: Shape, b: Shape, shape: Shape): [n: number, a: number, b: number][] {
  const loops: [number, number, number][] = [];
  let stepA = 1;
  let stepB = 1;
  for (let i = 1; i <= shape.length; i++) {
    const n = shape[shape.length - i]!;
    const m = a[a.length - i] ?? 1;
    const k = b[b.length - i] ?? 1;
    if (n !== 1) {
      const last = loops.at(-1);
      const strideA = m === 1 ? 0 : stepA;
      const strideB = k === 1 ? 0 : stepB;
      if (last && (last[1] === 0) === (strideA === 0) && (last[2] === 0) === (strideB === 0)) last[0] *= n;
      else loops.push([n, strideA, strideB]);
    }
    stepA *= m;
    stepB *= k;
  }
  return loops;
}

/** The shape of nested arrays: taken from the first element at each depth. */
export function inferShape(values: unknown): number[] {
  const shape: number[] = [];
  for (let v = values; Array.isArray(v) || ArrayBuffer.isView(v); v = (v as unknown[])[0]) {
    shape.push((v as unknown[]).length);
    if (ArrayBuffer.isView(v)) break;
  }
  return shape;
}
