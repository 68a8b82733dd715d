// Compiles each module of assembly/modules.js, and the one that unpacks them, into build/.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MODULES, STATICS } from '../assembly/modules.js';
import { withTable } from './table.js';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const asc = (...args) =>
  promisify(execFile)(process.execPath, [path('node_modules/assemblyscript/bin/asc.js'), ...args], { cwd: path('') });

async function compile(name, index) {
  const base = index * STATICS;
  const files = ['--outFile', `build/${name}.wasm`, '--textFile', `build/${name}.wat`];
  await asc(
    `assembly/generated/${name}.ts`,
    '--target',
    'release',
    ...files,
    '--memoryBase',
    String(base),
    '--exportTable',
  );
  const bytes = withTable(readFileSync(path(`build/${name}.wasm`)));
  writeFileSync(path(`build/${name}.wasm`), bytes);
  const module = new WebAssembly.Module(bytes);
  const env = { memory: new WebAssembly.Memory({ initial: 16, maximum: 65536 }) };
  const end = new WebAssembly.Instance(module, { env }).exports.heapBase();
  if (end > base + STATICS) throw new Error(`the constants of ${name} take ${end - base} bytes, more than STATICS`);
}

await Promise.all([...Object.keys(MODULES).map(compile), asc('assembly/unpack.ts', '--target', 'unpack')]);
