// Cloudflare's workerd through miniflare: training inside a request handler, where nothing may be compiled.

import { join } from 'node:path';
import { bundleFor, modulesIn } from '../bundle.js';
import { tool, version } from '../tools.js';

const leg = (name, dateOf) => ({
  name: `workerd, ${name} compatibility date`,
  needs: ['miniflare', 'esbuild'],
  async run({ app }) {
    const { Miniflare, supportedCompatibilityDate } = await tool('miniflare');
    const date = dateOf(supportedCompatibilityDate);
    const worker = new Miniflare({
      compatibilityDate: date,
      modules: [
        { type: 'ESModule', path: 'worker.js', contents: await bundleFor(join(app, 'worker.js'), 'workerd') },
        ...modulesIn(app).map(({ name, contents }) => ({ type: 'CompiledWasm', path: name, contents })),
      ],
    });
    try {
      const response = await worker.dispatchFetch('http://localhost/');
      const text = await response.text();
      if (!response.ok) throw new Error(text.slice(0, 500));
      return { version: `${version('workerd')}, ${date}`, ...JSON.parse(text) };
    } finally {
      await worker.dispose();
    }
  },
});

export const workerd = [leg('older', () => '2022-08-01'), leg('newer', (newest) => newest)];
