import { describe, expect, test } from 'vitest';
import { heapInfo } from '../../src/memory.js';
import { MT19937 } from '../../src/random/mt19937.js';
import { RandomState } from '../../src/random/randomState.js';
import { fromData, memory, type Tensor } from '../../src/tensor.js';

/** A tensor's elements; the tensor is disposed of. */
function take(x: Tensor): number[] {
  const values = Array.from(x.dataSync());
  x.dispose();
  return values;
}

test('MT19937 gives the words of its authors', () => {
  // mt19937ar.out: init_by_array({0x123, 0x234, 0x345, 0x456})
  const random = MT19937.fromWords([0x123, 0x234, 0x345, 0x456]);
  expect([random.next(), random.next(), random.next()]).toEqual([1067595299, 955945823, 477289528]);
  // The 10000th word from seed 5489: the C++ standard, [rand.predef].
  const standard = MT19937.fromSeed(5489);
  for (let i = 0; i < 9999; i++) standard.next();
  expect(standard.next()).toBe(4123659995);
});

// Golden values: NumPy 2.4.6, np.random.RandomState(seed), the calls as named.
describe('RandomState gives the numbers of NumPy:', () => {
  test('RandomState(1).rand()', () => {
    const random = new RandomState(1);
    expect(Array.from({ length: 6 }, () => random.rand())).toEqual([
      0.417022004702574, 0.7203244934421581, 0.00011437481734488664, 0.30233257263183977, 0.14675589081711304,
      0.0923385947687978,
    ]);
  });

  test('RandomState(23455).rand(2, 2)', () => {
    const x = new RandomState(23455).rand(2, 2);
    expect([x.dtype, x.shape]).toEqual(['float64', [2, 2]]);
    expect(take(x)).toEqual([0.8349431851679617, 0.11482951405951503, 0.668997510460124, 0.46594987275864086]);
  });

  test('RandomState(2**32 - 1).rand(2)', () => {
    expect(take(new RandomState(2 ** 32 - 1).rand(2))).toEqual([0.0976320289940138, 0.9123828453026218]);
  });

  test('RandomState(9).rand(2000)[-1]', () => {
    expect(take(new RandomState(9).rand(2000)).at(-1)).toBe(0.586460366709425);
  });

  test('RandomState(0).randn()', () => {
    const random = new RandomState(0);
    expect(Array.from({ length: 6 }, () => random.randn())).toEqual([
      1.764052345967664, 0.4001572083672233, 0.9787379841057392, 2.240893199201458, 1.8675579901499675,
      -0.977277879876411,
    ]);
  });

  test('RandomState(1).uniform(-0.05, 0.05, (2, 2))', () => {
    expect(take(new RandomState(1).uniform(-0.05, 0.05, [2, 2]))).toEqual([
      -0.008297799529742599, 0.022032449344215804, -0.049988562518265514, -0.019766742736816025,
    ]);
  });

  test('RandomState(42).normal(5, 0.1, 3)', () => {
    expect(take(new RandomState(42).normal(5, 0.1, 3))).toEqual([
      5.049671415301123, 4.986173569882881, 5.064768853810069,
    ]);
  });

  test('rand, randn, rand, randn, randn: the second normal of a pair waits', () => {
    const random = new RandomState(5);
    expect([random.rand(), random.randn(), random.rand(), random.randn(), random.randn()]).toEqual([
      0.22199317108973948, -0.2939598035905121, 0.9186109079379216, 0.3715905688783965, 2.43077118700778,
    ]);
  });

  test('randint', () => {
    const random = new RandomState(7);
    const x = random.randint(0, 10, 12);
    expect(x.dtype).toBe('int32');
    expect(take(x)).toEqual([4, 9, 6, 3, 3, 7, 7, 9, 7, 8, 9, 8]);
    expect([random.randint(5), random.randint(-3, 3)]).toEqual([4, -3]);
    expect(take(random.randint(-(2 ** 31), 2 ** 31, [3]))).toEqual([1304549247, -726539897, -511353940]);
    expect(random.rand()).toBe(0.39294230987084167);
  });

  test('shuffle and permutation', () => {
    const random = new RandomState(3);
    const list = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    random.shuffle(list);
    expect(list).toEqual([5, 4, 1, 2, 9, 6, 7, 0, 3, 8]);
    expect(take(random.permutation(6))).toEqual([5, 1, 3, 4, 0, 2]);
    const rows = fromData([0, 1, 2, 3, 4, 5, 6, 7], [4, 2], 'int32');
    expect(take(random.permutation(rows))).toEqual([2, 3, 0, 1, 4, 5, 6, 7]);
    expect(take(rows)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(random.rand()).toBe(0.21557700841491878);
  });

  test('RandomState(1).permutation(60000)', () => {
    const x = take(new RandomState(1).permutation(60000));
    expect([...x.slice(0, 5), ...x.slice(-3)]).toEqual([15281, 21435, 44536, 13518, 47529, 5192, 12172, 33003]);
  });

  test('RandomState(11).shuffle(rows)', () => {
    const rows = fromData([0, 1, 2, 3, 4, 5], [3, 2], 'float32');
    const shuffled = new RandomState(11).shuffle(rows);
    expect([shuffled.dtype, shuffled.shape]).toEqual(['float32', [3, 2]]);
    expect(take(shuffled)).toEqual([0, 1, 4, 5, 2, 3]);
    rows.dispose();
  });
});

test('permutation leaves its array as it was; typed arrays and lists of anything are shuffled', () => {
  const list = ['a', 'b', 'c', 'd'];
  expect(new RandomState(1).permutation(list).sort()).toEqual(list);
  expect(list).toEqual(['a', 'b', 'c', 'd']);
  const typed = Float32Array.of(1, 2, 3);
  new RandomState(1).shuffle(typed);
  expect(Array.from(typed).sort()).toEqual([1, 2, 3]);
});

test('a RandomState without a seed is a new stream each time', () => {
  expect(new RandomState().rand()).not.toBe(new RandomState().rand());
});

test('RandomState takes empty shapes and scalars', () => {
  const random = new RandomState(1);
  expect(take(random.uniform(0, 1, []))).toEqual([0.417022004702574]);
  expect(take(random.rand(0, 3))).toEqual([]);
  expect(take(random.permutation(0))).toEqual([]);
});

test.each<[string, (random: RandomState) => unknown, Error]>([
  [
    'seed -1',
    () => new RandomState(-1),
    new RangeError('RandomState: needed a whole number from 0 to 2^32 - 1 as seed, got -1'),
  ],
  [
    'seed 1.5',
    () => new RandomState(1.5),
    new RangeError('RandomState: needed a whole number from 0 to 2^32 - 1 as seed, got 1.5'),
  ],
  ['randint(0)', (r) => r.randint(0), new RangeError('randint: needed low < high, got 0 and 0')],
  ['randint(0.5)', (r) => r.randint(0.5), new RangeError('randint: needed whole bounds within int32, got 0 and 0.5')],
  [
    'randint(2 ** 32)',
    (r) => r.randint(2 ** 32),
    new RangeError('randint: needed whole bounds within int32, got 0 and 4294967296'),
  ],
  ['normal(0, -1)', (r) => r.normal(0, -1), new RangeError('normal: needed scale >= 0, got -1')],
  [
    'uniform(0, Infinity)',
    (r) => r.uniform(0, Infinity),
    new RangeError('uniform: needed finite bounds, got 0 and Infinity'),
  ],
  ["uniform('a')", (r) => r.uniform('a' as never), new TypeError('uniform: needed numbers, got string')],
  [
    'rand(1.5)',
    (r) => r.rand(1.5),
    new RangeError('rand: Tensor must have a shape comprised of positive integers but got shape [1.5].'),
  ],
  ['shuffle(3)', (r) => r.shuffle(3 as never), new TypeError('shuffle: needed an array or a tensor, got number')],
  [
    'permutation(null)',
    (r) => r.permutation(null as never),
    new TypeError('permutation: needed a number, an array or a tensor, got null'),
  ],
])('%s is refused in a sentence, and nothing leaks', (_, f, error) => {
  const random = new RandomState(1);
  const before = [memory(), heapInfo()];
  expect(() => f(random)).toThrow(error);
  expect([memory(), heapInfo()]).toEqual(before);
  if (error instanceof RangeError) expect(() => f(random)).toThrow(RangeError);
  expect(random.rand()).toBe(0.417022004702574);
});
