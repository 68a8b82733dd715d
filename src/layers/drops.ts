import { checkBetween } from '../check.js';
import { dropout, PhiloxRandom } from '../random/index.js';
import type { Tensor } from '../tensor.js';

/** What attention drops of its weights in training: a share of them, by a stream of its own where a seed was given. */
export class Drops {
  private readonly rate: number;
  private readonly seed: number | undefined;
  private begun: PhiloxRandom | undefined;

  /** @throws TypeError and RangeError for a rate outside of [0, 1) */
  constructor(rate: number, seed: number | undefined, op: string) {
    checkBetween(rate, 0, 1, 'dropout', op);
    this.rate = rate;
    this.seed = seed;
  }

  /** The stream, where a seed was given. */
  get stream(): PhiloxRandom | undefined {
    if (this.seed !== undefined) this.begun ??= new PhiloxRandom({ seed: this.seed });
    return this.begun;
  }

  apply(weights: Tensor, training: boolean): Tensor {
    if (!training || this.rate === 0) return weights;
    return dropout(weights, this.rate, undefined, this.stream);
  }

  /** Frees the stream; another one begins anew. */
  dispose(): void {
    this.begun?.dispose();
    this.begun = undefined;
  }
}
