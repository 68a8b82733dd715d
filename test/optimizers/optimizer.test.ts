import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type AdamOptimizer,
  type DataType,
  type MomentumOptimizer,
  memory,
  Optimizer,
  type SGDOptimizer,
  scalar,
  schedules,
  type Tensor,
  tensor1d,
  tidy,
  train,
  type Variable,
  variable,
} from '../../src/index.js';

const FLOATS = ['float32', 'float64'] as const;
const fround = { float32: Math.fround, float64: (x: number) => x };

let before: ReturnType<typeof memory>;
beforeEach(() => {
  before = memory();
});
afterEach(() => {
  for (const x of made.splice(0)) x.dispose();
  const { numTensors, numDataBuffers, numBytes } = memory();
  expect([numTensors, numDataBuffers, numBytes]).toEqual([before.numTensors, before.numDataBuffers, before.numBytes]);
});

/** What a test made goes at its end. */
const made: { dispose(): void }[] = [];
const own = <T extends { dispose(): void }>(x: T): T => {
  made.push(x);
  return x;
};

const weights = (values: number[], dtype: DataType = 'float32') =>
  own(tidy(() => variable(tensor1d(values, dtype))) as Variable);
const single = (value: number, trainable = true) => own(tidy(() => variable(scalar(value), trainable)) as Variable);

/** Σ w² / 2 + Σ w: its gradient is w + 1. */
const bowl = (w: Tensor) => w.square().sum().mul(0.5).add(w.sum());

type Rule = (w: number, g: number, t: number, f: (x: number) => number) => number;

/** Every optimizer, with its rule for one weight written out, each operation rounded to the dtype. */
const OPTIMIZERS: Record<string, { make: () => SGDOptimizer | MomentumOptimizer | AdamOptimizer; rule: () => Rule }> = {
  sgd: {
    make: () => train.sgd(0.1),
    rule: () => (w, g, _t, f) => f(w - f(f(0.1) * g)),
  },
  momentum: {
    make: () => train.momentum(0.1, 0.9),
    rule: () => {
      let m = 0;
      return (w, g, _t, f) => {
        m = f(f(m * f(0.9)) + g);
        return f(w - f(m * f(0.1)));
      };
    },
  },
  nesterov: {
    make: () => train.momentum(0.1, 0.9, true),
    rule: () => {
      let m = 0;
      return (w, g, _t, f) => {
        m = f(f(m * f(0.9)) + g);
        return f(w - f(f(g * f(0.1)) + f(f(m * f(0.9)) * f(0.1))));
      };
    },
  },
  adam: {
    make: () => train.adam(0.1, 0.9, 0.99, 1e-8),
    rule: () => {
      let [m, v, power1, power2] = [0, 0, 1, 1];
      return (w, g, _t, f) => {
        const [b1, b2] = [f(0.9), f(0.99)];
        power1 = f(power1 * b1);
        power2 = f(power2 * b2);
        const alpha = f(f(f(0.1) * f(Math.sqrt(f(1 - power2)))) / f(1 - power1));
        m = f(m + f(f(g - m) * f(1 - b1)));
        v = f(v + f(f(f(g * g) - v) * f(1 - b2)));
        return f(w - f(f(m * alpha) / f(f(Math.sqrt(v)) + f(1e-8))));
      };
    },
  },
};

