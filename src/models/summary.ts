// The table of a model's layers.

import { BYTES } from '../dtype.js';
import { type Layer, type LayerShape, type OneOrMore, showLayerShape } from '../layers/layer.js';
import { sizeOf } from '../shape.js';

/** A layer and what goes through it. */
export interface SummaryRow {
  layer: Layer;
  inputShape: OneOrMore<LayerShape>;
  outputShape: OneOrMore<LayerShape>;
  /** The names of the layers that feed it, where they are not simply the ones before. */
  from?: readonly string[];
}

const shapesOf = (shape: OneOrMore<LayerShape>): LayerShape[] =>
  (Array.isArray(shape[0]) ? shape : [shape]) as LayerShape[];

/** 12,345 */
const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

/** Bytes in the largest unit that leaves them above one. */
function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  const [value, unit] = n < 2 ** 20 ? [n / 2 ** 10, 'KiB'] : [n / 2 ** 20, 'MiB'];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/** Bytes of a layer's output for one sample; open sizes count as 1. */
const outputBytes = ({ layer, outputShape }: SummaryRow): number =>
  shapesOf(outputShape).reduce((sum, shape) => sum + BYTES[layer.dtype] * sizeOf(shape.slice(1).map((n) => n ?? 1)), 0);

/** Cells side by side, each column as wide as its widest cell; the numbers of columns 2 to 4 stand at the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i >= 2 && i <= 4 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return rows.map(line);
}

/** Prints a line per layer, and the sums. What is used several times has its parameters counted once. */
export function printSummary(name: string, rows: readonly SummaryRow[], print: (line: string) => void): void {
  const layers = [...new Set(rows.map(({ layer }) => layer))];
  const isChain = rows.every(({ from }) => from === undefined);
  const head = ['Layer (type)', 'Output Shape', 'Param #', 'Multiply-adds', 'Output memory'];
  const work = rows.map(({ layer, inputShape, outputShape }) => layer.countMultiplyAdds(inputShape, outputShape));
  const cells = rows.map((row, i) => [
    `${row.layer.name} (${row.layer.getClassName()})`,
    shapesOf(row.outputShape).map(showLayerShape).join(', '),
    grouped(row.layer.countParams()),
    grouped(work[i]!),
    bytes(outputBytes(row)),
    ...(isChain ? [] : [(row.from ?? []).join(', ')]),
  ]);
  const [header, ...lines] = table([[...head, ...(isChain ? [] : ['Receives inputs'])], ...cells]) as [
    string,
    ...string[],
  ];
  const width = Math.max(header.length, ...lines.map(({ length }) => length));
  const total = layers.reduce((sum, layer) => sum + layer.countParams(), 0);
  const trainable = layers.reduce((sum, layer) => sum + layer.trainableWeights.reduce((n, w) => n + w.size, 0), 0);
  for (const line of [
    `Model: "${name}"`,
    '_'.repeat(width),
    header,
    '='.repeat(width),
    ...lines,
    '='.repeat(width),
    `Layers with weights: ${layers.filter((layer) => layer.countParams() > 0).length}`,
    `Total params: ${grouped(total)}`,
    `Trainable params: ${grouped(trainable)}`,
    `Non-trainable params: ${grouped(total - trainable)}`,
    `Multiply-adds of a sample: ${grouped(work.reduce((a, b) => a + b, 0))}`,
    `Outputs of a sample: ${bytes(rows.reduce((sum, row) => sum + outputBytes(row), 0))}`,
    '_'.repeat(width),
  ])
    print(line);
}
