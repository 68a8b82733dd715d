// Every optimizer, and the rule it follows, written out in float64.

import { MomentumOptimizer, type Optimizer, optimizers } from '../../src/index.js';

/** The next weight from a weight, its gradient, the number of the step from 1 on, and the learning rate. */
export type Rule = (w: number, g: number, t: number, lr: number) => number;

/** The same for all weights of a variable. */
export type WholeRule = (w: number[], g: number[], t: number, lr: number) => number[];

export interface Row {
  make: (options?: optimizers.OptimizerOptions) => Optimizer;
  /** The rule for one weight. */
  rule?: () => Rule;
  /** In its place: the rule for a variable of this shape. */
  whole?: () => WholeRule;
  shape?: number[];
  /** The learning rate that `make` gives. */
  lr: number;
}

const EPSILON = 1e-7;

/** A mean that decays: m = β·m + (1 − β)·x. */
const mean = (beta: number) => {
  let m = 0;
  return (x: number) => {
    m = beta * m + (1 - beta) * x;
    return m;
  };
};

function ftrl({ p, a, l1, l2, shrinkage, beta }: Record<'p' | 'a' | 'l1' | 'l2' | 'shrinkage' | 'beta', number>) {
  return () => {
    let [sum, z] = [a, 0];
    return (w: number, g: number, _t: number, lr: number) => {
      const next = sum + g * g;
      z += g + 2 * shrinkage * w - ((next ** p - sum ** p) / lr) * w;
      sum = next;
      return (Math.min(Math.max(z, -l1), l1) - z) / (sum ** p / lr + 2 * (l2 + beta / (2 * lr)));
    };
  };
}

const rms = (x: number[]) => Math.hypot(...x) / Math.sqrt(x.length);

function adafactorStep(w: number[], g: number[], v: number[], t: number, lr: number, threshold: number): number[] {
  const u = g.map((x, i) => x / Math.sqrt(v[i]));
  const rate = Math.min(lr, 1 / Math.sqrt(t)) * Math.max(1e-3, rms(w));
  return w.map((x, i) => x - (rate * u[i]) / Math.max(1, rms(u) / threshold));
}

type Matrix = number[][];
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));
const turned = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
const combine = (a: Matrix, x: number, b: Matrix, y: number): Matrix =>
  a.map((row, i) => row.map((v, j) => x * v + y * b[i][j]));

function muon([rows, columns]: [number, number]): Row {
  return {
    lr: 0.1,
    make: (options) => optimizers.muon({ learningRate: 0.1, momentum: 0.8, ...options }),
    shape: [rows, columns],
    whole: () => {
      let m = Array.from({ length: rows * columns }, () => 0);
      return (w, g, _t, lr) => {
        m = m.map((x, i) => 0.8 * x + g[i]);
        const ahead = g.map((x, i) => x + 0.8 * m[i]);
        let x = Array.from({ length: rows }, (_, i) => ahead.slice(i * columns, (i + 1) * columns));
        if (rows > columns) x = turned(x);
        const norm = Math.hypot(...ahead) + 1e-7;
        x = x.map((row) => row.map((v) => v / norm));
        for (let i = 0; i < 5; i++) {
          const a = product(x, turned(x));
          x = combine(x, 3.4445, product(combine(a, -4.775, product(a, a), 2.0315), x), 1);
        }
        if (rows > columns) x = turned(x);
        const scale = lr * 0.2 * Math.sqrt(Math.max(rows, columns));
        return w.map((v, i) => v * (1 - lr * 0.004) - scale * x.flat()[i]);
      };
    },
  };
}

