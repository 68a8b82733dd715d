// Compiles each module of assembly/modules.js, its relaxed variant, and the one that unpacks them, into build/.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MODULES, STATICS } from '../assembly/modules.js';
import { withTable } from './table.js';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const asc = (...args) =>
  promisify(execFile)(process.execPath, [path('node_modules/assemblyscript/bin/asc.js'), ...args], { cwd: path('') });

async function compile(name, index, out = name, ...options) {
  const base = index * STATICS;
  const files = ['--outFile', `build/${out}.wasm`, '--textFile', `build/${out}.wat`];
  await asc(
    `assembly/generated/${name}.ts`,
    '--target',
    'release',
    ...files,
    '--memoryBase',
    String(base),
    '--exportTable',
    ...options,
  );
  const bytes = withTable(readFileSync(path(`build/${out}.wasm`)));
  writeFileSync(path(`build/${out}.wasm`), bytes);
  // This very engine may have no relaxed SIMD.
  if (out !== name) return;
  const module = new WebAssembly.Module(bytes);
  const env = {
    memory: new WebAssembly.Memory({ initial: 16, maximum: 65536 }),
    kernels: new WebAssembly.Table({ element: 'anyfunc', initial: 65536 }),
  };
  const end = new WebAssembly.Instance(module, { env }).exports.heapBase();
  if (end > base + STATICS) throw new Error(`the constants of ${name} take ${end - base} bytes, more than STATICS`);
}

const RELAXED = ['--use', 'RELAXED=1', '--enable', 'relaxed-simd'];

await Promise.all([
  ...Object.entries(MODULES).flatMap(([name, { withProducts }], index) => [
    compile(name, index),
    ...(withProducts ? [compile(name, index, `relaxed-${name}`, ...RELAXED)] : []),
  ]),
  asc('assembly/unpack.ts', '--target', 'unpack'),
]);
