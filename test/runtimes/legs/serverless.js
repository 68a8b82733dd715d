// The serverless examples against real requests: the worker in workerd, the Lambda handler as one file in another folder.

import { cpSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFor, modulesIn } from '../bundle.js';
import { tool, version } from '../tools.js';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** The examples beside the installed package, as a user's own code would lie. */
function copyExamples(/** @type {string} */ app) {
  for (const name of ['serverless.js', 'worker/worker.js', 'lambda/handler.js']) {
    cpSync(join(EXAMPLES, name), join(app, 'examples', name));
  }
  return join(app, 'examples');
}

const LINE = { x: [[1], [2], [3], [4]], y: [3, 5, 7, 9] };

/**
 * Trains on a line and predicts with the model, and has bad requests refused.
 *
 * @param {(method: string, path: string, body?: string) => Promise<{ status: number, body: string }>} ask
 */
async function converse(ask) {
  const expectStatus = (/** @type {{ status: number, body: string }} */ answer, /** @type {number} */ status) => {
    if (answer.status !== status)
      throw new Error(`status ${answer.status}, not ${status}: ${answer.body.slice(0, 200)}`);
    return answer;
  };
  const trained = JSON.parse(expectStatus(await ask('POST', '/train', JSON.stringify(LINE)), 200).body);
  const question = JSON.stringify({ model: trained.model, x: [[5]] });
  const { y } = JSON.parse(expectStatus(await ask('POST', '/predict', question), 200).body);
  if (!Number.isFinite(y.flat()[0])) throw new Error(`no prediction in ${JSON.stringify(y)}`);
  expectStatus(await ask('POST', '/train', '{"x": [[1], [2, 3]], "y": [1, 2]}'), 400);
  expectStatus(await ask('POST', '/train', `"${'x'.repeat(3 * 2 ** 20)}"`), 413);
  expectStatus(await ask('GET', '/train'), 405);
  expectStatus(await ask('POST', '/nothing'), 404);
}

export const serverless = [
  {
    name: 'examples/worker in workerd',
    needs: ['miniflare', 'esbuild'],
    async run({ app }) {
      const { Miniflare, supportedCompatibilityDate } = await tool('miniflare');
      const contents = await bundleFor(join(copyExamples(app), 'worker/worker.js'), 'workerd');
      const worker = new Miniflare({
        compatibilityDate: supportedCompatibilityDate,
        modules: [
          { type: 'ESModule', path: 'worker.js', contents },
          ...modulesIn(app).map(({ name, contents }) => ({ type: 'CompiledWasm', path: name, contents })),
        ],
      });
      try {
        await converse(async (method, path, body) => {
          const response = await worker.dispatchFetch(`http://localhost${path}`, { method, body });
          return { status: response.status, body: await response.text() };
        });
        return { version: version('workerd') };
      } finally {
        await worker.dispose();
      }
    },
  },
  {
    name: 'examples/lambda as one file',
    needs: ['esbuild'],
    async run({ app, folder }) {
      const alone = join(folder, 'lambda');
      mkdirSync(alone, { recursive: true });
      const { build } = await tool('esbuild');
      await build({
        entryPoints: [join(copyExamples(app), 'lambda/handler.js')],
        bundle: true,
        minify: true,
        platform: 'node',
        target: 'node20',
        format: 'cjs',
        outfile: join(alone, 'index.cjs'),
      });
      const { handler } = createRequire(import.meta.url)(join(alone, 'index.cjs'));
      await converse(async (method, rawPath, body) => {
        const answer = await handler({ requestContext: { http: { method } }, rawPath, body });
        return { status: answer.statusCode, body: answer.body };
      });
      return { version: process.version };
    },
  },
];