export const RULES: Record<string, Row> = {
  sgd: {
    lr: 0.1,
    make: (options) => optimizers.sgd({ learningRate: 0.1, ...options }),
    rule: () => (w, g, _t, lr) => w - lr * g,
  },
  'sgd with momentum': {
    lr: 0.1,
    make: (options) => optimizers.sgd({ learningRate: 0.1, momentum: 0.8, ...options }),
    rule: () => {
      let m = 0;
      return (w, g, _t, lr) => {
        m = 0.8 * m + lr * g;
        return w - m;
      };
    },
  },
  "sgd with Nesterov's momentum": {
    lr: 0.1,
    make: (options) => optimizers.sgd({ learningRate: 0.1, momentum: 0.8, nesterov: true, ...options }),
    rule: () => {
      let m = 0;
      return (w, g, _t, lr) => {
        m = 0.8 * m + lr * g;
        return w - lr * g - 0.8 * m;
      };
    },
  },
  adagrad: {
    lr: 0.2,
    make: (options) => optimizers.adagrad({ learningRate: 0.2, initialAccumulatorValue: 0.3, ...options }),
    rule: () => {
      let a = 0.3;
      return (w, g, _t, lr) => {
        a += g * g;
        return w - (lr * g) / Math.sqrt(a + EPSILON);
      };
    },
  },
  adadelta: {
    lr: 1,
    make: (options) => optimizers.adadelta({ learningRate: 1, rho: 0.8, ...options }),
    rule: () => {
      const [squares, updates] = [mean(0.8), mean(0.8)];
      let u = 0;
      return (w, g, _t, lr) => {
        const d = (g * Math.sqrt(u + EPSILON)) / Math.sqrt(squares(g * g) + EPSILON);
        u = updates(d * d);
        return w - lr * d;
      };
    },
  },
  "adadelta in TensorFlow.js's order": {
    lr: 0.2,
    make: (options) => optimizers.adadelta({ learningRate: 0.2, delayed: true, ...options }),
    rule: () => {
      const [squares, updates] = [mean(0.95), mean(0.95)];
      let [s, u] = [0, 0];
      return (w, g, _t, lr) => {
        const d = (g * Math.sqrt(u + EPSILON)) / Math.sqrt(s + EPSILON);
        s = squares(g * g);
        u = updates(d * d);
        return w - lr * d;
      };
    },
  },
  rmsprop: {
    lr: 0.1,
    make: (options) => optimizers.rmsprop({ learningRate: 0.1, ...options }),
    rule: () => {
      const squares = mean(0.9);
      return (w, g, _t, lr) => w - (lr * g) / Math.sqrt(squares(g * g) + EPSILON);
    },
  },
  'rmsprop with momentum': {
    lr: 0.1,
    make: (options) => optimizers.rmsprop({ learningRate: 0.1, rho: 0.8, momentum: 0.5, ...options }),
    rule: () => {
      const squares = mean(0.8);
      let m = 0;
      return (w, g, _t, lr) => {
        m = 0.5 * m + (lr * g) / Math.sqrt(squares(g * g) + EPSILON);
        return w - m;
      };
    },
  },
  'rmsprop, centered': {
    lr: 0.1,
    make: (options) =>
      optimizers.rmsprop({ learningRate: 0.1, momentum: 0.5, centered: true, epsilon: 1e-3, ...options }),
    rule: () => {
      const [squares, means] = [mean(0.9), mean(0.9)];
      let m = 0;
      return (w, g, _t, lr) => {
        m = 0.5 * m + (lr * g) / Math.sqrt(squares(g * g) - means(g) ** 2 + 1e-3);
        return w - m;
      };
    },
  },
  momentum: {
    lr: 0.1,
    make: (options) => new MomentumOptimizer({ learningRate: 0.1, ...options }),
    rule: () => {
      let m = 0;
      return (w, g, _t, lr) => {
        m = 0.9 * m + g;
        return w - lr * m;
      };
    },
  },
  adam: {
    lr: 0.1,
    make: (options) => optimizers.adam({ learningRate: 0.1, beta2: 0.99, ...options }),
    rule: () => {
      const [m, v] = [mean(0.9), mean(0.99)];
      return (w, g, t, lr) => {
        const alpha = (lr * Math.sqrt(1 - 0.99 ** t)) / (1 - 0.9 ** t);
        return w - (alpha * m(g)) / (Math.sqrt(v(g * g)) + EPSILON);
      };
    },
  },
  amsgrad: {
    lr: 0.1,
    make: (options) => optimizers.adam({ learningRate: 0.1, beta2: 0.9, amsgrad: true, ...options }),
    rule: () => {
      const [m, v] = [mean(0.9), mean(0.9)];
      let most = 0;
      return (w, g, t, lr) => {
        most = Math.max(most, v(g * g));
        return w - (((lr * Math.sqrt(1 - 0.9 ** t)) / (1 - 0.9 ** t)) * m(g)) / (Math.sqrt(most) + EPSILON);
      };
    },
  },
  adamW: {
    lr: 0.1,
    make: (options) => optimizers.adamW({ learningRate: 0.1, beta2: 0.99, ...options }),
    rule: () => {
      const adam = RULES.adam.rule!();
      return (w, g, t, lr) => w * (1 - lr * 0.004) + adam(0, g, t, lr);
    },
  },
  adamax: {
    lr: 0.1,
    make: (options) => optimizers.adamax({ learningRate: 0.1, beta2: 0.9, ...options }),
    rule: () => {
      const m = mean(0.9);
      let u = 0;
      return (w, g, t, lr) => {
        u = Math.max(0.9 * u, Math.abs(g));
        return w - ((lr / (1 - 0.9 ** t)) * m(g)) / (u + EPSILON);
      };
    },
  },
  nadam: {
    lr: 0.1,
    make: (options) => optimizers.nadam({ learningRate: 0.1, beta2: 0.9, ...options }),
    rule: () => {
      const [m, v] = [mean(0.9), mean(0.9)];
      const u = (t: number) => 0.9 * (1 - 0.5 * 0.96 ** t);
      let past = 1;
      return (w, g, t, lr) => {
        past *= u(t);
        const ahead = (u(t + 1) * m(g)) / (1 - past * u(t + 1)) + ((1 - u(t)) * g) / (1 - past);
        return w - (lr * ahead) / (Math.sqrt(v(g * g) / (1 - 0.9 ** t)) + EPSILON);
      };
    },
  },
  ftrl: {
    lr: 0.5,
    make: (options) => optimizers.ftrl({ learningRate: 0.5, ...options }),
    rule: ftrl({ p: 0.5, a: 0.1, l1: 0, l2: 0, shrinkage: 0, beta: 0 }),
  },
  'ftrl, regularized': {
    lr: 0.3,
    make: (options) =>
      optimizers.ftrl({
        learningRate: 0.3,
        learningRatePower: -0.3,
        initialAccumulatorValue: 0.4,
        l1RegularizationStrength: 0.05,
        l2RegularizationStrength: 0.15,
        l2ShrinkageRegularizationStrength: 0.01,
        beta: 0.3,
        ...options,
      }),
    rule: ftrl({ p: 0.3, a: 0.4, l1: 0.05, l2: 0.15, shrinkage: 0.01, beta: 0.3 }),
  },
  lion: {
    lr: 0.1,
    make: (options) => optimizers.lion({ learningRate: 0.1, ...options }),
    rule: () => {
      let m = 0;
      return (w, g, _t, lr) => {
        const next = w - lr * Math.sign(0.9 * m + (1 - 0.9) * g);
        m = 0.99 * m + (1 - 0.99) * g;
        return next;
      };
    },
  },
  lamb: {
    lr: 0.1,
    make: (options) => optimizers.lamb({ learningRate: 0.1, beta2: 0.99, ...options }),
    whole: () => {
      const means: { m: (x: number) => number; v: (x: number) => number }[] = [];
      return (w, g, t, lr) => {
        const u = g.map((x, i) => {
          means[i] ??= { m: mean(0.9), v: mean(0.99) };
          return means[i].m(x) / (1 - 0.9 ** t) / (Math.sqrt(means[i].v(x * x) / (1 - 0.99 ** t)) + EPSILON);
        });
        return w.map((x, i) => x - ((lr * Math.hypot(...w)) / Math.hypot(...u)) * u[i]);
      };
    },
  },
  'adafactor, a vector': {
    lr: 0.3,
    make: (options) => optimizers.adafactor({ learningRate: 0.3, ...options }),
    whole: () => {
      let v: number[] | undefined;
      return (w, g, t, lr) => {
        const beta = 1 - t ** -0.8;
        v = g.map((x, i) => beta * (v?.[i] ?? 0) + (1 - beta) * (x * x + 1e-30));
        return adafactorStep(w, g, v, t, lr, 1);
      };
    },
  },
  'adafactor, a matrix': {
    lr: 0.3,
    make: (options) => optimizers.adafactor({ learningRate: 0.3, clipThreshold: 0.8, beta2Decay: -0.6, ...options }),
    shape: [2, 3],
    whole: () => {
      let [r, c] = [
        [0, 0],
        [0, 0, 0],
      ];
      return (w, g, t, lr) => {
        const beta = 1 - t ** -0.6;
        const s = g.map((x) => x * x + 1e-30);
        r = r.map((x, i) => beta * x + ((1 - beta) * (s[3 * i] + s[3 * i + 1] + s[3 * i + 2])) / 3);
        c = c.map((x, j) => beta * x + ((1 - beta) * (s[j] + s[3 + j])) / 2);
        const v = s.map((_, i) => (r[Math.floor(i / 3)] * c[i % 3]) / ((r[0] + r[1]) / 2));
        return adafactorStep(w, g, v, t, lr, 0.8);
      };
    },
  },
  'muon, a wide matrix': muon([2, 3]),
  'muon, a tall matrix': muon([3, 2]),
  'muon, a vector, by adam': {
    lr: 0.1,
    make: (options) =>
      optimizers.muon({ learningRate: 0.1, adamBeta2: 0.99, adamLrRatio: 0.5, adamWeightDecay: 0.01, ...options }),
    rule: () => {
      const adam = RULES.adam.rule!();
      return (w, g, t, lr) => w * (1 - lr * 0.01) + adam(0, g, t, lr * 0.5);
    },
  },
};
