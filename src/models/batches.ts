// Where batches come from: tensors that are cut up, or a dataset that gives them one after the other.

import { gather, tensor1d, zeros } from '../ops/index.js';
import { dispose, getTensorsInContainer, tidy } from '../scope.js';
import { alias } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { rowsBetween, type SomeTensors, type Tensors } from './samples.js';

/** What a dataset gives: inputs, targets, and weights of samples where they have any. */
export type Example =
  | { xs: Tensors; ys: Tensors; sampleWeight?: SomeTensors }
  | readonly [xs: Tensors, ys: Tensors, sampleWeight?: SomeTensors];

/** What goes through batches once. */
type Going = Iterator<Example> | AsyncIterator<Example>;

/**
 * Batches to be gone through once or, made by a function, again and again. TensorFlow.js's datasets are objects with such
 * a function, `iterator`. Of what a dataset makes of a file, types know little: `xs` and `ys` are looked at as they come.
 */
export type Dataset =
  | Iterable<Example>
  | AsyncIterable<Example>
  | AsyncIterable<{ xs: unknown; ys: unknown }>
  | (() => Iterable<Example> | AsyncIterable<Example> | Going)
  | { iterator(): Going | Promise<Going> };

/** Inputs, targets and weights in one list: no weights at all, or undefined for an output that has none. */
export type Samples = readonly (Tensor | undefined)[];

/** The same without gaps, see {@link batchOf}. Whoever takes it disposes of it. */
export type Batch = Tensor[];

/** A batch of samples: a tensor without elements fills a gap, so that recorded steps tell it from weights by its shape. */
export const batchOf = (samples: Samples): Batch => samples.map((part) => part ?? zeros([0]));

/** The weights in a batch that these are; undefined for what fills a gap. */
export const unlessGap = (weights: Tensor | undefined): Tensor | undefined =>
  weights?.shape[0] === 0 ? undefined : weights;

export type Batches = Iterator<Batch> | AsyncIterator<Batch>;

/** Samples in an order, `size` at a time; the last batch has what is left. */
export function* inOrderOf(data: Samples, order: Int32Array, size: number): Generator<Batch> {
  for (let at = 0; at < order.length; at += size) {
    yield tidy(() => {
      const indices = tensor1d(order.subarray(at, at + size), 'int32');
      return batchOf(data.map((part) => part && gather(part, indices)));
    });
  }
}

/** Samples as they come, `size` at a time. */
export function* oneAfterTheOther(data: Samples, size: number): Generator<Batch> {
  const n = data[0]!.shape[0]!;
  for (let at = 0; at < n; at += size) {
    yield tidy(() => batchOf(data.map((part) => part && rowsBetween(part, at, Math.min(size, n - at)))));
  }
}

/** A new beginning of a dataset. */
async function iteratorOf(dataset: Dataset, op: string): Promise<Going> {
  const given = (typeof dataset === 'function' ? dataset() : dataset) as unknown;
  if (typeof given === 'object' && given !== null) {
    const iterable = given as Partial<
      Iterable<Example> & AsyncIterable<Example> & Iterator<Example> & { iterator(): Going | Promise<Going> }
    >;
    if (iterable[Symbol.asyncIterator]) return iterable[Symbol.asyncIterator]!();
    if (iterable[Symbol.iterator]) return iterable[Symbol.iterator]!();
    if (typeof iterable.next === 'function') return given as Iterator<Example>;
    if (typeof iterable.iterator === 'function') return iterable.iterator();
  }
  throw new TypeError(
    `${op}: needs an iterable of batches, or a function that gives one, got ${given === null ? 'null' : typeof given}`,
  );
}

/**
 * The batches of a dataset. `standardize` puts a batch's tensors in order; one that does not fit is disposed of before its
 * error is thrown, and the dataset is told to stop. An array keeps its tensors, all others give theirs away.
 */
export async function* batchesOf(
  dataset: Dataset,
  standardize: (xs: Tensors, ys: Tensors, weights: SomeTensors | undefined) => Batch,
  op: string,
): AsyncGenerator<Batch> {
  const iterator = await iteratorOf(dataset, op);
  const keeps = Array.isArray(dataset);
  try {
    for (let item = await iterator.next(); !item.done; item = await iterator.next()) {
      const own = getTensorsInContainer(item.value);
      let batch: Batch = [];
      try {
        batch = standardize(...partsOf(item.value, op));
      } finally {
        if (!keeps) dispose(own.filter((x) => !batch.includes(x)));
      }
      yield keeps ? batch.map((x) => (own.includes(x) ? alias(x) : x)) : batch;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Inputs, targets and weights of a batch in either form. */
function partsOf(example: unknown, op: string): [Tensors, Tensors, SomeTensors | undefined] {
  if (typeof example === 'object' && example !== null) {
    const { xs, ys, sampleWeight } = example as { xs?: Tensors; ys?: Tensors; sampleWeight?: SomeTensors };
    if (xs && ys) return [xs, ys, sampleWeight];
    if (Array.isArray(example) && example.length >= 2) return [example[0], example[1], example[2]];
  }
  throw new TypeError(`${op}: needs batches { xs, ys } or [xs, ys], got ${example === null ? 'null' : typeof example}`);
}
