import '../src/ops/methods.js';
import { describe, expect, test } from 'vitest';
import { customGrad, grad, grads, variableGrads } from '../src/autodiff.js';
import { isFloat } from '../src/dtype.js';
import { type Graph, graph } from '../src/graph.js';
import { jit } from '../src/jit.js';
import * as layers from '../src/layers/index.js';
import * as losses from '../src/losses.js';
import { sequential } from '../src/models/sequential.js';
import * as ops from '../src/ops/index.js';
import { getTensorsInContainer, tidy } from '../src/scope.js';
import type { Tensor } from '../src/tensor.js';
import { variable } from '../src/variable.js';
import { examples, rows } from './ops/rows.js';
import { alive, leavesNothing } from './support/heap.js';
import { sample, tensors } from './support/sample.js';

/** The graph in short: each node with what it was made of. */
const wiring = ({ nodes }: Graph): string[] =>
  nodes.map(({ kind, name, inputs }) => {
    const names = inputs.map((id) => nodes[id].name || Array.from(nodes[id].value).join(' '));
    return kind === 'op' ? `${name}(${names.join(', ')})` : `${kind} ${name}`.trimEnd();
  });

const named = ({ nodes }: Graph, name: string) => nodes.find((node) => node.name === name)!;

const textbook = () => graph(({ w, x, b }) => ops.tanh(ops.add(ops.mul(w, x), b)), { w: -3, x: 2, b: 6.5 });

