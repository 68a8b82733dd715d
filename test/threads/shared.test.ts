import { expect, test } from 'vitest';
import { KERNELS } from '../../src/wasm/generated/abi.js';
import { compileAll, kernels } from '../../src/wasm/kernels.js';
import { withSharedMemory } from '../../src/wasm/shared.js';

const table = new WebAssembly.Table({ element: 'anyfunc', initial: KERNELS });
const SIZE = { initial: 16, maximum: 65536 };

test('the module for shared memory runs on shared memory, and only there', () => {
  const [module] = compileAll(withSharedMemory);
  const shared = new WebAssembly.Memory({ ...SIZE, shared: true });
  const { exports } = new WebAssembly.Instance(module!, { env: { memory: shared, kernels: table } });
  const own = kernels.module;
  expect(Object.keys(exports)).toEqual(WebAssembly.Module.exports(own).map(({ name }) => name));
  const memory = new WebAssembly.Memory(SIZE);
  for (const [wrong, env] of [
    [module!, { memory, kernels: table }],
    [own, { memory: shared, kernels: table }],
  ] as const) {
    expect(() => new WebAssembly.Instance(wrong, { env })).toThrow(WebAssembly.LinkError);
  }
});

test('a module whose last import is no memory without a maximum is refused', () => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  expect(() => withSharedMemory(Uint8Array.from(header))).toThrow('imports no memory');
  // (import "e" "f" (global i32)) and (import "e" "m" (memory 1 2))
  for (const kind of [
    [3, 0x7f, 0],
    [2, 1, 1, 2],
  ]) {
    const section = [1, 1, 0x65, 1, 0x66, ...kind];
    expect(() => withSharedMemory(Uint8Array.from([...header, 2, section.length, ...section]))).toThrow(
      'imports no memory, or something after it',
    );
  }
});
