// What tests of layers that draw random numbers share.

import { expect, test } from 'vitest';
import { jit, type layers, memory, setSeed, type Tensor, tidy } from '../../src/index.js';
import { leavesNothing } from '../support/heap.js';

type Layer = layers.Layer;

export const values = (x: Tensor): number[] => Array.from(x.dataSync());

/** Runs a test on a layer in a tidy, and checks that with the layer all it made is gone. */
export function check<L extends Layer>(layer: L, body: (layer: L) => void): void {
  const before = memory().numTensors;
  tidy(() => body(layer));
  layer.dispose();
  expect(memory().numTensors).toBe(before);
}

/** A layer made again from its configuration, by way of text. */
export function remade<L extends Layer>(layer: L): L {
  const config = JSON.parse(JSON.stringify(layer.getConfig()));
  return new (layer.constructor as new (options: never) => L)(config as never);
}

/** What must hold of every layer that draws random numbers in training, on an input made by `input`. */
export function drawsInTraining<L extends Layer>(make: (seed?: number) => L, input: () => Tensor): void {
  /** What four calls in training give, one by one or as a recorded step. */
  const calls = (layer: L, wrap: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor = (f) => f): number[][] =>
    tidy(() => {
      const x = input();
      const run = wrap((z) => layer.apply(z, { training: true }));
      return [1, 2, 3, 4].map(() => values(run(x)));
    });
  const replayed = (layer: L): number[][] => {
    let recorded: { dispose(): void } | undefined;
    const result = calls(layer, (f) => {
      const jitted = jit(f);
      recorded = jitted;
      return jitted as (x: Tensor) => Tensor;
    });
    recorded!.dispose();
    return result;
  };

  test('leaves inputs as they are outside of training', () => {
    check(make(), (layer) => {
      const x = input();
      expect(values(layer.apply(x))).toEqual(values(x));
    });
  });

  test('draws anew at each call, the same numbers after the same seed', () => {
    const [first, second] = [calls(make(1)), calls(make(1))];
    expect(second).toEqual(first);
    expect(new Set(first.map(String)).size).toBeGreaterThan(1);
    expect(calls(make(2))).not.toEqual(first);
    const withProgram = [5, 5, 6].map((seed) => {
      setSeed(seed);
      return calls(make());
    });
    expect(withProgram[1]).toEqual(withProgram[0]);
    expect(withProgram[2]).not.toEqual(withProgram[0]);
  });

  test('gives the same bits when it is replayed', () => {
    expect(replayed(make(1))).toEqual(calls(make(1)));
    const both = [calls, replayed].map((way) => {
      setSeed(5);
      return way(make());
    });
    expect(both[1]).toEqual(both[0]);
  });

  test('is made again from its configuration', () => {
    const layer = make(3);
    const again = remade(layer);
    expect(again.getConfig()).toEqual(layer.getConfig());
    expect(calls(again)).toEqual(calls(layer));
  });

  test('leaves nothing behind when it is disposed of, and then begins anew', () => {
    const layer = make(1);
    const [first, second] = [1, 2].map(() =>
      leavesNothing(() => {
        const y = tidy(() => values(layer.apply(input(), { training: true })));
        layer.dispose();
        return y;
      }),
    );
    expect(second).toEqual(first);
  });
}
