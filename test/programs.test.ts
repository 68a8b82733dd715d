// Random programs: whatever ops share, dispose of and tidy away, gradients are right and nothing is left behind.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GradientTape, grads } from '../src/autodiff.js';
import * as ops from '../src/ops/index.js';
import { tidy } from '../src/scope.js';
import { fromData, type Tensor } from '../src/tensor.js';
import { variable } from '../src/variable.js';
import { differences } from './support/difference.js';
import { leavesNothing } from './support/heap.js';

const { add, matMul, mul, sin, sub, sum, tanh, transpose } = ops;

/** Smooth ops from two [2, 2] tensors to one whose elements stay small. */
const steps: ((a: Tensor, b: Tensor) => Tensor)[] = [
  add,
  (a, b) => mul(0.5, sub(a, b)),
  (a, b) => tanh(mul(a, b)),
  (a, b) => sin(matMul(a, b)),
  (a) => transpose(a),
  (a, b) => add(sum(tanh(a), 0, true), mul(b, 0.25)),
  (a, b) => ops.reshape(ops.concat([ops.slice(a, 0, 1), ops.slice(b, 1, 1)]), [2, 2]),
  (a, b) => tidy(() => ops.softmax(tidy(() => mul(a, sum(b))))),
  (a) => ops.clone(a),
  (a, b) => ops.where([[true, false]], a, b),
];

const program = fc.array(
  fc.record({
    step: fc.nat(steps.length - 1),
    a: fc.nat(100),
    b: fc.nat(100),
    /** Which of the tensors made so far to dispose of afterwards, if any. */
    gone: fc.option(fc.nat(100), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 12 },
);
const inputs = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 });

type Program = typeof program extends fc.Arbitrary<infer P> ? P : never;

/** Runs a program on two tensors, and sums what it computed last and all that is left. */
function run(lines: Program, x: Tensor, y: Tensor): Tensor {
  const pool = [x, y];
  const alive = () => pool.filter((t) => !t.isDisposed);
  let last = x;
  for (const { step, a, b, gone } of lines) {
    const from = alive();
    last = steps[step](from[a % from.length], from[b % from.length]);
    pool.push(last);
    const made = alive().slice(2, -1);
    if (gone !== undefined && made.length > 0) made[gone % made.length].dispose();
  }
  return alive()
    .map((t) => sum(mul(t, t)))
    .reduce((a, b) => add(a, b));
}

const split = (v: readonly number[]) => [v.slice(0, 4), v.slice(4)];
const make = (v: readonly number[]) => fromData(v, [2, 2], 'float64');

function expectClose(actual: number[], expected: number[]): void {
  actual.forEach((v, i) => {
    expect(Math.abs(v - expected[i]), `${actual} and ${expected}`).toBeLessThan(
      1e-6 * Math.max(1, Math.abs(expected[i])),
    );
  });
}

test('grads of random programs are those of differences, and leave nothing', () => {
  fc.assert(
    fc.property(program, inputs, (lines, given) => {
      leavesNothing(() => {
        const value = (v: number[][]) => tidy(() => run(lines, make(v[0]), make(v[1])).dataSync()[0]);
        tidy(() => {
          const found = grads((x, y) => run(lines, x, y))(split(given).map(make));
          expectClose(
            found.flatMap((g) => Array.from(g.dataSync())),
            differences(value, split(given)).flat(),
          );
        });
      });
    }),
    { numRuns: 60 },
  );
});

test('second derivatives of random programs are those of their first', () => {
  const slope = (lines: Program, x: Tensor, y: Tensor) => {
    const [dx, dy] = grads((a, b) => run(lines, a, b))([x, y]);
    return add(sum(sin(dx)), sum(mul(dy, dy)));
  };
  fc.assert(
    fc.property(program, inputs, (lines, given) => {
      leavesNothing(() => {
        const value = (v: number[][]) => tidy(() => slope(lines, make(v[0]), make(v[1])).dataSync()[0]);
        tidy(() => {
          const found = grads((x, y) => slope(lines, x, y))(split(given).map(make));
          expectClose(
            found.flatMap((g) => Array.from(g.dataSync())),
            differences(value, split(given)).flat(),
          );
        });
      });
    }),
    { numRuns: 30 },
  );
});

test('a persistent tape gives the same gradients again after variables were changed and inputs disposed of', () => {
  fc.assert(
    fc.property(program, inputs, (lines, given) => {
      leavesNothing(() =>
        tidy(() => {
          const [x, y] = split(given).map((v) => variable(make(v)));
          using tape = new GradientTape({ persistent: true });
          const z = run(lines, x, y);
          const first = tape.gradient(z, [x, y]).map((g) => Array.from(g!.dataSync()));
          x.assign(make([9, 9, 9, 9]));
          z.dispose();
          y.dispose();
          expect(tape.gradient(z, [x, y]).map((g) => Array.from(g!.dataSync()))).toEqual(first);
          x.dispose();
        }),
      );
    }),
    { numRuns: 60 },
  );
});
