// What changes from step to step, as numbers in memory, so that a recorded step stays right: assembly/step.ts reads them.

import { BYTES, type FloatType } from '../dtype.js';
import { writeElement } from '../memory.js';
import { slice } from '../ops/index.js';
import { fromData, type Tensor } from '../tensor.js';

/** The number of the cell that holds the learning rate. */
export const RATE = 0;
/** Of that which holds what decay leaves of a weight: weights are multiplied by it before anything else. */
export const KEPT = 4;
/** Of the first that is the optimizer's own. */
export const OWN = 5;

/** Cell i as a tensor of one element. */
export const numberAt = (numbers: Tensor, i: number): Tensor => slice(numbers, [i], [1]);

/** The cells of variables of one dtype whose weights decay alike. */
export class Cells {
  readonly dtype: FloatType;
  /** How fast weights decay. */
  readonly decay: number;
  readonly numbers: Tensor;
  readonly address: number;

  /** @param own - how many are the optimizer's own */
  constructor(dtype: FloatType, decay: number, own: number) {
    this.dtype = dtype;
    this.decay = decay;
    this.numbers = fromData(new Float64Array(OWN + own), [OWN + own], dtype);
    this.address = this.numbers.storage.address;
  }

  /** Allocates nothing: replays come here. */
  write(rate: number, isDue: boolean, averageMomentum: number, replaces: boolean, own: Float64Array): void {
    const { dtype, decay } = this;
    const rounded = dtype === 'float32' ? Math.fround(rate) : rate;
    this.set(RATE, rate);
    this.set(1, isDue ? 1 : 0);
    this.set(2, averageMomentum);
    this.set(3, replaces ? 1 : 0);
    this.set(KEPT, 1 - rounded * decay);
    for (let i = 0; i < own.length; i++) this.set(OWN + i, own[i]!);
  }

  private set(i: number, value: number): void {
    writeElement(this.dtype, this.address + i * BYTES[this.dtype], value);
  }
}
