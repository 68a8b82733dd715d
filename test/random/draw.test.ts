import { beforeEach, describe, expect, test } from 'vitest';
import { heapInfo } from '../../src/memory.js';
import * as random from '../../src/random/index.js';
import { fromData, memory, type Tensor, type Tensor1D } from '../../src/tensor.js';

/** A tensor's elements; the tensor is disposed of. */
function take(x: Tensor): number[] {
  const values = Array.from(x.dataSync());
  x.dispose();
  return values;
}
const float32 = (...values: number[]) => values.map(Math.fround);

beforeEach(() => random.setSeed(1));

describe('after setSeed, ops give the numbers of TensorFlow 2 after tf.random.set_seed:', () => {
  test('set_seed(42); tf.random.normal([9]), as printed in a course', () => {
    random.setSeed(42);
    expect(take(random.randomNormal([9]))).toEqual(
      float32(
        ...[0.3274685, -0.8426258, 0.3194337, -1.4075519, -2.3880599, -1.0392479, -0.5573232, 0.539707, 1.6994323],
      ),
    );
  });

  test('set_seed(1234); tf.random.uniform([1]), called twice, and tf.random.normal([1]) as the second call', () => {
    random.setSeed(1234);
    expect(take(random.randomUniform([1]))).toEqual(float32(0.5380393));
    expect(take(random.randomUniform([1]))).toEqual(float32(0.3253647));
    random.setSeed(1234);
    random.randomUniform([1]).dispose();
    expect(take(random.randomNormal([1]))).toEqual(float32(1.1468066));
  });

  test('set_seed(5); tf.random.normal([2, 2], seed=1), from its documentation', () => {
    random.setSeed(5);
    for (let call = 0; call < 2; call++) {
      const x = take(random.randomNormal([2, 2], 0, 1, 'float32', 1));
      // Printed to eight decimals: less than the second has.
      expect(x[1]).toBeCloseTo(-0.01258316, 8);
      expect([x[0], x[2], x[3]]).toEqual(float32(-1.3768897, -0.169515, 1.0824056));
    }
  });

  test('the seeds of ops are those of Python: the 2000th after set_seed(1)', () => {
    // Python 3.12, NumPy 2.4.6: random.Random(1).randint(0, 2**31 - 1) is 831063281 then; Philox by hand.
    for (let i = 1; i < 2000; i++) random.randomUniform([0]).dispose();
    expect(take(random.randomUniform([1]))).toEqual(float32(0.35280502));
  });
});

test('an op with a seed gives the same numbers at each call, and leaves the stream of the others alone', () => {
  const ops: ((seed?: number) => Tensor)[] = [
    (seed) => random.randomNormal([5], 0, 1, 'float32', seed),
    (seed) => random.randomStandardNormal([5], 'float32', seed),
    (seed) => random.randomUniform([5], 0, 1, 'float64', seed),
    (seed) => random.randomUniformInt([5], 0, 1000, seed),
    (seed) => random.truncatedNormal([5], 0, 1, null, seed),
    (seed) => random.randomGamma([5], 2, 2, 'float32', seed),
    (seed) => random.multinomial([1, 2, 3, 4], 20, seed),
  ];
  for (const op of ops) {
    random.setSeed(3);
    const first = take(op());
    const second = take(op());
    expect(second).not.toEqual(first);
    expect(take(op(7))).toEqual(take(op(7.9)));
    random.setSeed(3);
    op(7).dispose();
    expect([take(op()), take(op())]).toEqual([first, second]);
  }
});

test('setSeed takes any whole number', () => {
  for (const seed of [0, -7, 2 ** 40 + 3]) {
    random.setSeed(seed);
    expect(take(random.randomUniform([1], 0, 1, 'float32', 0))[0]).toBeGreaterThanOrEqual(0);
  }
  expect(() => random.setSeed(0.5)).toThrow(new RangeError('setSeed: needed a whole number, got 0.5'));
});

test.each([
  // The algorithm of random_op.cc, written in Python on NumPy 2.4.6: the first sample and the sum of 50, seed 9.
  [2, 2, 1.1544309, 50.67877046763897],
  [0.5, 1, 0.8700201, 30.547483418199818],
  [1, 3, 0.3664737, 16.909712601453066],
])('randomGamma with alpha = %d and beta = %d follows the algorithm of TensorFlow', (alpha, beta, first, sum) => {
  random.setSeed(87654321); // what stands for no global seed
  const x = take(random.randomGamma([50], alpha, beta, 'float32', 9));
  expect(x[0]).toBe(Math.fround(first));
  expect(x.reduce((a, b) => a + b)).toBeCloseTo(sum, 5);
});

test('randomGamma has mean alpha / beta', () => {
  for (const [alpha, beta] of [
    [0.3, 2],
    [1, 1],
    [9, 3],
  ] as const) {
    const x = take(random.randomGamma([20000], alpha, beta));
    expect(x.reduce((a, b) => a + b) / x.length / (alpha / beta)).toBeCloseTo(1, 1);
  }
  expect(take(random.randomGamma([50], 9, 1, 'int32')).every(Number.isInteger)).toBe(true);
});

