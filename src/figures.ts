// Numbers as pictures and tables show them: short. Imports types only.

import type { Shape } from './shape.js';

/** Four digits: 0.6667, 1.235e+7. */
export function figure(x: number): string {
  const text = Number(x.toPrecision(4));
  return Math.abs(text) >= 1e6 ? text.toExponential().replace('e+', 'e') : String(text + 0);
}

/** A number, a short list, or the shape and the range of what is longer: `[32, 10] -0.31 … 2.4`. */
export function figures(values: ArrayLike<number>, shape: Shape): string {
  if (values.length === 1) return figure(values[0]!);
  if (shape.length === 1 && values.length <= 4) return `[${Array.from(values, figure).join(', ')}]`;
  const size = `[${shape.join(', ')}]`;
  if (values.length === 0) return size;
  let [low, high] = [values[0]!, values[0]!];
  for (let i = 1; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return `${size} ${low === high ? figure(low) : `${figure(low)} … ${figure(high)}`}`;
}
