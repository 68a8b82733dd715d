import { afterEach, describe, expect, test } from 'vitest';
import {
  disposeVariables,
  LBFGS,
  optimizers,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
  type Variable,
  variable,
} from '../../src/index.js';
import { leavesNothing } from '../support/heap.js';

afterEach(() => disposeVariables());

const weights = (values: number[], dtype: 'float32' | 'float64' = 'float64', name?: string) =>
  tidy(() => variable(tensor1d(values, dtype), true, name)) as Variable;

/** Σ 100 (x[i+1] − x[i]²)² + (1 − x[i])²: a curved valley whose least point is all ones. */
const rosenbrock = (x: Tensor) => () => {
  const n = x.size - 1;
  const [a, b] = [x.slice([0], [n]), x.slice([1], [n])];
  return b.sub(a.square()).square().mul(100).add(a.neg().add(1).square()).sum();
};

describe('finds the least point', () => {
  test.each([2, 10])("of Rosenbrock's valley with %i weights", (n) => {
    const x = weights(Array.from({ length: n }, (_, i) => (i % 2 ? 1 : -1.2)));
    const result = optimizers.lbfgs().minimize(rosenbrock(x), { tolerance: 1e-9, maxIterations: 200 });
    expect(result.converged).toBe(true);
    expect(result.value).toBeLessThan(1e-16);
    expect(result.iterations).toBeLessThan(100);
    for (const v of x.dataSync()) expect(v).toBeCloseTo(1, 8);
  });

  test('of a quadratic, exactly, in as many turns as it has dimensions and a few', () => {
    const x = weights([1, -2, 3, 4]);
    const scale = tensor1d([1, 10, 100, 1000], 'float64');
    const { converged, iterations } = optimizers
      .lbfgs()
      .minimize(() => x.square().mul(scale).sum(), { tolerance: 1e-8 });
    expect(converged).toBe(true);
    expect(iterations).toBeLessThan(20);
    scale.dispose();
  });

  test('of least squares over a matrix and a vector in float32, within its precision', () => {
    const w = tidy(() => variable(tensor2d([0, 0, 0, 0], [2, 2]))) as Variable;
    const b = weights([0, 0], 'float32');
    const x = tensor2d([0, 1, 2, 3, 4, 7, 1, 1], [4, 2]);
    const y = tidy(() => x.matMul(tensor2d([1, -2, 3, 0.5], [2, 2])).add(tensor1d([0.25, -1])));
    const { value } = optimizers.lbfgs().minimize(() => x.matMul(w).add(b).sub(y).square().mean(), { tolerance: 1e-6 });
    expect(value).toBeLessThan(1e-9);
    expect([...w.dataSync()].map((v) => Math.round(v * 1e3) / 1e3)).toEqual([1, -2, 3, 0.5]);
    x.dispose();
    y.dispose();
  });

  test('of a loss that is no number beyond an edge', () => {
    const x = weights([5]);
    const { converged } = optimizers.lbfgs().minimize(() => x.sub(x.log().mul(2)).sum(), { tolerance: 1e-9 });
    expect(converged).toBe(true);
    expect(x.dataSync()[0]).toBeCloseTo(2, 8);
  });
});

test('each turn meets the conditions of Wolfe: the loss falls', () => {
  const x = weights([-1.2, 1, -1.2, 1]);
  const lbfgs = optimizers.lbfgs({ maxIterations: 1 });
  let before = Infinity;
  for (let i = 0; i < 30; i++) {
    const { value } = lbfgs.minimize(rosenbrock(x));
    expect(value).toBeLessThanOrEqual(before);
    before = value;
  }
  lbfgs.dispose();
});

test('one call of ten turns has the bits of ten calls of one, of another process too', async () => {
  const start = [-1.2, 1, 0.5, -3];
  const a = weights(start, 'float64', 'w');
  const whole = optimizers.lbfgs({ historySize: 3, tolerance: 0 });
  whole.minimize(rosenbrock(a), { maxIterations: 10 });
  const expected = [...a.dataSync()];
  disposeVariables();
  whole.dispose();

  let b = weights(start, 'float64', 'w');
  let lbfgs = optimizers.lbfgs({ historySize: 3, tolerance: 0, maxIterations: 1 });
  for (let i = 0; i < 10; i++) {
    lbfgs.minimize(rosenbrock(b));
    const saved = await lbfgs.getWeights();
    const values = [...b.dataSync()];
    lbfgs.dispose();
    disposeVariables();
    b = weights(values, 'float64', 'w');
    lbfgs = new LBFGS(lbfgs.getConfig());
    await lbfgs.setWeights(saved);
    for (const { tensor } of saved) tensor.dispose();
  }
  expect([...b.dataSync()]).toEqual(expected);
  lbfgs.dispose();
});

test('only the variables of a list move', () => {
  const [x, y] = [weights([3]), weights([3])];
  optimizers.lbfgs().minimize(() => x.square().add(y.square()).sum(), { varList: [y] });
  expect(x.dataSync()[0]).toBe(3);
  expect(y.dataSync()[0]).toBeCloseTo(0, 5);
});

test('leaves memory as it was, but for its history', () => {
  const x = weights([-1.2, 1, 2]);
  leavesNothing(() => {
    const lbfgs = optimizers.lbfgs();
    lbfgs.minimize(rosenbrock(x), { maxIterations: 15 });
    lbfgs.dispose();
  });
});

test('a loss that throws leaves the weights at the latest step, and leaks nothing', () => {
  const x = weights([-1.2, 1]);
  leavesNothing(() => {
    const lbfgs = optimizers.lbfgs();
    let calls = 0;
    const f = () => {
      if (++calls === 2) throw new Error('mine');
      return rosenbrock(x)();
    };
    expect(() => lbfgs.minimize(f)).toThrow('mine');
    expect([...x.dataSync()]).toEqual([-1.2, 1]);
    lbfgs.dispose();
  });
});

test('refuses bad options, in one sentence', async () => {
  expect(() => optimizers.lbfgs({ historySize: 0 })).toThrow(RangeError);
  expect(() => optimizers.lbfgs({ tolerance: -1 })).toThrow('lbfgs: tolerance must not be negative, got -1');
  const lbfgs = optimizers.lbfgs();
  expect(() => lbfgs.minimize(1 as never)).toThrow(new TypeError('lbfgs: needs a function, got number'));
  expect(() => lbfgs.minimize(() => weights([1]), { maxIterations: 0.5 })).toThrow(RangeError);
  const x = weights([1, 2]);
  const step = tensor1d([1]);
  await expect(lbfgs.setWeights([{ name: 'nobody/s0', tensor: step }])).rejects.toThrow(RangeError);
  await expect(lbfgs.setWeights([{ name: `${x.name}/s0`, tensor: step }])).rejects.toThrow(RangeError);
  step.dispose();
});
