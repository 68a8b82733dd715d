// The published tables: figures that TensorFlow 1 and 2 and NumPy printed in course notes, to the printed digit.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { batches } from '../../examples/batches.js';
import { money } from '../../examples/cost-profit.js';
import { closer, softmaxThenLoss } from '../../examples/cross-entropy.js';
import { descend } from '../../examples/decay.js';
import { meanSquare } from '../../examples/yoghurt.js';
import { memory } from '../../src/index.js';
import { expectPrinted } from './printed.js';

let before: ReturnType<typeof memory>;
beforeEach(() => {
  before = memory();
});
afterEach(() => {
  const { numTensors, numDataBuffers } = memory();
  expect({ numTensors, numDataBuffers }).toEqual({
    numTensors: before.numTensors,
    numDataBuffers: before.numDataBuffers,
  });
});

test('decay: w follows the falling learning rate down to −1', () => {
  const table = descend();
  const row = (epoch: number) => {
    const { w, loss, learningRate } = table[epoch];
    return [w, loss, learningRate];
  };
  expectPrinted(row(0), ['2.600000', '36.000000', '0.200000']);
  expectPrinted(row(1), ['1.174400', '12.959999', '0.198000']);
  expectPrinted(row(5), ['-0.691392', '0.248077', '0.190198']);
  expectPrinted(row(39), ['-0.999999', '0.000000', '0.135146']);
});

test('yoghurt: 15,000 steps on the mean square', () => {
  const { steps, final } = meanSquare();
  expectPrinted(steps[0], ['-0.8096241', '1.4855157']);
  expectPrinted(steps[500], ['-0.21934733', '1.6984866']);
  expectPrinted(final, ['1.0009792', '0.9977485']);
});

describe('cost and profit', () => {
  test('profit 99: 10,000 steps from the second draw', () => {
    const { steps, final } = money({ cost: 1, profit: 99, draw: 2 });
    expectPrinted(steps[0], ['2.8786578', '3.2517848']);
    expectPrinted(steps[500], ['1.1460369', '1.0672572']);
    expectPrinted(final, ['1.1255957', '1.0237043']);
  });

  test('cost 99: 10,000 steps from the first draw', () => {
    expectPrinted(money({ cost: 99, profit: 1, draw: 1 }).final, ['0.9205433', '0.9186459']);
  });
});

describe('batches: 5,000 steps of Adam', () => {
  test('too much is dear', () => {
    const { steps, final } = batches('more 10, less 1');
    expectPrinted(steps[0], ['-0.81231821', '1.48359871']);
    expectPrinted(final, ['0.95525807', '0.9813394']);
  });

  test('the mean square', () => {
    expectPrinted(batches('mean square').final, ['0.97437561', '1.0243336']);
  });

  test('too little is dear', () => {
    const { steps, final } = batches('more 1, less 10');
    expectPrinted(steps[0], ['-0.81031823', '1.4855988']);
    expectPrinted(final, ['1.01935', '1.04281']);
  });
});

describe('cross entropy', () => {
  test('is less for the closer prediction', () => {
    expectPrinted(closer(), ['0.5108256', '0.22314353']);
  });

  test('is the same in two steps and in one', () => {
    const printed = ['1.68795487e-04', '1.03475622e-03', '6.58839038e-02', '2.58349207e+00', '5.49852354e-02'];
    const { twoSteps, oneStep } = softmaxThenLoss();
    expectPrinted(twoSteps, printed);
    expectPrinted(oneStep, printed);
  });
});
