// Raw kernel calls for tests: typed arrays in and out of linear memory.

import { ARRAYS, type DataType, type DataTypeMap, type TypedArray } from '../../src/dtype.js';
import { allocate, release, view } from '../../src/memory.js';

/** Copies `inputs` into blocks, calls `run` with their addresses and the output's, returns a copy of the output. */
export function call<D extends DataType>(
  dtype: D,
  size: number,
  inputs: TypedArray[],
  run: (...addresses: number[]) => void,
): DataTypeMap[D] {
  const bytes = { float32: 4, float64: 8, int32: 4, bool: 1 }[dtype] * size;
  const blocks = inputs.map((x) => allocate(x.byteLength, 'test input'));
  const output = allocate(bytes, 'test output');
  inputs.forEach((x, i) => {
    const name = { Float32Array: 'float32', Float64Array: 'float64', Int32Array: 'int32', Uint8Array: 'bool' }[
      x.constructor.name
    ] as DataType;
    view(name, blocks[i]!, x.length).set(x);
  });
  run(...blocks, output);
  const result = view(dtype, output, size).slice() as DataTypeMap[D];
  inputs.forEach((x, i) => {
    release(blocks[i]!, x.byteLength);
  });
  release(output, bytes);
  return result;
}

/** A typed array of n elements, made by index. */
export function elements<D extends DataType>(dtype: D, n: number, value: (i: number) => number): DataTypeMap[D] {
  const x = new ARRAYS[dtype](n) as DataTypeMap[D];
  for (let i = 0; i < n; i++) x[i] = value(i);
  return x;
}
