import { describe, expect, test } from 'vitest';
import { heapInfo } from '../../src/memory.js';
import { PhiloxRandom } from '../../src/random/index.js';
import { memory, type Tensor } from '../../src/tensor.js';

/** A tensor's elements; the tensor is disposed of. */
function take(x: Tensor): number[] {
  const values = Array.from(x.dataSync());
  x.dispose();
  return values;
}
const float32 = (...values: number[]) => values.map(Math.fround);

describe('PhiloxRandom gives the numbers of TensorFlow:', () => {
  test('tf.random.normal([2, 1], seed=1), called twice', () => {
    // Published outputs of TensorFlow 2.
    using random = new PhiloxRandom({ seed: 1 });
    const x = random.normal([2, 1]);
    expect([x.shape, x.dtype]).toEqual([[2, 1], 'float32']);
    expect(take(x)).toEqual(float32(-0.8113182, 1.4845988));
    expect(take(random.normal([2, 1]))).toEqual(float32(1.3587774, 0.5417413));
  });

  test('tf.random.set_seed(5); tf.random.normal([2, 2], seed=1)', () => {
    // The documentation of tf.random.normal.
    using random = new PhiloxRandom({ globalSeed: 5, seed: 1 });
    const x = take(random.normal([2, 2]));
    // Printed to eight decimals: less than the second has.
    expect(x[1]).toBeCloseTo(-0.01258316, 8);
    expect([x[0], x[2], x[3]]).toEqual(float32(-1.3768897, -0.169515, 1.0824056));
  });

  test('tf.random.set_seed(5); tf.random.uniform([], maxval=3, dtype=tf.int32, seed=10), called twice', () => {
    // The documentation of tf.random.uniform.
    using random = new PhiloxRandom({ globalSeed: 5, seed: 10 });
    expect(take(random.uniform([], 0, 3, 'int32'))).toEqual([2]);
    expect(take(random.uniform([], 0, 3, 'int32'))).toEqual([0]);
  });
});

// What follows was computed by the algorithm of random_distributions.h and random_op.cc, written in Python on
// NumPy 2.4.6; TensorFlow publishes no such values.
describe('PhiloxRandom follows the algorithm of TensorFlow for', () => {
  test('uniform float64: two words each', () => {
    using random = new PhiloxRandom({ seed: 1 });
    expect(take(random.uniform([4], 0, 1, 'float64'))).toEqual([
      0.9122999234504989, 0.4040997484619626, 0.6841790844248057, 0.704905089841523,
    ]);
  });

  test('normal float64: four words each pair', () => {
    using random = new PhiloxRandom({ seed: 1 });
    const expected = [0.24282754598505307, -0.35299821810996557, -0.8365077914900015, -0.24356901971324732];
    for (const [i, z] of take(random.normal([4], 0, 1, 'float64')).entries()) expect(z).toBeCloseTo(expected[i]!, 14);
  });

  test('truncatedNormal', () => {
    using random = new PhiloxRandom({ seed: 3 });
    const z = take(random.truncatedNormal([300]));
    expect(z.slice(0, 5)).toEqual(
      float32(1.0616620779037476, -0.8785783052444458, 0.11187217384576797, 0.18511717021465302, -0.16233478486537933),
    );
    // The ninth group of four rejects one.
    expect(z.slice(36, 40)).toEqual(float32(-0.505003, 1.3330936, 0.026977263, -0.8263079));
    expect(z.reduce((a, b) => a + b)).toBeCloseTo(-5.675380173139274, 12);
  });

  test('truncatedNormal float64', () => {
    using random = new PhiloxRandom({ seed: 3 });
    const z = take(random.truncatedNormal([200], 0, 1, 'float64'));
    expect(z[0]).toBeCloseTo(-1.9891512607565875, 14);
    expect(z.reduce((a, b) => a + b)).toBeCloseTo(-29.996459386805764, 11);
  });
});

test('samples are scaled in the dtype of the result: first times, then plus', () => {
  const streams = Array.from({ length: 4 }, () => new PhiloxRandom({ seed: 8 }));
  const [z, x, u, v] = streams.map((random, i) =>
    take(
      [
        () => random.normal([100]),
        () => random.normal([100], 0.1, 0.3),
        () => random.uniform([100]),
        () => random.uniform([100], -0.1, 0.7),
      ][i]!(),
    ),
  );
  const scaled = (values: number[], by: number, plus: number) =>
    values.map((value) => Math.fround(Math.fround(value * Math.fround(by)) + Math.fround(plus)));
  expect(x).toEqual(scaled(z!, 0.3, 0.1));
  expect(v).toEqual(scaled(u!, Math.fround(0.7) - Math.fround(-0.1), -0.1));
  for (const random of streams) random.dispose();
});

