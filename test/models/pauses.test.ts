// When training pauses, and that it makes no difference to what it computes.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { type FitOptions, nextFrame } from '../../src/index.js';
import { compiledModel, elements, expectNoLeak, quadrants } from './models.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/**
 * Trains by three batches an epoch, each of which takes `ms` on a clock that stands still otherwise.
 * @returns where it paused and with which loss, how often another task had its turn until then, and the weights
 */
async function trained(
  yieldEvery: FitOptions['yieldEvery'],
  { ms = 0, ...options }: FitOptions & { ms?: number } = {},
) {
  let clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  const pauses: [epoch: number, batch: number, loss: number][] = [];
  const onYield = (epoch: number, batch: number, { loss }: Record<string, number>) => {
    pauses.push([epoch, batch, loss]);
  };
  const losses: number[] = [];
  const callback = {
    onBatchEnd: (_: number, { loss }: Record<string, number>) => {
      clock += ms;
      losses.push(loss);
    },
    onTestBatchEnd: () => {
      clock += ms;
    },
    ...(yieldEvery !== 'never' && { onYield }),
  };
  // Where there is setImmediate, messages without end would leave it no turn in Deno.
  let turns = 0;
  const { port1, port2 } = new MessageChannel();
  const next = typeof setImmediate === 'function' ? () => setImmediate(take) : () => port2.postMessage(null);
  let isOver = false;
  const take = () => {
    turns++;
    if (!isOver) next();
  };
  port1.onmessage = take;
  next();
  const [model, data] = [compiledModel(), quadrants(12)];
  try {
    await model.fit(data.x, data.y, {
      ...{ epochs: 4, batchSize: 4, shuffle: false, verbose: 0 },
      ...{ ...options, ...(yieldEvery !== undefined && { yieldEvery }), callbacks: callback },
    });
    return {
      pauses,
      turns,
      losses,
      places: pauses.map(([epoch, batch]) => `${epoch}.${batch}`),
      weights: elements(model),
    };
  } finally {
    isOver = true;
    port1.close();
    port2.close();
    for (const each of [data.x, data.y, model]) each.dispose();
  }
}

const EVERY = ['0.0', '0.1', '0.2', '1.0', '1.1', '1.2', '2.0', '2.1', '2.2', '3.0', '3.1', '3.2'];

describe('training pauses', () => {
  test.each<[FitOptions['yieldEvery'], number, string[]]>([
    ['batch', 0, EVERY],
    [0, 0, EVERY],
    ['epoch', 1000, ['0.2', '1.2', '2.2', '3.2']],
    // Time goes on from one epoch to the next.
    [100, 40, ['0.2', '1.2', '2.2', '3.2']],
    [150, 40, ['1.0', '2.1', '3.2']],
    ['auto', 62, ['0.2', '1.2', '2.2', '3.2']],
    ['auto', 63, ['0.1', '1.0', '1.2', '2.1', '3.0', '3.2']],
    [undefined, 125, EVERY],
    [undefined, 10, []],
    ['never', 1000, []],
    [Number.POSITIVE_INFINITY, 1000, []],
  ])('yieldEvery %s, where a batch takes %s ms', async (yieldEvery, ms, places) => {
    await expectNoLeak(async () => {
      const found = await trained(yieldEvery, { ms });
      expect(found.places).toEqual(places);
      expect(found.turns > 0).toBe(places.length > 0);
    });
  });

  test('onYield has the figures so far', async () => {
    const { pauses, losses } = await trained('batch');
    expect(pauses.map(([, , loss]) => loss)).toEqual(losses);
  });

  test('in validation, too, of which onYield is not told', async () => {
    const held = quadrants(40);
    const validation = { validationData: [held.x, held.y] as const, validationBatchSize: 1, epochs: 1 };
    const found = await trained(100, { ...validation, ms: 30 });
    expect(found.places).toEqual([]);
    expect(found.turns).toBeGreaterThan(0);
    for (const each of [held.x, held.y]) each.dispose();
  });

  test('without a bit of difference', async () => {
    const [never, batch] = [await trained('never'), await trained('batch')];
    expect(batch.weights).toEqual(never.weights);
    expect(batch.losses).toEqual(never.losses);
  });

  test.each([[['setImmediate']], [['setImmediate', 'MessageChannel']]])('in runtimes without %s', async (missing) => {
    const [model, data] = [compiledModel(), quadrants(4)];
    for (const name of missing) vi.stubGlobal(name, undefined);
    let turns = 0;
    const timer = setInterval(() => turns++);
    await model.fit(data.x, data.y, { epochs: 200, yieldEvery: 'batch', verbose: 0 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    for (const each of [data.x, data.y, model]) each.dispose();
  });
});

test('a callback of a pause can end training', async () => {
  const [model, data] = [compiledModel(), quadrants(12)];
  const onYield = vi.fn(() => {
    model.stopTraining = true;
  });
  const { epoch } = await model.fit(data.x, data.y, {
    ...{ epochs: 9, batchSize: 4, verbose: 0, yieldEvery: 'batch', callbacks: { onYield } },
  });
  expect(onYield).toHaveBeenCalledTimes(1);
  expect(epoch).toEqual([0]);
  for (const each of [data.x, data.y, model]) each.dispose();
});

describe('nextFrame', () => {
  test('resolves when a page is about to draw', async () => {
    const frames: (() => void)[] = [];
    vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw));
    let isDrawn = false;
    const waiting = nextFrame().then(() => {
      isDrawn = true;
    });
    await new Promise((resolve) => setTimeout(resolve));
    expect([isDrawn, frames.length]).toEqual([false, 1]);
    frames[0]!();
    await waiting;
    expect(isDrawn).toBe(true);
  });

  test('lets other tasks have their turn where there are no frames', async () => {
    vi.stubGlobal('requestAnimationFrame', undefined);
    let turns = 0;
    setTimeout(() => turns++);
    for (let i = 0; i < 1000 && turns === 0; i++) await nextFrame();
    expect(turns).toBe(1);
  });
});
