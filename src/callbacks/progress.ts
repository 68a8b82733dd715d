// Training as Keras draws it: on a terminal a bar that is redrawn in place, elsewhere a line per epoch.
//
//     Epoch 1/40
//     157/157 [==============================] - 1s 1ms/step - loss: 1.5179 - accuracy: 0.5406

import type { Callback, Logs, Params } from './callback.js';

const WIDTH = 30;

// Drawing more often costs more than a small step itself.
const REDRAW_MS = 50;

/** Clears the rest of the line: a text that was longer leaves nothing behind. */
const CLEAR = '\u001b[K';

/** Where the bar goes: a terminal's `write`, or the console where there is none. */
export interface Output {
  /** Whether what is written can be drawn over. */
  isTTY: boolean;
  /** How many characters fit beside each other, where that is known. */
  columns?: number | undefined;
  /** Takes text as it is. */
  write(text: string): void;
  /** Takes a line, without its end. */
  line(text: string): void;
}

/** The terminal, where the runtime has one. */
export function standardOutput(): Output {
  type Stdout = { isTTY?: boolean; columns?: number; write?(text: string): unknown };
  const stdout = (globalThis as { process?: { stdout?: Stdout } }).process?.stdout;
  return {
    isTTY: Boolean(stdout?.isTTY && stdout.write),
    get columns() {
      return stdout?.columns;
    },
    write: (text) => {
      stdout?.write?.(text);
    },
    line: (text) => console.log(text),
  };
}

/** Four digits after the point, in scientific notation up to a thousandth: 0.1234, 9.8765e-04. */
export const formatFigure = (value: number): string =>
  Math.abs(value) > 1e-3 ? value.toFixed(4) : value.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2');

const figures = (logs: Logs): string =>
  Object.entries(logs)
    .map(([name, value]) => ` - ${name}: ${formatFigure(value)}`)
    .join('');

/** Time in the largest unit that leaves it above one: 3s, 12ms, 40us. */
function perStep(ms: number): string {
  if (ms >= 1000) return `${Math.round(ms / 1000)}s/step`;
  if (ms >= 1) return `${Math.round(ms)}ms/step`;
  return `${Math.round(ms * 1000)}us/step`;
}

/** Time that is left: 59s, 2:05, 1:00:00. */
function countdown(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds <= 60) return `${seconds}s`;
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (seconds <= 3600) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** The bar: [===>....], full without an arrow. */
function bar(done: number, steps: number): string {
  const filled = Math.floor((WIDTH * done) / steps);
  const head = filled === 0 ? '' : done < steps ? '>' : '=';
  return `[${('='.repeat(Math.max(0, filled - 1)) + head).padEnd(WIDTH, '.')}]`;
}

export class ProgressBar implements Callback {
  private readonly output: Output;
  private params!: Params;
  private begun = 0;
  private drawn = 0;
  /** Batches of this epoch so far. */
  private done = 0;
  /** Batches in an epoch; a dataset may not have told before its first epoch has ended. */
  private steps: number | null = null;

  constructor(output: Output = standardOutput()) {
    this.output = output;
  }

  setParams(params: Params): void {
    this.params = params;
    this.steps = params.steps;
  }

  onEpochBegin(epoch: number): void {
    this.begun = performance.now();
    this.done = 0;
    this.drawn = Number.NEGATIVE_INFINITY;
    if (this.redraws) this.output.line(`Epoch ${epoch + 1}/${this.params.epochs}`);
  }

  onBatchEnd(batch: number, logs: Logs): void {
    this.done = batch + 1;
    if (!this.redraws) return;
    const now = performance.now();
    if (now - this.drawn < REDRAW_MS) return;
    this.drawn = now;
    const { steps, done } = this;
    const perBatch = (now - this.begun) / done;
    if (steps === null) {
      this.draw(`${done}/? - ${Math.round((now - this.begun) / 1000)}s ${perStep(perBatch)}${figures(logs)}`);
      return;
    }
    const count = String(done).padStart(String(steps).length);
    this.draw(`${count}/${steps} ${bar(done, steps)} - ETA: ${countdown(perBatch * (steps - done))}${figures(logs)}`);
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    this.steps ??= this.done;
    const { steps } = this;
    const ms = performance.now() - this.begun;
    const rest = `- ${Math.round(ms / 1000)}s ${perStep(ms / steps)}${figures(logs)}`;
    if (this.redraws) this.output.write(`\r${steps}/${steps} ${bar(steps, steps)} ${rest}${CLEAR}\n`);
    else this.output.line(`Epoch ${epoch + 1}/${this.params.epochs} - ${steps}/${steps} ${rest}`);
  }

  /** Draws over what stands in the line. A line that wraps could not be drawn over: figures that do not fit are left out. */
  private draw(text: string): void {
    const room = (this.output.columns || Number.POSITIVE_INFINITY) - 1;
    const end = text.length > room ? text.lastIndexOf(' - ', room) : text.length;
    const fitting = text.slice(0, end > 0 ? end : room);
    this.output.write(`\r${fitting}${CLEAR}`);
  }

  /** Whether a bar is drawn; else every epoch gets one line. */
  private get redraws(): boolean {
    return this.params.verbose !== 2 && this.output.isTTY;
  }
}
