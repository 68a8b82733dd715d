// Training as Keras draws it: on a terminal a bar that is redrawn in place, elsewhere a line per epoch.
//
//     Epoch 1/40
//     157/157 [==============================] - 1s 1ms/step - loss: 1.5179 - accuracy: 0.5406

import type { Callback, Logs, Params } from './callback.js';

const WIDTH = 30;

// Drawing more often costs more than a small step itself.
const REDRAW_MS = 50;

/** Where the bar goes: a terminal's `write`, or the console where there is none. */
export interface Output {
  isTTY: boolean;
  write(text: string): void;
  line(text: string): void;
}

/** The terminal, where the runtime has one. */
export function standardOutput(): Output {
  const stdout = (globalThis as { process?: { stdout?: { isTTY?: boolean; write?(text: string): unknown } } }).process
    ?.stdout;
  return {
    isTTY: Boolean(stdout?.isTTY && stdout.write),
    write: (text) => {
      stdout?.write?.(text);
    },
    line: (text) => console.log(text),
  };
}

/** Four digits after the point; scientific where that would be 0. */
export const formatFigure = (value: number): string =>
  Math.abs(value) > 1e-3 || value === 0 || !Number.isFinite(value) ? value.toFixed(4) : value.toExponential(4);

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

export class ProgressBar implements Callback {
  private readonly output: Output;
  private params!: Params;
  private begun = 0;
  private drawn = 0;

  constructor(output: Output = standardOutput()) {
    this.output = output;
  }

  setParams(params: Params): void {
    this.params = params;
  }

  onEpochBegin(epoch: number): void {
    this.begun = performance.now();
    this.drawn = 0;
    if (this.bar) this.output.line(`Epoch ${epoch + 1}/${this.params.epochs}`);
  }

  onBatchEnd(batch: number, logs: Logs): void {
    if (!this.bar) return;
    const now = performance.now();
    if (now - this.drawn < REDRAW_MS) return;
    this.drawn = now;
    const done = batch + 1;
    const { steps } = this.params;
    const filled = Math.floor((WIDTH * done) / steps);
    const bar = `${'='.repeat(Math.max(0, filled - 1))}${filled > 0 ? '>' : ''}`.padEnd(WIDTH, '.');
    const left = (((now - this.begun) / done) * (steps - done)) / 1000;
    this.output.write(
      `\r${String(done).padStart(String(steps).length)}/${steps} [${bar}] - ETA: ${Math.round(left)}s${figures(logs)}`,
    );
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const { steps, epochs } = this.params;
    const ms = performance.now() - this.begun;
    const time = ` - ${Math.round(ms / 1000)}s ${perStep(ms / steps)}`;
    const line = `${steps}/${steps} [${'='.repeat(WIDTH)}]${time}${figures(logs)}`;
    // A bar that was longer leaves nothing behind: the rest of the line is cleared.
    if (this.bar) this.output.write(`\r${line}\u001b[K\n`);
    else this.output.line(`Epoch ${epoch + 1}/${epochs} - ${line}`);
  }

  /** Whether a bar is drawn; else every epoch gets one line. */
  private get bar(): boolean {
    return this.params.verbose === 1 && this.output.isTTY;
  }
}
