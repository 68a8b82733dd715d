// What a bundle carries: esbuild's minified output, compressed as a server sends it.

import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const WASM = /\.wasm$/;

/** The size of a program in bytes of brotli; without the kernels under the condition `workerd`. */
async function size(program: string, ...conditions: string[]): Promise<{ bytes: number; code: string }> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: new URL('.', import.meta.url).pathname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    conditions,
    tsconfigRaw: '{}',
    plugins: [
      { name: 'wasm', setup: ({ onResolve }) => onResolve({ filter: WASM }, ({ path }) => ({ path, external: true })) },
    ],
  });
  const { contents, text } = outputFiles[0]!;
  return { bytes: brotliCompressSync(contents).length, code: text };
}

const SMALL = `
  import { matMul, SGDOptimizer, tensor2d, variableGrads } from 'wasmgrad/core';
  console.log(matMul(tensor2d([[1]]), tensor2d([[1]])), new SGDOptimizer(0.1), variableGrads);
`;
/** What a multilayer perceptron takes that is trained by hand, with every elementwise op, and what draws and reads its data. */
const ELEMENTARY =
  'abs neg sign square sqrt rsqrt reciprocal floor ceil round exp expm1 log log1p sin cos tan asin acos atan sinh cosh ' +
  'asinh acosh atanh erf clipByValue step relu relu6 leakyRelu elu selu sigmoid hardSigmoid tanh softplus softsign silu ' +
  'gelu add sub mul div divNoNan maximum minimum pow squaredDifference mod floorDiv atan2 equal notEqual less lessEqual ' +
  'greater greaterEqual logicalAnd logicalOr logicalXor logicalNot where isNaN isFinite isInf sum mean prod max min any ' +
  'all argMax argMin cumsum cumprod logSumExp matMul dot outerProduct transpose reshape expandDims squeeze slice concat ' +
  'stack unstack split tile pad gather oneHot cast softmax logSoftmax softmaxCrossEntropyWithLogits ' +
  'sparseSoftmaxCrossEntropyWithLogits';
const BY_HAND =
  'tensor tensor1d tensor2d tensor3d tensor4d scalar zeros ones fill eye linspace range zerosLike onesLike variable tidy ' +
  'dispose keep memory grad grads valueAndGrad valueAndGrads variableGrads customGrad SGDOptimizer MomentumOptimizer ' +
  'AdamOptimizer schedules randomUniform randomNormal truncatedNormal dropout setSeed readNpy writeNpy readIdx';
const names = `${ELEMENTARY} ${BY_HAND}`.split(' ').join(', ');
const PERCEPTRON = `
  import { ${names} } from 'wasmgrad/core';
  console.log(${names});
`;
const WHOLE = `
  import * as wasmgrad from 'wasmgrad';
  console.log(wasmgrad);
`;

/** What a bundle says of a kernel: the line of its module's table. */
const SPECIAL = 'geluExactGrad fd';
const RANDOM = 'philoxGamma f';
const APART = [SPECIAL, RANDOM, 'logSoftmax fd', 'lessEqual fdib'];

describe('a bundle', () => {
  it('of tensors, matMul and one optimizer leaves out the layers and the kernels that nothing in it needs', async () => {
    const { code } = await size(SMALL);
    for (const layer of ['inputShape', 'AdamOptimizer', 'earlyStopping']) expect(code).not.toContain(layer);
    for (const kernel of APART) expect(code).not.toContain(kernel);
    expect(code).toContain('matMul fdi');
    const whole = await size(WHOLE);
    for (const kernel of APART) expect(whole.code).toContain(kernel);
  });

  it.each([
    ['tensors, gradients and an optimizer, with their kernels', SMALL, [], 28_200],
    ['the same without kernels', SMALL, ['workerd'], 12_400],
    ['the whole package with its kernels', WHOLE, [], 166_000],
    ['the whole package without kernels', WHOLE, ['workerd'], 110_000],
  ])('of %s stays small', async (_, program, conditions, ceiling) => {
    expect((await size(program, ...conditions)).bytes).toBeLessThan(ceiling);
  });

  it('of all that a perceptron trained by hand takes, kernels and all, takes less than 60 KiB', async () => {
    expect((await size(PERCEPTRON)).bytes).toBeLessThan(60 * 1024);
  });

  it('has the special kernels where one op needs them, but not the random ones', async () => {
    const { code } = await size("import { erf } from 'wasmgrad/core'; console.log(erf);");
    expect(code).toContain(SPECIAL);
    expect(code).not.toContain(RANDOM);
  });

  it('of the root has the methods, whatever it imports', async () => {
    const program = (from: string) => `import { tensor1d } from '${from}'; console.log(tensor1d([1]));`;
    const { code } = await size(program('wasmgrad'));
    expect(code).toContain(SPECIAL);
    expect((await size(program('wasmgrad/core'))).code).not.toContain(SPECIAL);
  });
});

describe('the entry without chained methods', () => {
  it('has the exports of the root, and the same tensors', async () => {
    const load = (name: string): Promise<typeof import('wasmgrad')> =>
      import(/* @vite-ignore */ new URL(`../dist/${name}.js`, import.meta.url).href);
    const [root, core] = [await load('index'), await load('core')];
    expect(Object.keys(core)).toEqual(expect.arrayContaining(Object.keys(root)));
    expect(core.tensor1d([1, 2])).toBeInstanceOf(root.Tensor);
    expect(core.tensor1d([1, 2]).add(1).dataSync()).toEqual(Float32Array.of(2, 3));
  });

  it.each(['workerd', 'edge-light'])('for %s says that there are no threads', async (condition) => {
    const { code } = await size("export * from 'wasmgrad/threads';", condition);
    expect(code.length).toBeLessThan(500);
    const { getThreads, setThreads } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    await expect(setThreads(2)).rejects.toThrow('setThreads: there can be no threads here: Cloudflare Workers');
    await setThreads(1);
    expect(getThreads()).toBe(1);
  });

  it('for pictures leaves what draws them to the program', async () => {
    const file = (name: string) => readFileSync(new URL(`../dist/${name}.js`, import.meta.url), 'utf8');
    for (const [plot, core] of [
      ['plot', 'core'],
      ['workerd-plot', 'workerd-core'],
      ['edge-light-plot', 'edge-light-core'],
    ]) {
      const code = file(plot!);
      const imported = [...code.matchAll(/(?:from |import\()["']([^"']+)["']/g)].map(([, name]) => name);
      expect([...new Set(imported)].sort()).toEqual([`./${core}.js`, '@dagrejs/dagre', 'd3-scale', 'd3-shape']);
      expect(code.length).toBeLessThan(25_000);
    }
  });

  it('of text alone is made where what draws is not installed', async () => {
    // A folder in which nothing is found but the package.
    const plot = new URL('../dist/plot.js', import.meta.url).pathname;
    const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-'));
    for (const name of ['plot.js', 'core.js']) copyFileSync(join(dirname(plot), name), join(folder, name));
    try {
      const contents = "import { historyText } from './plot.js'; console.log(historyText({ loss: [2, 1] }));";
      const { errors } = await build({
        stdin: { contents, resolveDir: folder },
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'node',
        logLevel: 'silent',
      });
      expect(errors).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('without threads leaves out what they need', async () => {
    const needed = 'the module imports no memory';
    expect((await size(SMALL)).code).not.toContain(needed);
    expect((await size(WHOLE)).code).toContain(needed);
  });
});
