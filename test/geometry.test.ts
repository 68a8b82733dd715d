// Where windows lie: against the definition of each padding.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Padding, type Pair, type RoundingMode, reach, windowsAlong, windowsOf } from '../src/ops/geometry.js';

const whole = (min: number, max: number) => fc.integer({ min, max });

/** How many windows begin at a multiple of the stride and end within `size`. */
function fitting(size: number, extent: number, stride: number): number {
  let count = 0;
  while (count * stride + extent <= size) count++;
  return count;
}

test('reach is the distance between the first and the last tap, both counted', () => {
  expect([reach(1, 5), reach(3, 1), reach(3, 2), reach(2, 4)]).toEqual([1, 3, 5, 5]);
});

test('valid windows are those that fit', () => {
  fc.assert(
    fc.property(whole(1, 30), whole(1, 5), whole(1, 4), whole(1, 3), (size, filter, stride, dilation) => {
      fc.pre(reach(filter, dilation) <= size);
      const windows = windowsAlong(size, filter, stride, dilation, 'valid', undefined, 'op');
      expect(windows).toMatchObject({ size, filter, stride, dilation, before: 0 });
      expect(windows.count).toBe(fitting(size, reach(filter, dilation), stride));
    }),
  );
});

test('padded windows are those that fit what is padded', () => {
  fc.assert(
    fc.property(whole(0, 30), whole(1, 5), whole(1, 4), whole(0, 4), whole(0, 4), (size, filter, stride, a, b) => {
      fc.pre(filter <= size + a + b);
      const windows = windowsAlong(size, filter, stride, 1, [a, b], undefined, 'op');
      expect(windows.before).toBe(a);
      expect(windows.count).toBe(fitting(size + a + b, filter, stride));
    }),
  );
});

test('same windows are one for each stride begun, centred with the odd tap after', () => {
  fc.assert(
    fc.property(whole(0, 30), whole(1, 5), whole(1, 4), whole(1, 3), (size, filter, stride, dilation) => {
      const { count, before } = windowsAlong(size, filter, stride, dilation, 'same', undefined, 'op');
      expect(count).toBe(Math.ceil(size / stride));
      const after = Math.max(0, (count - 1) * stride + reach(filter, dilation) - size - before);
      expect([0, 1]).toContain(after - before);
    }),
  );
});

test('dimRoundingMode says whether a window that fits in part counts', () => {
  const count = (mode?: RoundingMode) => windowsAlong(6, 2, 3, 1, [0, 0], mode, 'op').count;
  expect([count(), count('floor'), count('round'), count('ceil')]).toEqual([2, 2, 2, 3]);
  expect(windowsAlong(7, 2, 2, 1, [0, 0], 'round', 'op').count).toBe(4);
  expect(windowsAlong(7, 2, 2, 1, 'valid', undefined, 'op').count).toBe(3);
});

describe('windowsOf', () => {
  const counts = (pad: Padding, strides: Pair = 1, dilations: Pair = 1, format: 'NHWC' | 'NCHW' = 'NHWC') =>
    windowsOf([8, 9], [3, 4], strides, dilations, pad, format, undefined, 'op').map((w) => w.count);

  test('reads numbers, pairs and paddings of each axis', () => {
    expect(counts('valid')).toEqual([6, 6]);
    expect(counts('same', [4, 3])).toEqual([2, 3]);
    expect(counts(2)).toEqual([10, 10]);
    expect(counts('valid', 1, [2, 1])).toEqual([4, 6]);
    const pads = [
      [0, 0],
      [1, 2],
      [3, 0],
    ];
    expect(counts([...pads, [0, 0]])).toEqual([9, 9]);
    expect(counts([[0, 0], ...pads], 1, 1, 'NCHW')).toEqual([9, 9]);
  });

  test('says what was wrong', () => {
    expect(() => counts('valid', 2, 2)).toThrow(
      "Error in op: Either strides or dilations must be 1. Got strides 2 and dilations '2'",
    );
    expect(() => counts('valid', 0)).toThrow(RangeError);
    expect(() => counts('valid', [1, 2, 3])).toThrow(RangeError);
    expect(() => counts('valid', '2' as unknown as number)).toThrow(TypeError);
    expect(() => counts('valid', 1, -1)).toThrow(
      'Error in op: dilations must be a whole number from 1 up, or 2 of them, got -1',
    );
    expect(() => counts('full' as unknown as 'same')).toThrow("pad must be 'valid', 'same', a whole number");
    expect(() => counts(1.5)).toThrow(RangeError);
    expect(() => counts(-1)).toThrow(RangeError);
    expect(() =>
      counts([
        [0, 0],
        [1, 1.5],
        [0, 0],
        [0, 0],
      ]),
    ).toThrow(RangeError);
    expect(() => counts('valid', 1, 1, 'CHWN' as 'NCHW')).toThrow(TypeError);
    expect(() => counts('valid', 1, 4)).toThrow('the window must fit the padded input, but 9 does not into 8.');
    expect(() => windowsOf([8, 9], [3, 4], 1, 1, 'same', 'NHWC', 'floor', 'op')).toThrow(
      'Error in op: pad must be an integer when using dimRoundingMode floor but got pad same.',
    );
    expect(() => windowsOf([8, 9], [3, 4], 1, 1, 0, 'NHWC', 'up' as 'ceil', 'op')).toThrow(RangeError);
  });
});
