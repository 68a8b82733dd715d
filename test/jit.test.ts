import { describe, expect, test, vi } from 'vitest';
import {
  dispose,
  dropout,
  gather,
  jit,
  keep,
  layers,
  memory,
  ones,
  rand,
  random,
  randomUniform,
  range,
  scalar,
  schedules,
  sequential,
  setSeed,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
  train,
  variable,
} from '../src/index.js';
import { heapInfo } from '../src/memory.js';
import { kernels } from '../src/wasm/kernels.js';
import { leavesNothing } from './support/heap.js';

const values = (x: Tensor) => [...x.dataSync()];

test('fit and trainOnBatch replay their step', async () => {
  setSeed(1);
  const model = sequential();
  model.add(layers.dense({ units: 8, activation: 'relu', inputShape: [5] }));
  model.add(layers.dense({ units: 3 }));
  model.compile({ optimizer: 'adam', loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true } });
  const [x, y] = [randomUniform([70, 5]), randomUniform([70], 0, 3, 'int32')];
  const run = vi.spyOn(kernels.common, 'run');
  for (let i = 0; i < 10; i++) await model.trainOnBatch(x, y);
  expect(run).toHaveBeenCalledTimes(8);
  // Two shapes of batches: each runs eagerly once, is recorded once, and replayed in the other seven epochs.
  await model.fit(x, y, { epochs: 9, batchSize: 32, verbose: 0 });
  expect(run).toHaveBeenCalledTimes(8 + 9 * 3 - 4);
  run.mockRestore();
  model.dispose();
  x.dispose();
  y.dispose();
});