describe('graph', () => {
  test('has inputs and ops with values and derivatives', () => {
    const drawn = textbook();
    expect(wiring(drawn)).toEqual(['input w', 'input x', 'input b', 'mul(w, x)', 'add(mul, b)', 'tanh(add)']);
    expect(drawn.nodes.map(({ value }) => value[0])).toEqual([-3, 2, 6.5, -6, 0.5, Math.fround(Math.tanh(0.5))]);
    const slope = 1 - Math.tanh(0.5) ** 2;
    [2 * slope, -3 * slope, slope, slope, slope, 1].forEach((expected, i) => {
      expect(drawn.nodes[i].gradient![0]).toBeCloseTo(expected, 6);
    });
    expect(drawn.output).toMatchObject({ id: 5, name: 'tanh', shape: [], dtype: 'float32' });
  });

  test('adds up derivatives where a value is used twice', () => {
    const { nodes } = graph((x) => ops.mul(x, ops.exp(x)), ops.scalar(0, 'float64'));
    expect(nodes.map(({ gradient }) => gradient![0])).toEqual([1, 0, 1]);
    expect(nodes[2].inputs).toEqual([0, 1]);
  });

  test('takes an array of tensors as arguments, also one tensor twice', () => {
    tidy(() => {
      const x = ops.tensor1d([1, 2]);
      const drawn = graph((a, b) => ops.sum(ops.mul(a, b)), [x, x]);
      expect(wiring(drawn)).toEqual(['input x0', 'input x1', 'mul(x0, x1)', 'sum(mul)']);
      expect(Array.from(drawn.nodes[0].gradient!)).toEqual([1, 2]);
    });
  });

  test('shows variables as parameters, once however often they are read', () => {
    const w = variable(ops.scalar(3), true, 'w');
    const frozen = variable(ops.scalar(5), false, 'frozen');
    const drawn = graph(() => ops.add(ops.mul(w, w), frozen));
    expect(wiring(drawn)).toEqual(['parameter w', 'mul(w, w)', 'constant', 'add(mul, 5)']);
    expect(drawn.nodes[0].gradient![0]).toBe(6);
    expect(drawn.nodes[2].gradient).toBeUndefined();
    w.dispose();
    frozen.dispose();
  });

  test('shows what no derivative goes through as a constant, and leaves out what leads nowhere', () => {
    const drawn = graph(
      (x) => {
        ops.exp(x);
        return ops.mul(x, ops.cast(ops.greater(x, 0), 'float32'));
      },
      [-1, 2],
    );
    expect(wiring(drawn)).toEqual(['input x', 'constant', 'mul(x, 0 1)']);
  });

  test('leaves out what an op keeps for its own derivative', () => {
    const drawn = graph((x) => ops.softmaxCrossEntropyWithLogits([0, 1], x), [1, 2]);
    expect(wiring(drawn)).toEqual(['input x', 'constant', 'softmaxCrossEntropyWithLogits(0 1, x)']);
  });

  test('calls a change of dtype a cast, and functions with a derivative of their own customGrad', () => {
    const cast = graph((x) => ops.mul(x, ops.scalar(2, 'float64')), [1, 2]);
    expect(wiring(cast)).toEqual(['input x', 'cast(x)', 'constant', 'mul(cast, 2)']);
    const custom = customGrad((x: Tensor) => ({ value: ops.square(x), gradFunc: (dy: Tensor) => dy }));
    expect(wiring(graph((x) => custom(x), 3))).toEqual(['input x', 'customGrad(x)']);
  });

  test('shows derivatives that f itself takes', () => {
    const drawn = graph((x) => grad((x) => ops.tanh(x))(x), ops.scalar(0.5));
    expect(wiring(drawn)).toEqual(['input x', 'tanh(x)', 'constant', 'derivative(1, tanh)']);
  });

  test('looks into functions that are recorded', () => {
    const f = jit((x) => ops.exp(ops.neg(x)));
    for (let i = 0; i < 3; i++) f(ops.scalar(1)).dispose();
    expect(wiring(graph((x) => f(x), 1))).toEqual(['input x', 'neg(x)', 'exp(neg)']);
    f.dispose();
  });

  test("draws a model's loss", () => {
    const model = sequential({
      layers: [
        layers.dense({ units: 2, inputShape: [2], activation: 'relu', name: 'a' }),
        layers.dense({ units: 1, useBias: false, name: 'b' }),
      ],
    });
    tidy(() => {
      const [x, y] = [ops.tensor2d([[1, 2]]), ops.tensor2d([[3]])];
      const loss = () => losses.meanSquaredError(y, model.apply(x) as Tensor);
      const drawn = graph(loss);
      const parameters = drawn.nodes.filter(({ kind }) => kind === 'parameter');
      expect(parameters.map(({ name }) => name)).toEqual(model.weights.map(({ name }) => name));
      const { grads, value } = variableGrads(loss);
      for (const { name, gradient } of parameters) expect(gradient).toEqual(grads[name].dataSync());
      expect(drawn.output.value).toEqual(value.dataSync());
      for (const name of ['matMul', 'relu', 'squaredDifference']) expect(named(drawn, name)).toBeDefined();
    });
    model.dispose();
  });

  test('leaves nothing behind', () => {
    leavesNothing(textbook);
    const before = alive();
    expect(() =>
      graph(() => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(alive()).toEqual(before);
  });

  test.each([
    ['no function', 3, undefined, new TypeError('graph: needs a function, got number')],
    [
      'what is no tensor',
      (x: Tensor) => x,
      'x',
      new TypeError("Argument 'x' passed to 'graph' must be numeric tensor, but got string tensor"),
    ],
    ['no result', () => undefined, [1], new TypeError('graph: f must return a tensor, got undefined')],
    [
      'a whole result',
      (x: Tensor) => ops.cast(x, 'int32'),
      [1],
      new TypeError('graph: f must return floats, got int32'),
    ],
    [
      'a result that nothing leads to',
      () => ops.scalar(1),
      [1],
      new Error('graph: no input and no trainable variable leads to what f returns'),
    ],
  ])('refuses %s', (_, f, x, error) => {
    leavesNothing(() => {
      tidy(() => {
        expect(() => graph(f as never, x as never)).toThrow(error);
      });
    });
  });
});

describe('of every op the graph', () => {
  const known = new Set([
    ...Object.keys(rows).map((name) => name.split('.').at(-1)!),
    'geluExact',
    'batchNormalization',
  ]);

  test.each(examples.filter(({ noGradient }) => noGradient === undefined).map((e) => [e.title, e] as const))(
    '%s has names and the gradients of grads',
    (_, example) => {
      tidy(() => {
        const xs = tensors(example.inputs, sample(example.inputs, example.seed), 'float64');
        const f = (...args: Tensor[]): Tensor => {
          const outputs = getTensorsInContainer(example.f(...args)).filter(({ dtype }) => isFloat(dtype));
          return outputs.map((y) => ops.sum(y)).reduce((a, b) => ops.add(a, b));
        };
        const { nodes } = graph(f, xs);
        const strange = nodes.filter(({ kind, name }) => kind === 'op' && !known.has(name));
        expect(strange.map(({ name }) => name)).toEqual([]);
        const floats = xs.filter(({ dtype }) => isFloat(dtype));
        const expected = grads((...given) => {
          const rest = [...given];
          return f(...xs.map((x) => (isFloat(x.dtype) ? rest.shift()! : x)));
        })(floats);
        const inputs = nodes.filter(({ kind, dtype }) => kind === 'input' && isFloat(dtype));
        expect(inputs.map(({ gradient }) => gradient)).toEqual(expected.map((g) => g.dataSync()));
      });
    },
  );
});

describe('as text', () => {
  test('is a tree', () => {
    expect(String(textbook())).toBe(`\
            value   gradient
tanh        0.4621  1
└─ add      0.5     0.7864
   ├─ mul   -6      0.7864
   │  ├─ w  -3      1.573
   │  └─ x  2       -2.359
   └─ b     6.5     0.7864`);
  });

  test('draws what is used twice once', () => {
    const drawn = graph(
      (x) => {
        const y = ops.exp(x);
        return ops.sum(ops.mul(y, ops.add(y, 1)));
      },
      [0, 1, 2, 3, 4],
    );
    expect(String(drawn)).toBe(`\
                      value         gradient
sum                   3533          1
└─ mul                [5] 2 … 3036  [5] 1
   ├─ exp             [5] 1 … 54.6  [5] 3 … 110.2
   │  └─ x            [5] 0 … 4     [5] 3 … 6017
   └─ add             [5] 2 … 55.6  [5] 1 … 54.6
      ├─ exp (above)
      └─ constant     1`);
  });

  test('is Graphviz', () => {
    const w = variable(ops.tensor1d([1, 2]), true, 'a "quoted" \\ name');
    expect(graph(() => ops.sum(ops.mul(w, 2))).toDot()).toBe(`\
digraph {
  rankdir=LR;
  n0 [label="a \\"quoted\\" \\\\ name\\n[1, 2]\\n∂ [2, 2]", shape=box];
  n1 [label="2", shape=plaintext];
  n2 [label="mul\\n[2, 4]\\n∂ [1, 1]", shape=box, style=rounded];
  n3 [label="sum\\n6\\n∂ 1", shape=box, style=rounded];
  n0 -> n2;
  n1 -> n2;
  n2 -> n3;
}
`);
    w.dispose();
  });
});
