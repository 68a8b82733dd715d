// Compiles each module of assembly/modules.js, its relaxed variant, and the one that unpacks them, into build/: those
// whose sources have changed since.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MODULES, STATICS } from '../assembly/modules.js';
import { withTable } from './table.js';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** A file and all that it imports, with their texts. */
function sourcesOf(file, found = new Map()) {
  if (found.has(file)) return found;
  const text = readFileSync(path(file), 'utf8');
  found.set(file, text);
  for (const [, from] of text.matchAll(/from '(\.[^']+)'/g)) sourcesOf(join(dirname(file), `${from}.ts`), found);
  return found;
}

// What else decides what comes of sources.
const TOOLS = ['package-lock.json', 'asconfig.json', 'scripts/compile.js', 'scripts/table.js'].map((file) =>
  readFileSync(path(file), 'utf8'),
);

/** Makes build/OUT.wasm of a source, unless it was made of the same. */
async function make(out, file, options, finish) {
  const sources = JSON.stringify([...sourcesOf(file), TOOLS, options]);
  const key = createHash('sha256').update(sources).digest('hex');
  const [made, from] = [path(`build/${out}.wasm`), path(`build/${out}.made-of`)];
  if (existsSync(made) && existsSync(from) && readFileSync(from, 'utf8') === key) return;
  const asc = path('node_modules/assemblyscript/bin/asc.js');
  const args = [file, ...options, '--outFile', made, '--textFile', path(`build/${out}.wat`)];
  await promisify(execFile)(process.execPath, [asc, ...args], { cwd: path('') });
  if (finish) writeFileSync(made, finish(readFileSync(made)));
  writeFileSync(from, key);
}

const RELAXED = ['--use', 'RELAXED=1', '--enable', 'relaxed-simd'];

function compile(name, index, isRelaxed) {
  const base = index * STATICS;
  const options = ['--target', 'release', '--memoryBase', String(base), '--exportTable', ...(isRelaxed ? RELAXED : [])];
  return make(isRelaxed ? `relaxed-${name}` : name, `assembly/generated/${name}.ts`, options, (module) => {
    const bytes = withTable(module);
    // This very engine may have no relaxed SIMD.
    if (!isRelaxed) {
      const env = {
        memory: new WebAssembly.Memory({ initial: 16, maximum: 65536 }),
        kernels: new WebAssembly.Table({ element: 'anyfunc', initial: 65536 }),
      };
      const end = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports.heapBase();
      if (end > base + STATICS) throw new Error(`the constants of ${name} take ${end - base} bytes, more than STATICS`);
    }
    return bytes;
  });
}

await Promise.all([
  ...Object.entries(MODULES).flatMap(([name, { withProducts }], index) =>
    (withProducts ? [false, true] : [false]).map((isRelaxed) => compile(name, index, isRelaxed)),
  ),
  make('unpack', 'assembly/unpack.ts', ['--target', 'unpack']),
]);
