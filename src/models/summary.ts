// The table of a model's layers.

import { type Layer, type LayerShape, showLayerShape } from '../layers/layer.js';

const WIDTHS = [33, 26, 10];

const row = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => (cell.length >= WIDTHS[i]! ? `${cell.slice(0, WIDTHS[i]! - 1)} ` : cell.padEnd(WIDTHS[i]!)))
    .join('')
    .trimEnd();

const WIDTH = WIDTHS.reduce((a, b) => a + b);

/** A line per layer with its output's shape and its parameters, and the sums. */
export function summaryLines(name: string, layers: readonly { layer: Layer; outputShape: LayerShape }[]): string[] {
  const total = layers.reduce((sum, { layer }) => sum + layer.countParams(), 0);
  const trainable = layers.reduce((sum, { layer }) => sum + layer.trainableWeights.reduce((n, w) => n + w.size, 0), 0);
  return [
    `Model: "${name}"`,
    '_'.repeat(WIDTH),
    row(['Layer (type)', 'Output Shape', 'Param #']),
    '='.repeat(WIDTH),
    ...layers.map(({ layer, outputShape }) =>
      row([`${layer.name} (${layer.getClassName()})`, showLayerShape(outputShape), `${layer.countParams()}`]),
    ),
    '='.repeat(WIDTH),
    `Total params: ${total}`,
    `Trainable params: ${trainable}`,
    `Non-trainable params: ${total - trainable}`,
    '_'.repeat(WIDTH),
  ];
}
