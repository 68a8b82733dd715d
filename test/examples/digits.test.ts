import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { plainMlp } from '../../bench/plain.js';
import { drawDigits } from '../../examples/digits/draw.js';
import { drawnDigits, run } from '../../examples/digits/main.js';
import { readMnistFiles } from '../../examples/digits/mnist.js';
import { mulberry32 } from '../../examples/digits/random.js';
import { imageToText, lineChart, sideBySide } from '../../examples/digits/terminal.js';
import { memory } from '../../src/index.js';

describe('drawDigits', () => {
  test('draws the same bytes for a seed in every engine', () => {
    const { images, labels } = drawDigits(100, 1);
    const hash = createHash('sha256').update(images).update(labels).digest('hex');
    // After a change of the drawing that is meant, copy the hash from the failure. If it differs between engines, the drawing is wrong.
    expect(hash).toBe('cb737ab5210a75b51b0a0b9b9ea884f28cd12a4822e055034a7ace47acfd8e63');
  });

  test('draws other digits for another seed', () => {
    expect(drawDigits(10, 1).images).not.toEqual(drawDigits(10, 2).images);
  });

  test('starts alike, however many are drawn', () => {
    expect(drawDigits(20, 1).images.subarray(0, 4000)).toEqual(drawDigits(10, 1).images);
  });

  test('stays within [0, 1], with ink and paper in every image', () => {
    const { images } = drawDigits(500, 3);
    for (let i = 0; i < 500; i++) {
      const image = images.subarray(400 * i, 400 * (i + 1));
      expect(Math.min(...image)).toBe(0);
      expect(Math.max(...image)).toBeGreaterThan(0.6);
      expect(Math.max(...image)).toBeLessThanOrEqual(1);
    }
  });

  test('gives every digit its fair share', () => {
    const counts = new Array<number>(10).fill(0);
    for (const label of drawDigits(5000, 1).labels) counts[label]++;
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(85); // four standard deviations
  });

  test('is too hard for a linear model and not for a small network', () => {
    const linear = accuracyAfter(10, plainMlp([400, 10]));
    const network = accuracyAfter(10, plainMlp([400, 25, 15, 10]));
    expect(linear).toBeGreaterThan(0.8);
    expect(linear).toBeLessThan(0.9);
    expect(network).toBeGreaterThan(linear + 0.05);
  });
});