describe('jit', () => {
  test('gives the bits of the eager function, call after call', () => {
    leavesNothing(() => {
      const f = (x: Tensor, y: Tensor) => x.matMul(y).tanh().sum(0).mul(2).add(x.mean());
      const replayed = jit(f);
      for (let i = 0; i < 5; i++) {
        tidy(() => {
          const x = range(i, i + 6, 1)
            .reshape([2, 3])
            .div(7);
          const y = range(0, 12, 1).reshape([3, 4]).sub(i).div(5);
          expect(values(replayed(x, y))).toEqual(values(f(x, y)));
        });
      }
      replayed.dispose();
    });
  });

  test('runs the function in its first two calls only', () => {
    tidy(() => {
      const f = vi.fn((x: Tensor) => x.square());
      const replayed = jit(f);
      for (let i = 0; i < 5; i++) expect(values(replayed(scalar(i)))).toEqual([i * i]);
      expect(f).toHaveBeenCalledTimes(2);
      replayed.dispose();
    });
  });

  test('records anew for each shape and dtype, and keeps a bounded number', () => {
    leavesNothing(() => {
      tidy(() => {
        const f = vi.fn((x: Tensor) => x.sum());
        const replayed = jit(f);
        for (let round = 0; round < 4; round++) {
          expect(values(replayed(ones([2])))).toEqual([2]);
          expect(values(replayed(ones([3])))).toEqual([3]);
          expect(values(replayed(ones([3], 'int32')))).toEqual([3]);
        }
        expect(f).toHaveBeenCalledTimes(6);
        const callAll = () => {
          for (let n = 1; n <= 20; n++) for (let call = 0; call < 3; call++) tidy(() => replayed(ones([n])).size);
        };
        callAll();
        const { live } = heapInfo();
        callAll();
        expect(heapInfo().live).toBe(live);
        replayed.dispose();
      });
    });
  });

  test('returns tensors of its own, in the form the function returned', () => {
    tidy(() => {
      const replayed = jit((x: Tensor) => ({ twice: x.mul(2), both: [x, x.add(1)], name: 'n' }));
      const results = [1, 2, 3, 4].map((i) => replayed(scalar(i)));
      expect(
        results.map(({ twice, both: [a, b], name }) => [...values(twice), ...values(a), ...values(b), name]),
      ).toEqual([1, 2, 3, 4].map((i) => [2 * i, i, i + 1, 'n']));
      replayed.dispose();
    });
  });

  test('trains as the eager step does: optimizer, schedule, step counter, dropout', () => {
    const run = (wrap: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor) =>
      tidy(() => {
        setSeed(3);
        const w = variable(tensor1d([5, 3, 1]));
        const optimizer = train.adam(
          schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5, staircase: true }),
        );
        const step = wrap((x) => optimizer.minimize(() => dropout(w.sub(x), 0.3).square().sum().asScalar(), true));
        const losses = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => values(step(scalar(i))));
        const result = { losses, w: values(w), iterations: optimizer.iterations };
        optimizer.dispose();
        w.dispose();
        return result;
      });
    expect(run(jit)).toEqual(run((f) => f));
  });

  test('sees a variable that was assigned or cloned in between', () => {
    tidy(() => {
      const w = variable(scalar(1));
      const add = jit((x: Tensor) => {
        w.assign(w.add(x));
        return w.mul(10);
      });
      const seen: number[] = [];
      for (let i = 0; i < 4; i++) seen.push(...values(add(scalar(1))));
      const clone = w.clone();
      seen.push(...values(add(scalar(1))));
      w.assign(scalar(0));
      for (let i = 0; i < 4; i++) seen.push(...values(add(scalar(1))));
      expect(seen).toEqual([20, 30, 40, 50, 60, 10, 20, 30, 40]);
      expect(values(clone)).toEqual([5]);
      add.dispose();
      w.dispose();
    });
  });

  test('sees a variable that another is assigned from', () => {
    tidy(() => {
      const [from, to] = [variable(scalar(1)), variable(scalar(0))];
      const copy = jit(() => {
        to.assign(from);
        return to.mul(10);
      });
      const seen: number[] = [];
      for (let i = 0; i < 3; i++) seen.push(...values(copy()));
      from.assign(scalar(5));
      for (let i = 0; i < 3; i++) seen.push(...values(copy()));
      expect(seen).toEqual([10, 10, 10, 50, 50, 50]);
      copy.dispose();
      from.dispose();
      to.dispose();
    });
  });

  test('replays steps that take turns, of which one trains what another reads', () => {
    const run = vi.spyOn(kernels.common, 'run');
    const trained = (wrap: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor) =>
      tidy(() => {
        const [u, v] = [variable(tensor1d([1, 2])), variable(tensor1d([3, 4]))];
        const optimizer = train.sgd(0.1);
        const loss = (x: Tensor) => () => u.mul(v).sub(x).square().sum().asScalar();
        const steps = [[u], [v]].map((list) => wrap((x) => optimizer.minimize(loss(x), true, list)!));
        const x = tensor1d([5, 6]);
        for (let i = 0; i < 10; i++) for (const step of steps) step(x).dispose();
        const result = [...values(u), ...values(v)];
        dispose([u, v]);
        return result;
      });
    const eager = trained((f) => f);
    expect(trained(jit)).toEqual(eager);
    // All but the first calls, in which both settle.
    expect(run.mock.calls.length).toBeGreaterThanOrEqual(14);
    run.mockRestore();
  });

  test('tells a variable from a clone of it that was made before', () => {
    const seen = (wrap: (f: () => Tensor) => () => Tensor) =>
      tidy(() => {
        const w = variable(tensor1d([1, 2]));
        const before = w.clone();
        const step = wrap(() => w.mul(10).add(before));
        const results: number[] = [];
        for (let i = 0; i < 8; i++) {
          results.push(...values(step()));
          if (i % 4 === 3) train.sgd(0.5).minimize(() => w.sum().asScalar());
        }
        w.dispose();
        return results;
      });
    expect(seen(jit)).toEqual(seen((f) => f));
  });

  test('sees that a variable is not to be trained any more', () => {
    const run = (wrap: (f: () => void) => () => void) =>
      tidy(() => {
        const [u, v] = [variable(scalar(1)), variable(scalar(1))];
        const optimizer = train.sgd(0.1);
        const step = wrap(() => optimizer.minimize(() => u.mul(v).asScalar()));
        for (let i = 0; i < 4; i++) step();
        u.trainable = false;
        for (let i = 0; i < 4; i++) step();
        const result = [...values(u), ...values(v)];
        for (const x of [u, v, optimizer]) x.dispose();
        return result;
      });
    expect(run(jit)).toEqual(run((f) => f));
  });

  test('keeps what it assigns to a variable', () => {
    tidy(() => {
      const [w, start] = [variable(scalar(0)), scalar(3)];
      const reset = jit(() => {
        w.assign(start);
        return w.mul(10);
      });
      for (let i = 0; i < 3; i++) reset();
      start.dispose();
      const others = [scalar(7), scalar(8)];
      expect(values(reset())).toEqual([30]);
      expect(others.map(values)).toEqual([[7], [8]]);
      reset.dispose();
      w.dispose();
    });
  });

  test('keeps what it reads besides its arguments', () => {
    tidy(() => {
      const offset = tensor1d([1, 2]);
      const add = jit((x: Tensor) => x.add(offset));
      for (let i = 0; i < 3; i++) add(tensor1d([i, i]));
      offset.dispose();
      const others = [tensor1d([7, 7]), tensor1d([8, 8])];
      expect(values(add(tensor1d([1, 1])))).toEqual([2, 3]);
      expect(others.map(values)).toEqual([
        [7, 7],
        [8, 8],
      ]);
      add.dispose();
    });
  });

  test('keeps what it returns besides what it makes', () => {
    tidy(() => {
      const label = scalar(3);
      const f = jit((x: Tensor) => [x.add(1), label]);
      for (let i = 0; i < 3; i++) dispose(f(scalar(i))[0]!);
      label.dispose();
      const others = [scalar(7), scalar(8)];
      expect(f(scalar(1)).map(values)).toEqual([[2], [3]]);
      expect(others.map(values)).toEqual([[7], [8]]);
      f.dispose();
    });
  });

  test('goes on eagerly where the function reads elements, and says so once', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    leavesNothing(() => {
      tidy(() => {
        const f = jit(function scaled(x: Tensor) {
          return x.mul(x.dataSync()[0]!);
        });
        for (let i = 0; i < 5; i++) expect(values(f(tensor1d([i, 2])))).toEqual([i * i, 2 * i]);
        f.dispose();
      });
    });
    expect(warn.mock.calls).toEqual([["jit: scaled runs eagerly, since it reads a tensor's elements"]]);
    warn.mockRestore();
  });

  test('goes on eagerly where the function keeps a tensor that it does not return', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    tidy(() => {
      const hoard: Tensor[] = [];
      const f = jit((x: Tensor) => {
        const y = x.add(1);
        y.kept = true;
        hoard.push(y);
        return x.mul(2);
      });
      for (let i = 0; i < 4; i++) expect(values(f(scalar(i)))).toEqual([2 * i]);
      expect(hoard.map((x) => values(x)[0])).toEqual([1, 2, 3, 4]);
      for (const x of hoard) x.dispose();
      f.dispose();
    });
    expect(warn.mock.calls).toEqual([
      ['jit: the function runs eagerly, since it keeps a tensor that it does not return'],
    ]);
    warn.mockRestore();
  });

  test('does not take a view of an argument for what the function keeps', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    tidy(() => {
      const hoard: Tensor[] = [];
      const f = jit((x: Tensor) => {
        hoard.push(keep(x.add(1)));
        return x.reshape([1]);
      });
      for (let i = 0; i < 4; i++) expect(values(f(scalar(i)))).toEqual([i]);
      expect(hoard.map((x) => values(x)[0])).toEqual([1, 2, 3, 4]);
      dispose(hoard);
      f.dispose();
    });
    warn.mockRestore();
  });

  test('goes on eagerly where the function disposes of an argument', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    leavesNothing(() => {
      const f = jit((x: Tensor) => {
        const y = x.add(1);
        x.dispose();
        return y;
      });
      const results = [0, 1, 2, 3, 4].map((i) => f(scalar(i)));
      expect(results.map((y) => values(y)[0])).toEqual([1, 2, 3, 4, 5]);
      dispose(results);
      f.dispose();
    });
    expect(warn.mock.calls).toEqual([['jit: the function runs eagerly, since it disposes of an argument']]);
    warn.mockRestore();
  });

  test('leaves everything as it was when the function throws while it is recorded', () => {
    tidy(() => {
      let calls = 0;
      const f = jit((x: Tensor) => {
        const y = x.add(1);
        if (++calls === 2) throw new Error('no');
        return y;
      });
      f(scalar(1));
      leavesNothing(() => expect(() => tidy(() => f(scalar(1)))).toThrow('no'));
      expect(values(f(scalar(1)))).toEqual([2]);
      expect(values(f(scalar(2)))).toEqual([3]);
      f.dispose();
    });
  });

  test('checks indices at each replay', () => {
    tidy(() => {
      const pick = jit((x: Tensor, i: Tensor) => gather(x, i));
      const x = tensor1d([10, 20, 30]);
      for (let i = 0; i < 3; i++) expect(values(pick(x, tensor1d([i], 'int32')))).toEqual([10 * (i + 1)]);
      expect(() => pick(x, tensor1d([3], 'int32'))).toThrow(new RangeError('jit: an index is out of range'));
      expect(values(pick(x, tensor1d([2], 'int32')))).toEqual([30]);
      pick.dispose();
    });
  });

  test('refuses a stream of random numbers that was disposed of', () => {
    const stream = new random.PhiloxRandom({ seed: 1 });
    const draw = jit(() => stream.uniform([2]));
    tidy(() => {
      for (let i = 0; i < 3; i++) draw();
      stream.dispose();
      const other = tensor1d([1, 2, 3, 4, 5, 6], 'int32');
      expect(() => draw()).toThrow('PhiloxRandom is disposed.');
      expect(values(other)).toEqual([1, 2, 3, 4, 5, 6]);
    });
    draw.dispose();
  });

  test('sees setSeed, which ops with a seed of their own depend on, too', () => {
    tidy(() => {
      const draw = () => randomUniform([2], 0, 1, 'float32', 5);
      const replayed = jit(draw);
      for (const seed of [1, 1, 1, 2, 2, 2, 1]) {
        setSeed(seed);
        expect(values(replayed())).toEqual(values(draw()));
      }
      replayed.dispose();
    });
  });

  test('goes on eagerly where numbers are drawn in JavaScript', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    tidy(() => {
      const streams = [new random.RandomState(1), new random.RandomState(1)] as const;
      const draws: ((stream: random.RandomState) => Tensor)[] = [
        (stream) => stream.rand(3),
        (stream) => scalar(stream.randn()),
        (stream) => stream.randint(0, 100, [3]),
        (stream) => stream.permutation(9),
        (stream) => rand([3], () => stream.rand()),
      ];
      for (const draw of draws) {
        const replayed = jit(() => draw(streams[0]));
        for (let i = 0; i < 4; i++) expect(values(replayed())).toEqual(values(draw(streams[1])));
        replayed.dispose();
      }
    });
    warn.mockRestore();
  });

  test('allocates nothing while it replays', () => {
    tidy(() => {
      const f = jit((x: Tensor) => x.matMul(x).relu().sum());
      const x = tensor2d([
        [1, 2],
        [3, 4],
      ]);
      for (let i = 0; i < 3; i++) f(x).dispose();
      const before = { ...heapInfo(), ...memory() };
      for (let i = 0; i < 100; i++) f(x).dispose();
      expect({ ...heapInfo(), ...memory() }).toEqual(before);
      f.dispose();
    });
  });

  test('refuses what is no function and arguments that are no tensors', () => {
    expect(() => jit(3 as never)).toThrow(new TypeError('jit: needs a function, got number'));
    expect(() => jit((x: Tensor) => x)(3 as never)).toThrow(
      new TypeError('jit: arguments must be tensors, got number'),
    );
  });
});