test('truncated samples keep to two standard deviations', () => {
  using random = new PhiloxRandom({ seed: 4 });
  for (const dtype of ['float32', 'float64'] as const) {
    const z = take(random.truncatedNormal([20000], 0, 1, dtype));
    expect(z.every((value) => Math.abs(value) < 2)).toBe(true);
    // The variance of a normal truncated there: 1 − 2·2·φ(2) / (2Φ(2) − 1) = 0.7737.
    expect(z.reduce((a, b) => a + b * b) / z.length).toBeCloseTo(0.7737, 1);
  }
});

test.each(['float32', 'float64'] as const)('uniform and normal %s have their mean and variance', (dtype) => {
  using random = new PhiloxRandom({ seed: 11 });
  const moments = (values: number[]) => [1, 2].map((k) => values.reduce((a, b) => a + b ** k, 0) / values.length);
  const [m, s] = moments(take(random.normal([50000], 0, 1, dtype)));
  expect(m).toBeCloseTo(0, 1);
  expect(s).toBeCloseTo(1, 1);
  const [mean, square] = moments(take(random.uniform([50000], 0, 1, dtype)));
  expect(mean).toBeCloseTo(1 / 2, 2);
  expect(square).toBeCloseTo(1 / 3, 2);
});

test('uniform int32 takes the widest bounds', () => {
  using random = new PhiloxRandom({ seed: 11 });
  const x = take(random.uniform([1000], -(2 ** 31), 2 ** 31, 'int32'));
  expect(Math.min(...x)).toBeLessThan(-(2 ** 30));
  expect(Math.max(...x)).toBeGreaterThan(2 ** 30);
});

test('dtypes without floats: rounded, whole or not 0', () => {
  using random = new PhiloxRandom({ seed: 2 });
  using same = new PhiloxRandom({ seed: 2 });
  const rounded = take(random.normal([50], 10, 5, 'int32'));
  expect(rounded).toEqual(take(same.normal([50], 10, 5, 'float64')).map((z) => Math.round(z) + 0));
  expect(new Set(take(random.uniform([50], 0, 2, 'bool')))).toEqual(new Set([0, 1]));
  expect(take(random.uniform([50], 0.5, 2.5, 'int32')).every((x) => x === 1 || x === 2)).toBe(true);
});

test('a stream frees its state and leaks nothing', () => {
  const before = [memory(), heapInfo().live];
  {
    using random = new PhiloxRandom({ seed: -(2 ** 40) });
    for (const shape of [[], [0], [3, 5]]) {
      random.normal(shape).dispose();
      random.truncatedNormal(shape, 0, 1, 'int32').dispose();
      random.uniform(shape, 0, 4, 'bool').dispose();
    }
  }
  expect([{ ...memory(), heapBytes: 0 }, heapInfo().live]).toEqual([
    { ...(before[0] as object), heapBytes: 0 },
    before[1],
  ]);
});

test.each<[string, (random: PhiloxRandom) => unknown, Error]>([
  [
    'no seed',
    () => new PhiloxRandom({} as never),
    new RangeError('PhiloxRandom: needed a whole number as seed, got undefined'),
  ],
  [
    'seed 1.5',
    () => new PhiloxRandom({ seed: 1.5 }),
    new RangeError('PhiloxRandom: needed a whole number as seed, got 1.5'),
  ],
  [
    'a shape of 2.2',
    (r) => r.normal([2.2]),
    new RangeError('normal: Tensor must have a shape comprised of positive integers but got shape [2.2].'),
  ],
  ['normal bool', (r) => r.normal([2], 0, 1, 'bool'), new TypeError('normal: Unsupported data type bool')],
  ['dtype x', (r) => r.uniform([2], 0, 1, 'x' as never), new TypeError('uniform: Unsupported data type x')],
  ["min 'a'", (r) => r.uniform([2], 'a' as never), new TypeError('uniform: needed numbers, got string')],
  [
    'int32 in [1, 1)',
    (r) => r.uniform([2], 1, 1, 'int32'),
    new RangeError('uniform: needed minval < maxval, got 1 and 1'),
  ],
  [
    'int32 up to 2^40',
    (r) => r.uniform([2], 0, 2 ** 40, 'int32'),
    new RangeError('uniform: needed int32 bounds, got 0 and 1099511627776'),
  ],
])('PhiloxRandom refuses %s in a sentence, and neither leaks nor moves on', (_, f, error) => {
  using random = new PhiloxRandom({ seed: 1 });
  const before = [memory(), heapInfo().live];
  expect(() => f(random)).toThrow(error);
  expect([memory(), heapInfo().live]).toEqual(before);
  expect(take(random.normal([1]))).toEqual(float32(-0.8113182));
});

test('a stream that is disposed of refuses to draw', () => {
  const random = new PhiloxRandom({ seed: 1 });
  random.dispose();
  random.dispose();
  expect(() => random.normal([1])).toThrow('PhiloxRandom is disposed.');
});
