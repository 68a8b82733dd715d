// Every optimizer, and the rule it follows, written out for one weight in float64.

import { type Optimizer, optimizers, train } from '../../src/index.js';

/** The next weight from a weight, its gradient, the number of the step from 1 on, and the learning rate. */
export type Rule = (w: number, g: number, t: number, lr: number) => number;

export interface Row {
  make: (options?: optimizers.OptimizerOptions) => Optimizer;
  rule: () => Rule;
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
    make: (options) => train.momentum(options?.learningRate ?? 0.1, 0.9),
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
      const adam = RULES.adam.rule();
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
};