describe.each(Object.entries(OPTIMIZERS))('%s', (_name, { make, rule }) => {
  test.each(FLOATS)('takes 100 steps by its rule, bit for bit, in %s', (dtype) => {
    const start = [5, -3, 0.25, 0, 1e-3];
    const w = weights(start, dtype);
    const optimizer = own(make());
    const f = fround[dtype];
    const rules = start.map(() => rule());
    let expected = start.map(f);
    for (let t = 1; t <= 100; t++) {
      optimizer.minimize(() => bowl(w));
      expected = expected.map((x, i) => rules[i](x, f(x + 1), t, f));
      expect([...w.dataSync()]).toEqual(expected);
    }
    expect(optimizer.iterations).toBe(100);
  });

  test('is made again by its config', () => {
    const optimizer = own(make());
    const config = optimizer.getConfig();
    const again = own(
      Optimizer.fromConfig(optimizer.constructor as never, config, schedules.fromConfig) as SGDOptimizer,
    );
    expect(again.getConfig()).toEqual(config);
    const [a, b] = [weights([5]), weights([5])];
    for (let i = 0; i < 3; i++) {
      optimizer.minimize(() => bowl(a));
      again.minimize(() => bowl(b));
    }
    expect(a.dataSync()).toEqual(b.dataSync());
  });

  test('leaves weights and state alone where it refuses a gradient', () => {
    const [w, other, twin] = [weights([5]), weights([5]), weights([5])];
    const [optimizer, reference] = [own(make()), own(make())];
    optimizer.minimize(() => bowl(w));
    reference.minimize(() => bowl(twin));
    const g = own(tensor1d([1]));
    const bad = own(tensor1d([1, 2]));
    expect(() => optimizer.applyGradients({ [w.name]: g, [other.name]: bad })).toThrow(
      `the gradient of ${other.name} needs its shape [1], got [2]`,
    );
    expect(other.dataSync()[0]).toBe(5);
    expect(optimizer.iterations).toBe(1);
    optimizer.minimize(() => bowl(w));
    reference.minimize(() => bowl(twin));
    expect(w.dataSync()).toEqual(twin.dataSync());
  });

  test('goes on from saved weights as if it had never stopped', async () => {
    const [a, b] = [weights([5, -3]), weights([5, -3])];
    const [first, steady] = [own(make()), own(make())];
    for (let i = 0; i < 3; i++)
      for (const [o, w] of [
        [first, a],
        [steady, b],
      ] as const)
        o.minimize(() => bowl(w));
    const saved = await first.getWeights();
    expect(saved[0]!.name).toBe('iter');
    const again = own(
      Optimizer.fromConfig(first.constructor as never, first.getConfig(), schedules.fromConfig) as SGDOptimizer,
    );
    await again.setWeights(saved);
    expect(again.iterations).toBe(3);
    for (let i = 0; i < 3; i++)
      for (const [o, w] of [
        [again, a],
        [steady, b],
      ] as const)
        o.minimize(() => bowl(w));
    expect(a.dataSync()).toEqual(b.dataSync());

    const stranger = { name: 'nobody/m', tensor: own(tensor1d([1, 2])) };
    await expect(again.setWeights([stranger])).rejects.toThrow(RangeError);
    for (const steps of [-5, 1.5, Number.NaN]) {
      const iter = { name: 'iter', tensor: own(tensor1d([steps])) };
      await expect(again.setWeights([iter])).rejects.toThrow(
        new RangeError(`${again.getClassName()}.setWeights: 'iter' must be a whole number from 0 up, got ${steps}`),
      );
    }
    expect(again.iterations).toBe(6);
    for (const { tensor } of saved) tensor.dispose();
  });

  test('starts anew after dispose', () => {
    const optimizer = own(make());
    const step = () => {
      const w = weights([5]);
      optimizer.minimize(() => bowl(w));
      const [value] = w.dataSync();
      return value;
    };
    const first = step();
    optimizer.dispose();
    expect(optimizer.iterations).toBe(0);
    expect(step()).toBe(first);
  });
});

describe('a single step by hand', () => {
  const step = (optimizer: SGDOptimizer | MomentumOptimizer | AdamOptimizer) => {
    const w = weights([1], 'float64');
    own(optimizer).minimize(() => w.sum().mul(4));
    return w.dataSync()[0];
  };

  test('sgd: 1 − 0.1 · 4', () => expect(step(train.sgd(0.1))).toBe(0.6));
  test('momentum: the first step is that of sgd', () => expect(step(train.momentum(0.1, 0.9))).toBe(0.6));
  test('nesterov: 1 − 0.1 · (4 + 0.9 · 4)', () => expect(step(train.momentum(0.1, 0.9, true))).toBeCloseTo(0.24, 15));
  test('adam: the first step is the learning rate, but for ε', () => expect(step(train.adam(0.1))).toBeCloseTo(0.9, 6));
});

describe('adam', () => {
  test('has the defaults of TensorFlow', () => {
    const adam = own(train.adam());
    expect(adam.getConfig()).toEqual({
      learningRate: 0.001,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
      amsgrad: false,
    });
    expect(adam.getClassName()).toBe('Adam');
  });

  test('refuses decays outside [0, 1)', () => {
    expect(() => train.adam(0.1, 1)).toThrow(new RangeError('AdamOptimizer: beta1 must be in [0, 1), got 1'));
    expect(() => train.adam(0.1, 0.9, -1)).toThrow(new RangeError('AdamOptimizer: beta2 must be in [0, 1), got -1'));
  });
});

