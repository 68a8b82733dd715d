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

test('what is forgotten is freed once, though a step that could not be recorded handed it on', async () => {
  const registered: object[] = [];
  class Registry {
    register(x: object) {
      registered.push(x);
    }
    unregister() {}
  }
  vi.resetModules();
  vi.stubGlobal('FinalizationRegistry', Registry);
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const { jit, scalar } = await import('../src/index.js');
  const f = jit((x) => x.add(x.dataSync()[0]!));
  const x = scalar(1);
  const results = [f(x), f(x), f(x)];
  for (const y of results) expect(registered.filter((other) => other === y)).toHaveLength(1);
  vi.restoreAllMocks();
});
