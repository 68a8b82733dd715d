// Weights in TensorFlow.js's format. Its own published tests of them run in the peer suite.

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { dispose, disposeVariables, io, layers, scalar, sequential, tensor1d, tensor2d } from '../../src/index.js';
import { leavesNothing } from '../support/heap.js';
import { damaged, expectSentence, plain } from './files.js';
import { load, saved } from './saved.js';

afterEach(() => disposeVariables());

const tensors = () => ({
  a: tensor2d([[1.5, -2]]),
  wide: tensor1d(new Float64Array([0.1, 0.2])),
  n: scalar(-7, 'int32'),
  mask: tensor1d([true, false, true]),
  none: tensor2d([], [0, 3]),
});

type Specs = io.WeightsManifestEntry[];

describe('decodeWeights', () => {
  it('gives what encodeWeights was given, from one buffer, several or a stream', async () => {
    await leavesNothing(async () => {
      const given = tensors();
      const { data, specs } = await io.encodeWeights(given);
      expect(specs.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual([
        ...['a float32', 'wide float64', 'n int32', 'mask bool', 'none float32'],
      ]);
      const halves = [data.slice(0, 13), data.slice(13)];
      const streams = [new Blob([data]).stream(), new Blob(halves).stream()];
      const decoded = [
        io.decodeWeights(data, specs),
        io.decodeWeights(halves, specs),
        ...(await Promise.all(streams.map((stream) => io.decodeWeightsStream(stream, specs)))),
      ];
      for (const each of decoded) expect(plain(each)).toEqual(plain(given));
      dispose([given, decoded]);
    });
  });

  it('marks what belongs to an optimizer, and takes a list of named tensors', async () => {
    const { a } = tensors();
    const { specs } = await io.encodeWeights([{ name: 'x', tensor: a }], 'optimizer');
    expect(specs).toEqual([{ name: 'x', shape: [1, 2], dtype: 'float32', group: 'optimizer' }]);
    await expect(io.encodeWeights({ x: 1 as never })).rejects.toThrow(
      "encodeWeights: 'x' must be a tensor, got number",
    );
  });

  it('makes of quantized weights the floats and whole numbers that they stand for', () => {
    const bytes = Uint8Array.of(0, 48, 255, 0, 48, 255, 0, 0x34, 0, 0x38);
    const quantization = { dtype: 'uint8' as const, min: -1, scale: 0.1 };
    const specs: Specs = [
      { name: 'float', shape: [3], dtype: 'float32', quantization },
      { name: 'whole', shape: [3], dtype: 'int32', quantization },
      { name: 'half', shape: [2], dtype: 'float32', quantization: { dtype: 'float16' } },
    ];
    const decoded = io.decodeWeights(bytes.buffer, specs);
    expect(plain(decoded)).toEqual({
      float: { dtype: 'float32', shape: [3], data: [-1, Math.fround(48 * 0.1 - 1), 24.5] },
      whole: { dtype: 'int32', shape: [3], data: [-1, 4, 25] },
      half: { dtype: 'float32', shape: [2], data: [0.25, 0.5] },
    });
    dispose(decoded);
  });

  it.each<[string, object, string]>([
    ['an unknown quantization', { quantization: { dtype: 'int4' } }, 'has unknown quantization dtype "int4"'],
    ['an inherited one', { quantization: { dtype: 'toString' } }, 'has unknown quantization dtype "toString"'],
    ['none where one is told', { quantization: null }, 'has unknown quantization dtype undefined'],
    ['half floats as whole numbers', { dtype: 'int32', quantization: { dtype: 'float16' } }, 'of int32 cannot be'],
    ['bools of bytes', { dtype: 'bool', quantization: { dtype: 'uint8', min: 0, scale: 1 } }, 'of bool cannot be'],
    ['no scale', { quantization: { dtype: 'uint8', min: 0 } }, "doesn't have corresponding metadata min and scale"],
    [
      'an endless scale',
      { quantization: { dtype: 'uint8', min: 0, scale: Number.POSITIVE_INFINITY } },
      "doesn't have corresponding",
    ],
    ['a size that is no number', { shape: ['2'] }, "needed a weight's name, shape and dtype"],
    ['a name that is no text', { name: 7 }, "needed a weight's name, shape and dtype"],
    ['other bytes', { shape: [3] }, 'needed 12 bytes for 1 weights, got 8'],
  ])('refuses %s', async (_, changes, message) => {
    const spec = { name: 'x', shape: [2], dtype: 'float32', ...changes };
    const decode = () => io.decodeWeights(new ArrayBuffer(8), [spec] as Specs);
    expect(decode).toThrow(message);
    await expectSentence(decode);
  });

  it('takes no more of a stream than it needs', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(10));
      },
    });
    const specs: Specs = [{ name: 'x', shape: [5], dtype: 'float32' }];
    await expect(io.decodeWeightsStream(endless, specs)).rejects.toThrow('needed 20 bytes for 1 weights, got 30');
    expect(pulled).toBeLessThan(6);
  });

  it('says one sentence of bytes with damage anywhere', async () => {
    const given = tensors();
    const { data, specs } = await io.encodeWeights(given);
    dispose(given);
    await fc.assert(
      fc.asyncProperty(damaged(new Uint8Array(data)), (bytes) =>
        expectSentence(() => io.decodeWeights(bytes.buffer, specs)),
      ),
    );
  });
});

it('a model may have quantized weights', async () => {
  const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2], name: 'd' })] });
  const artifacts = await saved(model);
  const quantization = { dtype: 'uint16' as const, min: -1, scale: 0.5 };
  artifacts.weightSpecs = artifacts.weightSpecs!.map((spec) => ({ ...spec, quantization }));
  artifacts.weightData = Uint16Array.of(0, 4, 8).buffer;
  const again = await load(artifacts);
  expect(again.getWeights().map((w) => [...w.dataSync()])).toEqual([[-1, 1], [3]]);
});