describe('minimize', () => {
  test('returns the cost before the step, if it is asked to', () => {
    const w = single(5);
    const optimizer = own(train.sgd(0.2));
    const cost = own(optimizer.minimize(() => w.add(1).square(), true));
    expect(cost.dataSync()[0]).toBe(36);
    expect(w.dataSync()[0]).toBeCloseTo(2.6, 6);
    expect(optimizer.minimize(() => w.square())).toBeNull();
  });

  test('changes only the variables of its list', () => {
    const [a, b] = [single(1), single(1)];
    own(train.sgd(0.5)).minimize(() => a.add(b).square(), false, [b]);
    expect([a.dataSync()[0], b.dataSync()[0]]).toEqual([1, -1]);
  });

  test('leaves what is not trainable', () => {
    const [a, b] = [single(1, false), single(1)];
    own(train.sgd(0.5)).minimize(() => a.add(b).square());
    expect([a.dataSync()[0], b.dataSync()[0]]).toEqual([1, -1]);
  });

  test('leaves a copy of the weights as it was', () => {
    const w = single(1);
    const copy = own(w.clone());
    own(train.sgd(0.5)).minimize(() => w.square());
    expect([copy.dataSync()[0], w.dataSync()[0]]).toEqual([1, 0]);
  });

  test('refuses a loss that is no scalar or reads no variable, and leaks nothing', () => {
    const w = weights([1, 2]);
    const optimizer = own(train.sgd(0.1));
    expect(() => optimizer.minimize(() => w.square())).toThrow(RangeError);
    expect(() => optimizer.minimize(() => scalar(1).square())).toThrow('Cannot find a connection');
    expect(() =>
      optimizer.minimize(() => {
        w.square();
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect([...w.dataSync()]).toEqual([1, 2]);
    expect(optimizer.iterations).toBe(0);
  });

  test('10,000 times leaves memory where it was after the first ten', () => {
    const w = weights([5, 4, 3]);
    const optimizer = own(train.adam(0.01));
    const run = (steps: number) => {
      for (let i = 0; i < steps; i++) optimizer.minimize(() => bowl(w));
    };
    run(10);
    const after = memory();
    run(9_990);
    expect(memory()).toEqual(after);
  });
});

describe('computeGradients and applyGradients', () => {
  test('together are minimize', () => {
    const [a, b] = [weights([5, 4]), weights([5, 4])];
    const [one, two] = [own(train.adam(0.1)), own(train.adam(0.1))];
    for (let i = 0; i < 5; i++) {
      one.minimize(() => bowl(a));
      tidy(() => {
        const { value, grads } = two.computeGradients(() => bowl(b));
        expect(value.rank).toBe(0);
        expect(Object.keys(grads)).toEqual([b.name]);
        two.applyGradients(grads);
      });
    }
    expect(b.dataSync()).toEqual(a.dataSync());
  });

  test('gradients may come as a list of names and tensors', () => {
    const w = weights([1]);
    const g = own(tensor1d([2]));
    own(train.sgd(0.25)).applyGradients([{ name: w.name, tensor: g }]);
    expect(w.dataSync()[0]).toBe(0.5);
  });

  test('a name that no variable has is refused', () => {
    const g = own(tensor1d([2]));
    expect(() => train.sgd(1).applyGradients({ nobody: g })).toThrow(
      new RangeError("SGD.applyGradients: no variable is named 'nobody'"),
    );
  });

  test('a gradient of another dtype, or disposed of, is refused', () => {
    const w = weights([1]);
    const wide = own(tensor1d([1], 'float64'));
    expect(() => train.sgd(1).applyGradients({ [w.name]: wide })).toThrow(
      new TypeError('SGD: needs float weights and gradients of their dtype, got float32 and float64'),
    );
    wide.dispose();
    expect(() => train.sgd(1).applyGradients({ [w.name]: wide })).toThrow('Tensor is disposed.');
    expect(w.dataSync()[0]).toBe(1);
  });
});

test('one optimizer trains float32 and float64 weights side by side', () => {
  const [narrow, wide, alone] = [weights([5]), weights([5], 'float64'), weights([5], 'float64')];
  const [both, one] = [own(train.adam(0.1)), own(train.adam(0.1))];
  for (let i = 0; i < 5; i++) {
    both.minimize(() => bowl(narrow).add(bowl(wide)));
    one.minimize(() => bowl(alone));
  }
  expect(wide.dataSync()).toEqual(alone.dataSync());
  expect(narrow.dataSync()[0]).toBeCloseTo(alone.dataSync()[0], 5);
});

test('the learning rate can be changed on the way', () => {
  const w = single(0);
  const optimizer = own(train.sgd(1));
  optimizer.minimize(() => w.neg());
  optimizer.setLearningRate(0.5);
  optimizer.minimize(() => w.neg());
  expect(w.dataSync()[0]).toBe(1.5);
  expect(() => optimizer.setLearningRate(Number.NaN)).toThrow(RangeError);
  expect(optimizer.learningRate).toBe(0.5);
});
