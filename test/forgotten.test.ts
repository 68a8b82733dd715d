import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('an engine without FinalizationRegistry, such as an older Cloudflare Worker, does without', async () => {
  vi.resetModules();
  vi.stubGlobal('FinalizationRegistry', undefined);
  const { memory, random, scalar } = await import('../src/index.js');
  const stream = new random.PhiloxRandom({ seed: 1 });
  const x = scalar(2);
  const y = x.square();
  expect(y.arraySync()).toBe(4);
  x.dispose();
  y.dispose();
  stream.dispose();
  expect(memory().numTensors).toBe(0);
});
