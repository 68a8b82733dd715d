// The pages that browsers open, and the server that serves them on loopback. A page says to it how far it is, and then
// what came of it.

import { createReadStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { tool } from './tools.js';

const page = (/** @type {string} */ head) => `<!doctype html><meta charset="utf-8"><title>…</title>${head}`;

const SHOW = `
let said = Promise.resolve();
/** One word after the other. */
const say = (word) => { said = said.then(() => fetch('/say', { method: 'POST', body: word })); };
export const report = (row) => say('… ' + row);
export const show = (promise) => promise.then(
  (result) => say(JSON.stringify(result)),
  (error) => say(JSON.stringify({ error: String(error.message ?? error) })),
);
`;

const FILES = {
  'show.js': SHOW,
  'page.js': `
import { report, show } from './show.js';
show(import('./entry.js').then(({ run }) => run(report)));
`,
  'spawn.js': `
import { report, show } from './show.js';
const worker = new Worker(new URL('./web-worker.js', import.meta.url), { type: 'module' });
show(new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => (data.row ? report(data.row) : resolve(data));
  worker.onerror = (event) => reject(new Error(event.message ?? 'the worker failed'));
}));
`,
  'web-worker.js': `
import { run } from './entry.js';
run((row) => postMessage({ row })).then(postMessage, (error) => postMessage({ error: error.message }));
`,
  'threads-page.js': `
import { report, show } from './show.js';
show(import('./threads.js').then(({ run }) => run(report)));
`,
  'relaxed-page.js': `
import { show } from './show.js';
show(import('./relaxed.js').then(({ run }) => run()));
`,
  'threads-spawn.js': `
import { report, show } from './show.js';
const worker = new Worker(new URL('./threads-web-worker.js', import.meta.url), { type: 'module' });
show(new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => (data.row ? report(data.row) : resolve(data));
  worker.onerror = (event) => reject(new Error(event.message ?? 'the worker failed'));
}));
`,
  'threads-web-worker.js': `
import { run } from './threads.js';
run((row) => postMessage({ row })).then(postMessage, (error) => postMessage({ error: error.message }));
`,
  // No bundler: an import map points into node_modules.
  'plain.html': page(`
<script type="importmap">{ "imports": { "wasmgrad": "/node_modules/wasmgrad/dist/index.js" } }</script>
<script type="module" src="/page.js"></script>`),
  'isolated.html': page(`
<script type="importmap">
{ "imports": { "wasmgrad": "/node_modules/wasmgrad/dist/index.js", "wasmgrad/threads": "/node_modules/wasmgrad/dist/threads.js" } }
</script>
<script type="module" src="/threads-page.js"></script>`),
  'relaxed.html': page(`
<script type="importmap">
{ "imports": { "wasmgrad": "/node_modules/wasmgrad/dist/index.js", "wasmgrad/relaxed": "/node_modules/wasmgrad/dist/relaxed.js" } }
</script>
<script type="module" src="/relaxed-page.js"></script>`),
  'threads.html': page('<script type="module" src="./threads-page.js"></script>'),
  'threads-spawn.html': page('<script type="module" src="./threads-spawn.js"></script>'),
  'page.html': page('<script type="module" src="./page.js"></script>'),
  'spawn.html': page('<script type="module" src="./spawn.js"></script>'),
};

const policy = (/** @type {string} */ scripts) =>
  `default-src 'none'; script-src ${scripts}; worker-src 'self'; connect-src 'self'`;

/** @type {Record<string, string>} policies by the first folder of a request. */
const POLICIES = {
  strict: policy("'self' 'wasm-unsafe-eval'"),
  isolated: policy("'self' 'wasm-unsafe-eval'"),
  forbidden: policy("'self'"),
};

/** @type {Record<string, string>} */
const TYPES = { js: 'text/javascript', html: 'text/html', json: 'application/json' };

/** Builds the pages with Vite into app/built. */
async function buildPages(/** @type {string} */ app) {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(app, name), text);
  mkdirSync(join(app, 'built'), { recursive: true });
  const { build } = await tool('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    root: app,
    base: './',
    worker: { format: 'es' },
    build: {
      outDir: 'built',
      modulePreload: false,
      rollupOptions: {
        input: ['page', 'spawn', 'threads', 'threads-spawn'].map((name) => join(app, `${name}.html`)),
      },
    },
  });
}

/** @type {Promise<void> | undefined} */
let built;

/** Serves the built pages under /strict/, /isolated/ and /forbidden/, the sources under /. */
export async function serve(/** @type {string} */ app) {
  built ??= buildPages(app);
  await built;
  let said = '';
  const server = createServer(async (request, response) => {
    const { url = '/' } = request;
    if (url === '/say') {
      said = await text(request);
      return response.end();
    }
    const [, first, rest] = /^\/(strict|isolated|forbidden)\/(.*)$/.exec(url) ?? [];
    const file = first ? join(app, 'built', rest) : join(app, url);
    if (!existsSync(file) || file.endsWith('/')) return response.writeHead(404).end();
    response.setHeader('content-type', TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
    if (first) response.setHeader('content-security-policy', POLICIES[first]);
    if (url.startsWith('/isolated')) {
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      response.setHeader('cross-origin-embedder-policy', 'require-corp');
    }
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    at: (/** @type {string} */ path) => `http://127.0.0.1:${port}/${path}`,
    /** The latest word of a page. */
    get said() {
      return said;
    },
    close: () => server.close(),
  };
}
