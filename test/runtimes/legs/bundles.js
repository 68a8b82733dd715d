// What bundlers make of the package: one file, run from a folder that holds nothing else, as a function on Lambda is.

import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lastLine, run } from '../shell.js';
import { tool, version } from '../tools.js';

/** @type {Record<string, { needs: string[], file: string, build: (entry: string, folder: string, file: string) => Promise<unknown> }>} */
const BUNDLERS = {
  'esbuild, one ES module': {
    needs: ['esbuild'],
    file: 'main.mjs',
    build: async (entry, folder, file) =>
      (await tool('esbuild')).build({
        entryPoints: [entry],
        bundle: true,
        minify: true,
        platform: 'node',
        format: 'esm',
        outfile: join(folder, file),
      }),
  },
  'esbuild, one CommonJS file': {
    needs: ['esbuild'],
    file: 'main.cjs',
    build: async (entry, folder, file) =>
      (await tool('esbuild')).build({
        entryPoints: [entry],
        bundle: true,
        minify: true,
        platform: 'node',
        format: 'cjs',
        outfile: join(folder, file),
      }),
  },
  webpack: {
    needs: ['webpack'],
    file: 'main.cjs',
    build: async (entry, folder, file) => {
      const { default: webpack } = await tool('webpack');
      const compiler = webpack({ entry, target: 'node', mode: 'production', output: { path: folder, filename: file } });
      return new Promise((resolve, reject) =>
        compiler.run((error, stats) => {
          if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString('errors-only')));
          else compiler.close(resolve);
        }),
      );
    },
  },
  rollup: {
    needs: ['rollup', '@rollup/plugin-node-resolve'],
    file: 'main.mjs',
    build: async (entry, folder, file) => {
      const { rollup } = await tool('rollup');
      const { nodeResolve } = await tool('@rollup/plugin-node-resolve');
      const bundle = await rollup({ input: entry, plugins: [nodeResolve()] });
      await bundle.write({ file: join(folder, file) });
    },
  },
  Vite: {
    needs: ['vite'],
    file: 'main.mjs',
    build: async (entry, folder, file) =>
      (await tool('vite')).build({
        configFile: false,
        logLevel: 'error',
        root: join(entry, '..'),
        build: {
          outDir: folder,
          target: 'es2022',
          lib: { entry, formats: ['es'], fileName: () => file },
        },
      }),
  },
};

export const bundles = Object.entries(BUNDLERS).flatMap(([title, { needs, file, build }]) =>
  ['main.js', 'threads-main.js'].map((entry) => ({
    name: `Bundle by ${title}${entry === 'main.js' ? '' : ', threads'}`,
    needs,
    async run({ app, folder }) {
      mkdirSync(join(folder, 'bundles'), { recursive: true });
      const out = mkdtempSync(join(folder, 'bundles/'));
      await build(join(app, entry), out, file);
      const files = readdirSync(out);
      // Some put what a thread runs in a file of its own; it is for pages whose policy wants one.
      if (files.length !== 1 && entry === 'main.js')
        throw new Error(`more than one file came out: ${files.join(', ')}`);
      return { version: version(needs[0]), ...lastLine(await run(process.execPath, [file], { cwd: out })) };
    },
  })),
);
