import { fileSystem } from '../files.js';
import { Callback, type Logs } from './callback.js';

/** Takes pieces of text, such as a stream of Node. */
export type TextWriter = ((text: string) => unknown) | { write(text: string): unknown };

/** How `csvLogger` writes. */
export interface CSVLoggerOptions {
  /** Between the values of a line; ',' if absent. */
  separator?: string;
  /** Whether lines are added to a file that is there, which is begun anew otherwise. */
  append?: boolean;
}

/** Writes the figures of every epoch as a line of comma-separated values; see {@link csvLogger}. */
export class CSVLogger extends Callback {
  private readonly target: string | TextWriter;
  private readonly separator: string;
  private readonly append: boolean;
  private names: string[] | undefined;
  /** Whether the file has lines already. */
  private goesOn = false;

  constructor(target: string | TextWriter, { separator = ',', append = false }: CSVLoggerOptions = {}) {
    super();
    const writes = typeof target === 'function' || typeof (target as { write?: unknown } | null)?.write === 'function';
    if (typeof target !== 'string' && !writes) {
      throw new TypeError(`csvLogger: needs a path or a writer, got ${target === null ? 'null' : typeof target}`);
    }
    this.target = target;
    this.separator = separator;
    this.append = append;
  }

  override async onTrainBegin(): Promise<void> {
    this.names = undefined;
    this.goesOn = false;
    if (typeof this.target !== 'string') return;
    const { promises: files } = await fileSystem('csvLogger');
    if (this.append) this.goesOn = ((await files.stat(this.target).catch(() => undefined))?.size ?? 0) > 0;
    else await files.writeFile(this.target, '');
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const lines: string[] = [];
    if (!this.names) {
      this.names = [...new Set([...Object.keys(logs), ...(this.params.metrics ?? [])])];
      if (!this.goesOn) lines.push(this.line(['epoch', ...this.names]));
    }
    // An epoch without validation has no figures of one.
    lines.push(this.line([epoch, ...this.names.map((name) => logs[name] ?? 'NA')]));
    await this.write(lines.join(''));
  }

  private line(values: readonly (string | number)[]): string {
    return `${values.join(this.separator)}\n`;
  }

  private async write(text: string): Promise<void> {
    const { target } = this;
    if (typeof target === 'string') await (await fileSystem('csvLogger')).promises.appendFile(target, text);
    else if (typeof target === 'function') await target(text);
    else target.write(text);
  }
}

/**
 * Writes the figures of every epoch as a line of comma-separated values, as Keras's CSVLogger: the epoch, counted from 0,
 * and the figures by the names in the first line; NA for one that an epoch does not have. A line is in the file when its
 * epoch has ended.
 *
 * @param target - a file's path, in Node, Deno and Bun; or a function or a stream that takes the text
 * @throws TypeError for another target; the file system's error (in training) for a file that cannot be written
 * @see https://keras.io/api/callbacks/csv_logger/
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });
 * const lines = [];
 * const log = callbacks.csvLogger((text) => lines.push(text));
 * await model.fit(tensor2d([[1]]), tensor2d([[2]]), { epochs: 2, callbacks: log, verbose: 0 });
 * lines.join('');  // 'epoch,loss\n0,4\n1,4\n'
 */
export const csvLogger = (target: string | TextWriter, options?: CSVLoggerOptions): CSVLogger =>
  new CSVLogger(target, options);
