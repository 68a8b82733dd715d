// What layers share that learn from data before training.

import { Tensor } from '../tensor.js';

/** Tensors one by one, from where they are, or as they come: a dataset. */
export type Batches = Tensor | Iterable<Tensor> | AsyncIterable<Tensor>;

/** Gives each tensor to `take`, then calls `finish`: at once, or in a promise where they come by and by. */
export function takeEach(data: Batches, take: (x: Tensor) => void, finish: () => void): void | Promise<void> {
  if (!(data instanceof Tensor) && Symbol.asyncIterator in data) return takeLater(data, take, finish);
  for (const x of data instanceof Tensor ? [data] : data) take(x);
  finish();
}

/** What a dataset gives is its consumer's to dispose of. */
async function takeLater(data: AsyncIterable<Tensor>, take: (x: Tensor) => void, finish: () => void): Promise<void> {
  for await (const x of data) {
    try {
      take(x);
    } finally {
      x.dispose();
    }
  }
  finish();
}
