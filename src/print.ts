// Tensors as text, in the form TensorFlow.js prints them.

import type { DataType } from './dtype.js';
import { type Shape, sizeOf } from './shape.js';

// Longer axes are cut to their ends.
const LIMIT = 20;
const ENDS = 3;
const DIGITS = 7;

const formatValue = (value: number, dtype: DataType): string =>
  dtype === 'bool' ? (value === 0 ? 'false' : 'true') : Number.parseFloat(value.toFixed(DIGITS)).toString();

/** The positions along an axis that are shown; −1 stands for the gap. */
function shown(n: number): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  return n > LIMIT ? [...all.slice(0, ENDS), -1, ...all.slice(-ENDS)] : all;
}

/** The widest text in each column, so that columns line up. */
function columnWidths(values: ArrayLike<number>, columns: number, dtype: DataType): number[] {
  const widths = new Array<number>(columns).fill(0);
  for (let i = 0; i < values.length; i++) {
    const c = i % columns;
    widths[c] = Math.max(widths[c]!, formatValue(values[i]!, dtype).length);
  }
  return widths;
}

function lines(
  values: ArrayLike<number>,
  offset: number,
  shape: Shape,
  widths: number[],
  dtype: DataType,
  isLast = true,
): string[] {
  const [n, ...rest] = shape;
  if (n === undefined) return [formatValue(values[offset]!, dtype)];
  if (rest.length === 0) {
    const cells = shown(n).map((i) => (i < 0 ? '...' : formatValue(values[offset + i]!, dtype).padEnd(widths[i]!)));
    return [`[${cells.join(', ')}]`];
  }
  const step = sizeOf(rest);
  const inner = shown(n).flatMap((i) =>
    i < 0 ? ['...'] : lines(values, offset + i * step, rest, widths, dtype, i === n - 1),
  );
  const separator = rest.length === 1 ? ',' : '';
  const end = isLast ? '' : `,\n${'\n'.repeat(rest.length - 1)}`;
  if (inner.length === 0) return [`[]${end}`];
  return inner.map((line, i) =>
    i === inner.length - 1 ? `${i ? ' ' : '['}${line}]${end}` : `${i ? ' ' : '['}${line}${separator}`,
  );
}

/** The elements in brackets under the word Tensor; `verbose` adds dtype, rank and shape. */
export function formatTensor(values: ArrayLike<number>, shape: Shape, dtype: DataType, verbose: boolean): string {
  const widths = columnWidths(values, shape.at(-1) ?? 1, dtype);
  const head = verbose ? [`  dtype: ${dtype}`, `  rank: ${shape.length}`, `  shape: [${shape}]`, '  values:'] : [];
  const body = lines(values, 0, shape, widths, dtype).map((line) => `    ${line}`);
  return ['Tensor', ...head, body.join('\n')].join('\n');
}