describe('multinomial', () => {
  const shares = (draws: number[], classes: number) =>
    Array.from({ length: classes }, (_, c) => draws.filter((x) => x === c).length / draws.length);

  test('draws each class by its weight', () => {
    const logits = [0.1, 0.2, 0.3, 0.4].map((p) => 5 + Math.log(p));
    const x = random.multinomial(logits, 20000);
    expect([x.shape, x.dtype]).toEqual([[20000], 'int32']);
    shares(take(x), 4).forEach((share, c) => {
      expect(share).toBeCloseTo(0.1 * (c + 1), 1);
    });
  });

  test('draws from every row of probabilities', () => {
    const probabilities = [
      [0, 1, 0],
      [0.5, 0, 0.5],
    ];
    const x = random.multinomial(probabilities, 1000, null, true);
    expect(x.shape).toEqual([2, 1000]);
    const draws = take(x);
    expect(shares(draws.slice(0, 1000), 3)).toEqual([0, 1, 0]);
    const [zero, one, two] = shares(draws.slice(1000), 3);
    expect([one, zero! + two!]).toEqual([0, 1]);
    expect(zero).toBeCloseTo(0.5, 1);
  });
});

test('rand asks for each element', () => {
  let calls = 0;
  const x = random.rand([2, 2], () => ++calls / 2);
  expect([x.dtype, x.shape]).toEqual(['float32', [2, 2]]);
  expect(take(x)).toEqual([0.5, 1, 1.5, 2]);
  expect(take(random.rand([2], () => 2.7, 'int32'))).toEqual([2, 2]);
});

test('random ops leak nothing', () => {
  random.randomUniform([1]).dispose();
  const before = [memory().numTensors, memory().numBytes, heapInfo().live];
  for (const seed of [undefined, 3]) {
    for (const dtype of ['float32', 'float64', 'int32'] as const) {
      random.randomNormal([7], 0, 1, dtype, seed).dispose();
      random.truncatedNormal([7], 0, 1, dtype, seed).dispose();
      random.randomUniform([7], 0, 9, dtype, seed).dispose();
    }
    random.randomUniform([7], 0, 2, 'bool', seed).dispose();
    random.randomGamma([7], 1, 1, 'int32', seed).dispose();
    random.multinomial([[1, 2]], 4, seed).dispose();
  }
  expect([memory().numTensors, memory().numBytes, heapInfo().live]).toEqual(before);
});

test.each<[string, () => unknown, Error]>([
  [
    'a shape of 2.2',
    () => random.randomNormal([2.2]),
    new RangeError('randomNormal: Tensor must have a shape comprised of positive integers but got shape [2.2].'),
  ],
  [
    'normal bool',
    () => random.randomStandardNormal([2], 'bool'),
    new TypeError('randomStandardNormal: Unsupported data type bool'),
  ],
  [
    'gamma float64',
    () => random.randomGamma([2], 1, 1, 'float64' as never),
    new TypeError('randomGamma: Unsupported data type float64'),
  ],
  ['alpha 0', () => random.randomGamma([2], 0), new RangeError('randomGamma: needed alpha and beta > 0, got 0 and 1')],
  [
    'one class',
    () => random.multinomial([1], 3),
    new RangeError('Error in multinomial: you need at least 2 outcomes, but got 1.'),
  ],
  [
    'three axes',
    () => random.multinomial([[[1, 2]]] as never, 3),
    new RangeError('Rank of probabilities must be 1 or 2, but is 3'),
  ],
  [
    'no logits',
    () => random.multinomial({} as never, 3),
    new TypeError("Argument 'logits' passed to 'multinomial' must be a Tensor or TensorLike, but got 'Object'"),
  ],
  [
    'a seed of text',
    () => random.randomUniform([2], 0, 1, 'float32', 'a' as never),
    new TypeError('randomUniform: needed a number as seed, got string'),
  ],
  [
    'a seed of NaN',
    () => random.randomUniform([2], 0, 1, 'float32', Number.NaN),
    new RangeError('randomUniform: needed a finite seed, got NaN'),
  ],
  ['rand of dtype x', () => random.rand([2], () => 1, 'x' as never), new TypeError('rand: Unknown data type x')],
])('%s is refused in a sentence; nothing leaks and the stream stays', (_, f, error) => {
  random.randomUniform([1]).dispose();
  const before = [memory(), heapInfo().live];
  expect(f).toThrow(error);
  expect([memory(), heapInfo().live]).toEqual(before);
  const next = take(random.randomUniform([1]));
  random.setSeed(1);
  random.randomUniform([1]).dispose();
  expect(take(random.randomUniform([1]))).toEqual(next);
});

test('logits that are a tensor stay', () => {
  const logits = fromData([1, 2], [2], 'float32') as Tensor1D;
  random.multinomial(logits, 3).dispose();
  expect(logits.isDisposed).toBe(false);
  logits.dispose();
});