describe('plainMlp', () => {
  test('moves every weight against the gradient, by the learning rate in the first step', () => {
    const sizes = [6, 8, 7, 3];
    const { x, labels } = smallBatch();
    const { weights } = plainMlp(sizes, 7);
    const stepped = plainMlp(sizes, weights);
    stepped.trainOnBatch(x, labels);

    let checked = 0;
    for (const [n, weight] of weights.entries()) {
      for (let i = 0; i < weight.length; i++) {
        const lossAt = (shift: number) => {
          const nearby = weights.map((w) => w.slice());
          nearby[n][i] += shift;
          return plainMlp(sizes, nearby).trainOnBatch(x, labels);
        };
        const slope = (lossAt(1e-3) - lossAt(-1e-3)) / 2e-3;
        if (Math.abs(slope) < 2e-3) continue; // too flat for a difference in float32
        expect(stepped.weights[n][i] - weight[i]).toBeCloseTo(-0.001 * Math.sign(slope), 5);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(70);
  });

  test('takes the steps of Adam in TensorFlow’s form', () => {
    // One weight and one bias towards each of two classes, of which the label is the first; x = 2, all weights 0.
    const network = plainMlp([1, 2], [new Float32Array(2), new Float32Array(2)]);
    let [kernel, bias, m, v] = [0, 0, 0, 0]; // of the first class; the second has the opposite
    for (let t = 1; t <= 3; t++) {
      const margin = 2 * (2 * kernel + bias);
      expect(network.trainOnBatch(Float32Array.of(2), Int32Array.of(0))).toBeCloseTo(
        Math.log(1 + Math.exp(-margin)),
        6,
      );
      const g = -1 / (1 + Math.exp(margin));
      m += (g - m) * 0.1;
      v += (g * g - v) * 0.001;
      const alpha = (0.001 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
      bias -= (alpha * m) / (Math.sqrt(v) + 1e-7);
      kernel -= (alpha * 2 * m) / (Math.sqrt(4 * v) + 1e-7); // its gradient is twice that of the bias
    }
    const [kernels, biases] = network.weights;
    expect([...kernels, ...biases]).toEqual([kernel, -kernel, bias, -bias].map((x) => expect.closeTo(x, 7)));
  });

  test('predicts a batch of any size', () => {
    const network = plainMlp([6, 5, 3], 7);
    const { x } = smallBatch();
    const logits = network.predict(x);
    expect(logits).toHaveLength(5 * 3);
    expect(network.predict(x.subarray(0, 6))).toEqual(logits.subarray(0, 3));
  });
});

describe('run', () => {
  test('trains, and prints what it did', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const before = memory().numTensors;
    let printed: string;
    try {
      const accuracy = await run(drawnDigits({ train: 320, test: 40, epochs: 3, plainEpochs: 1 }));
      expect(accuracy).toBeGreaterThan(0.1);
      expect(memory().numTensors).toBe(before);
    } finally {
      printed = log.mock.calls.join('\n');
      log.mockRestore();
    }
    for (const part of [
      'Total params: 10,575',
      'Training on 320 images of 20 × 20 pixels.',
      /Epoch 3\/3 - 10\/10 - .* - loss: \d\.\d{4} - accuracy: 0\.\d{4}/,
      'Loss by epoch',
      /Test accuracy: \d+\.\d % of 40 images it has not seen\./,
      /This is a \d with probability \d+\.\d % \(its label is \d\)\./,
      /\d+ misclassified, of which 12:/,
      /\d, read as \d/,
      /plain JavaScript .* ms, \d+\.\d times as long/,
    ]) {
      expect(printed).toMatch(part);
    }
  });
});

describe('readMnistFiles', () => {
  const names = [
    'train-images-idx3-ubyte',
    'train-labels-idx1-ubyte',
    't10k-images-idx3-ubyte',
    't10k-labels-idx1-ubyte',
  ];

  test('reads the four files, gzipped or not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'digits-'));
    for (const [i, name] of names.entries()) await writeFile(join(folder, i % 2 ? `${name}.gz` : name), `${i}`);
    const { trainImages, trainLabels, testImages, testLabels } = await readMnistFiles(folder);
    expect([trainImages, trainLabels, testImages, testLabels].map(String)).toEqual(['0', '1', '2', '3']);
    await rm(join(folder, names[2]));
    await expect(readMnistFiles(folder)).rejects.toThrow(
      `--data: the folder ${folder} has neither ${names[2]} nor ${names[2]}.gz.`,
    );
    await rm(folder, { recursive: true });
  });

  test('says which folder is missing', async () => {
    await expect(readMnistFiles('no/such/folder')).rejects.toThrow('--data: there is no folder no/such/folder.');
  });
});

describe('imageToText', () => {
  const image = [1, 0, 0, 0, 0.5, 0, 1, 1, 0.5, 1];

  test('shows two rows of pixels in a line', () => {
    expect(imageToText([1, 0, 1, 0, 0, 1, 1, 0], 4, 2, { colour: false })).toBe('▀▄█ ');
    expect(imageToText([0.25, 0.5, 0.75, 0.25, 0.5, 0.75], 3, 2, { colour: false })).toBe('░▒▓');
  });

  test('fills an odd height with background', () => {
    expect(imageToText(image, 2, 5, { colour: false })).toBe('▀ \n▓▄\n░▀');
  });

  test('has 24 greys in colour', () => {
    expect(imageToText([0, 1, 1, 0.5], 2, 2, { colour: true })).toBe(
      '\x1b[38;5;232;48;5;255m▀\x1b[38;5;255;48;5;244m▀\x1b[0m',
    );
  });
});

describe('sideBySide', () => {
  test('puts pictures in rows above their captions', () => {
    expect(sideBySide(['█▀\n▀▀', '▄\n█', '░░░\n░░░'], ['a', 'four', 'c'], 2)).toBe(
      ['█▀    ▄', '▀▀    █', 'a     four', '', '░░░', '░░░', 'c'].join('\n'),
    );
  });

  test('does not count colours as width', () => {
    const red = '\x1b[31m█\x1b[0m';
    expect(sideBySide([red, red], ['ab', 'c'], 2)).toBe(`${red}   ${red}\nab  c`);
  });
});

describe('lineChart', () => {
  test('draws a curve with its axes', () => {
    expect(lineChart([4, 2, 1, 0.5, 0.25], { width: 6, height: 3, label: 'loss' })).toBe(
      ['loss', '   4 ┤⠱⡀', '     │ ⠱⡀', '0.25 ┤  ⠈⠢⠤⣀', '     └──────', '      1    5'].join('\n'),
    );
  });

  test('leaves a gap where a value is not finite', () => {
    expect(lineChart([1, 1, Number.NaN, 1], { width: 4, height: 1 })).toBe('1 ┤⠉⠁ ⠈\n  └────\n   1  4');
    expect(lineChart([Number.NaN], { label: 'loss' })).toBe('loss (nothing to draw)');
  });
});

/** Five rows of six numbers in [0, 1) with labels below 3. */
function smallBatch() {
  return { x: new Float32Array(30).map(mulberry32(5)), labels: Int32Array.of(0, 1, 2, 1, 0) };
}

/** The accuracy on 1,000 test images after some epochs on 5,000 images, in their order and in batches of 32. */
function accuracyAfter(epochs: number, network: ReturnType<typeof plainMlp>) {
  const { images, labels } = drawDigits(5000, 1);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = 0; i < 5000; i += 32) {
      network.trainOnBatch(images.subarray(400 * i, 400 * (i + 32)), labels.subarray(i, i + 32));
    }
  }
  const test = drawDigits(1000, 2);
  const logits = network.predict(test.images);
  let right = 0;
  for (let i = 0; i < 1000; i++) {
    const row = logits.subarray(10 * i, 10 * (i + 1));
    if (row.indexOf(Math.max(...row)) === test.labels[i]) right++;
  }
  return right / 1000;
}
