// One figure that a callback watches from epoch to epoch, and which way it gets better.

import { checkFinite } from '../check.js';
import type { Logs, Params } from './callback.js';

/** Which figure a callback watches. */
export interface MonitorOptions {
  /** The figure's name, as logs have it; 'val_loss' if absent. */
  monitor?: string;
  /** Whether less or more is better; 'auto' tells by the name: less, unless it is an accuracy or another score. */
  mode?: 'auto' | 'min' | 'max';
  /** By how much it must be better at least to count. */
  minDelta?: number;
}

/** Figures of which more is better. */
const SCORES =
  /acc|auc|precision|recall|specificity|sensitivity|f1|f_?beta|iou|r2|similarity|^(val_)?(cosine$|true(Positives|Negatives))/i;

export class Monitor {
  readonly name: string;
  private readonly op: string;
  private readonly sign: 1 | -1;
  private readonly minDelta: number;

  /**
   * @param op - what an error calls the callback
   * @throws RangeError for an unknown mode, TypeError for a name that is none
   */
  constructor({ monitor = 'val_loss', mode = 'auto', minDelta = 0 }: MonitorOptions, op: string) {
    if (typeof monitor !== 'string') {
      throw new TypeError(
        `${op}: monitor must be the name of a figure, got ${monitor === null ? 'null' : typeof monitor}`,
      );
    }
    if (!['auto', 'min', 'max'].includes(mode))
      throw new RangeError(`${op}: mode must be auto, min or max, got ${mode}`);
    checkFinite(minDelta, 'minDelta', op);
    this.name = monitor;
    this.op = op;
    this.sign = mode === 'max' || (mode === 'auto' && SCORES.test(monitor)) ? 1 : -1;
    this.minDelta = Math.abs(minDelta);
  }

  /**
   * The figure of an epoch; undefined in one without validation, where not every epoch has it.
   * @throws RangeError if there is no such figure
   */
  read(logs: Logs, { metrics }: Params): number | undefined {
    const value = logs[this.name];
    if (value === undefined && !metrics?.includes(this.name)) {
      throw new RangeError(`${this.op}: monitor must be one of ${Object.keys(logs).join(', ')}, got '${this.name}'`);
    }
    return value;
  }

  /** Whether a value is better than another, which may not be there yet; NaN never is. */
  isBetter(value: number, than: number | undefined): boolean {
    if (than === undefined) return !Number.isNaN(value);
    return this.sign * (value - than) > this.minDelta;
  }
}
