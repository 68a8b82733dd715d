// From tensors to kernels: the few ways in which ops convert their arguments, call a kernel over all
// elements and leave their gradient on the tape. Ops are written in these words.

import { convert, convertPair, type TensorLike } from '../convert.js';
import { type DataType, isFloat, upcastType } from '../dtype.js';
import { endScope, startScope } from '../scope.js';
import { broadcastLoops, broadcastShapes, type Shape, sameShape } from '../shape.js';
import { record } from '../tape.js';
import { castElements, empty, type Tensor } from '../tensor.js';
import { type CoreKernels, kernels, type Op } from '../wasm/kernels.js';
import { sum } from './reduction.js';
import { broadcastTo, reshape } from './transform.js';

/** A kernel of core, whatever its dtype. */
export type KernelName = { [D in DataType]: keyof CoreKernels[D] }[DataType];

/** A kernel by its name where it is one of core's, else as its module gives it: `special.op('erf')`. */
export type AnyKernel = KernelName | Op;

type Call = (...args: number[]) => void;

const nameOf = (op: AnyKernel): string => (typeof op === 'string' ? op : op.name);

/** The kernel for a dtype. */
export function kernel(op: AnyKernel, dtype: DataType): Call {
  const tables = typeof op === 'string' ? kernels : op.module;
  return (tables[dtype] as unknown as Record<string, Call>)[nameOf(op)]!;
}

/** Runs an op and disposes of what it made on the way to its result. */
export function scoped<T extends Tensor | Tensor[]>(f: () => T): T {
  let result: T | undefined;
  startScope();
  try {
    result = f();
    return result;
  } finally {
    endScope(result);
  }
}

/** y[i] = kernel(x[i]), with scalars passed on. */
export function map(name: AnyKernel, x: Tensor, dtype: DataType = x.dtype, ...scalars: number[]): Tensor {
  const y = empty(x.shape, dtype);
  if (x.size > 0) kernel(name, x.dtype)(x.storage.address, y.storage.address, x.size, ...scalars);
  return y;
}

/** z = kernel(x, y) for two tensors of the same shape and dtype, with scalars passed on. */
export function mapPair(name: AnyKernel, x: Tensor, y: Tensor, ...scalars: number[]): Tensor {
  const z = empty(x.shape, x.dtype);
  if (x.size > 0) kernel(name, x.dtype)(x.storage.address, y.storage.address, z.storage.address, x.size, ...scalars);
  return z;
}

/** y = kernel(a, b) with broadcasting; a and b have the same dtype. */
export function zip(name: AnyKernel, a: Tensor, b: Tensor, op: string, dtype: DataType = a.dtype): Tensor {
  const call = kernel(name, a.dtype);
  if (sameShape(a.shape, b.shape)) {
    const y = empty(a.shape, dtype);
    call(a.storage.address, b.storage.address, y.storage.address, 1, 1, a.size, 0, 0, 1, 0, 0, 1);
    return y;
  }
  const shape = broadcastShapes(a.shape, b.shape, op);
  const loops = broadcastLoops(a.shape, b.shape, shape);
  if (loops.length > 3) return zip(name, broadcastTo(a, shape), broadcastTo(b, shape), op, dtype);
  const [n0, a0, b0] = loops[0] ?? [1, 0, 0];
  const [n1, a1, b1] = loops[1] ?? [1, 0, 0];
  const [n2, a2, b2] = loops[2] ?? [1, 0, 0];
  const y = empty(shape, dtype);
  if (y.size > 0) {
    call(a.storage.address, b.storage.address, y.storage.address, n2, n1, n0, a2, a1, a0, b2, b1, b0);
  }
  return y;
}

/** x itself if it has that dtype, else a tensor that has. A float's cotangent is cast back. */
export function castTo(x: Tensor, dtype: DataType): Tensor {
  if (x.dtype === dtype) return x;
  const y = castElements(x, dtype);
  return record(y, [x], [(dy) => (isFloat(x.dtype) ? castTo(dy, x.dtype) : dy)], []);
}

/** Casts to a float dtype what has none: to float32. */
export const asFloat = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : castTo(x, 'float32'));

/** Casts booleans, which no arithmetic kernel takes, to int32. */
export const asNumeric = (x: Tensor): Tensor => (x.dtype === 'bool' ? castTo(x, 'int32') : x);

/** A cotangent summed over the axes along which its operand was broadcast, to the operand's shape. */
export function sumTo(dy: Tensor, shape: Shape): Tensor {
  if (sameShape(dy.shape, shape)) return dy;
  const extra = dy.rank - shape.length;
  const axes = dy.shape.map((_, i) => i).filter((i) => i < extra || (shape[i - extra] === 1 && dy.shape[i] !== 1));
  return reshape(axes.length ? sum(dy, axes) : dy, shape);
}

/** The cotangent of x from those of y = op(x). */
type UnaryGradient = (dy: Tensor, x: Tensor, y: Tensor) => Tensor;

/** An elementwise op on floats; int32 and bool are cast to float32. */
export function unary<T extends Tensor>(name: AnyKernel, x: T | TensorLike, gradient: UnaryGradient): T {
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', nameOf(name)));
    const y = map(name, $x);
    return record(y, [$x], [(dy) => gradient(dy, $x, y)]);
  }) as T;
}

/** An elementwise op on floats and int32; bool is cast to int32. */
export function unaryNumeric<T extends Tensor>(
  name: AnyKernel,
  x: T | TensorLike,
  gradient: UnaryGradient,
  saves: (x: Tensor, y: Tensor) => Tensor[] = (x, y) => [x, y],
): T {
  return scoped(() => {
    const $x = asNumeric(convert(x, 'x', nameOf(name)));
    const y = map(name, $x);
    return record(y, [$x], [(dy) => gradient(dy, $x, y)], saves($x, y));
  }) as T;
}

/** The cotangent of one operand of y = op(a, b), of y's shape. */
type BinaryGradient = (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor;

/** Two arguments as tensors of one numeric dtype. */
export function convertNumeric(
  a: unknown,
  b: unknown,
  op: string,
  names?: [string, string],
): [Tensor, Tensor, DataType] {
  const [$a, $b] = convertPair(a, b, op, names);
  const dtype = upcastType(upcastType($a.dtype, $b.dtype), 'int32');
  return [castTo($a, dtype), castTo($b, dtype), dtype];
}

/** An elementwise op on two operands that broadcast; each gradient is summed to its operand's shape. */
export function binary<T extends Tensor>(
  name: AnyKernel,
  a: Tensor | TensorLike,
  b: Tensor | TensorLike,
  gradientA: BinaryGradient,
  gradientB: BinaryGradient,
  names?: [string, string],
  saves: (a: Tensor, b: Tensor, y: Tensor) => Tensor[] = (a, b, y) => [a, b, y],
): T {
  return scoped(() => {
    const [$a, $b] = convertNumeric(a, b, nameOf(name), names);
    const y = zip(name, $a, $b, nameOf(name));
    return record(
      y,
      [$a, $b],
      [(dy) => sumTo(gradientA(dy, $a, $b, y), $a.shape), (dy) => sumTo(gradientB(dy, $a, $b, y), $b.shape)],
      saves($a, $b, y),
    );
  }) as T;
}
