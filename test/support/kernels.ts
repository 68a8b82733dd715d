// The kernels of every module.

import * as every from '../../src/wasm/kernels.js';
import { KernelModule } from '../../src/wasm/module.js';

/** All modules by their names. */
export const modules = new Map<string, KernelModule>();
for (const [name, value] of Object.entries(every)) {
  if (value instanceof KernelModule && name !== 'kernels') modules.set(name, value);
}

/** From now on their instances do part t of T of what they run. */
export function setShare(t: number, T: number): void {
  for (const { common } of modules.values()) (common as { setShare(t: number, T: number): void }).setShare(t, T);
}

/** What is of all the types of a union. */
type All<U> = (U extends unknown ? (u: U) => void : never) extends (all: infer A) => void ? A : never;
type Tables = 'float32' | 'float64' | 'int32' | 'bool' | 'common';
type Every = All<Extract<(typeof every)[keyof typeof every], { module: WebAssembly.Module }>>;

const tables = (name: Tables) => Object.assign({}, ...[...modules.values()].map((module) => module[name]));

/** Their kernels in one set of tables. */
export const kernels: Pick<Every, Tables> = {
  float32: tables('float32'),
  float64: tables('float64'),
  int32: tables('int32'),
  bool: tables('bool'),
  common: tables('common'),
};
