import { figure } from '../figures.js';
import { type Matrix, matrixOf } from './matrix.js';
import { curveLibraries } from './peers.js';
import { AXIS, element, escape, headline, INK, label, MUTED, type PictureOptions, picture, widthOf } from './svg.js';

/**
 * A confusion matrix: how many samples of each class, a row, were taken for each class, a column. The darker a cell, the
 * larger its share of the row.
 *
 * @param matrix - counts, classes × classes: what `math.confusionMatrix` gives, or nested arrays
 * @param labels - a name for each class; its number if absent
 * @param options.width - of the picture; as the cells need it if absent. The height follows
 * @returns an SVG document
 * @throws TypeError and RangeError for what is no square matrix of numbers, or other than one label per class; Error if
 *   d3-scale or d3-shape is not installed
 * @example
 * const counts = math.confusionMatrix(tensor1d([0, 1, 1], 'int32'), tensor1d([0, 1, 0], 'int32'), 2);
 * const svg = await plot.confusionMatrix(counts, ['cat', 'dog']);
 * svg.includes('predicted');  // true
 */
export async function confusionMatrix(
  matrix: Matrix,
  labels?: readonly string[],
  options: Omit<PictureOptions, 'height'> = {},
): Promise<string> {
  const { rows, names } = matrixOf(matrix, labels, 'plot.confusionMatrix');
  const { scaleLinear } = await curveLibraries();
  const n = rows.length;
  const longest = Math.max(...names.map((name) => widthOf(name)));
  const title = options.title ? 34 : 0;
  const left = 52 + longest;
  // Wide enough for the labels where there are few.
  const wanted = Math.max(26, Math.min(Math.max(64, longest + 16), 620 / n));
  const cell = options.width ? (options.width - left - 24) / n : wanted;
  const isTilted = longest > cell - 8;
  const top = 16 + title;
  const below = isTilted ? 20 + longest * Math.SQRT1_2 : 24;
  const width = Math.max(left + n * cell + 24, options.title ? widthOf(options.title, 16, true) + 40 : 0);
  const height = top + n * cell + below + 30;
  const color = scaleLinear<string>([0, 0.25, 1], ['#f7fafd', '#bcd8ef', '#0b4f8a']);

  const cells = rows.flatMap((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, j) => {
      const share = total > 0 ? count / total : 0;
      const [x, y] = [left + j * cell, top + i * cell];
      const fill = share > 0.55 ? '#ffffff' : count === 0 ? '#818b98' : INK;
      const hasShare = cell >= 46;
      const box = element(
        'rect',
        { x: x + 1, y: y + 1, width: cell - 2, height: cell - 2, rx: 3, fill: color(share) },
        element('title', {}, escape(`${names[i]} taken for ${names[j]}: ${figure(count)}, ${percent(share)}`)),
      );
      const middle = { 'text-anchor': 'middle', fill };
      const size = Math.max(9, Math.min(14, (cell - 6) / (0.58 * figure(count).length)));
      return [
        box,
        label(x + cell / 2, y + cell / 2 + (hasShare ? 1 : size * 0.36), figure(count), {
          ...middle,
          'font-size': size,
          'font-weight': i === j ? 600 : undefined,
        }),
        ...(hasShare
          ? [label(x + cell / 2, y + cell / 2 + 16, percent(share), { ...middle, 'font-size': 10.5, opacity: 0.85 })]
          : []),
      ];
    });
  });
  const edges = names.flatMap((name, i) => {
    const [x, y] = [left + (i + 0.5) * cell, top + n * cell + 16];
    return [
      label(left - 8, top + (i + 0.5) * cell + 4, name, { 'text-anchor': 'end' }),
      isTilted
        ? label(x + 4, y - 2, name, { 'text-anchor': 'end', transform: `rotate(-45 ${(x + 4).toFixed(1)} ${y - 2})` })
        : label(x, y, name, { 'text-anchor': 'middle' }),
    ];
  });
  const [middleX, middleY] = [left + (n * cell) / 2, top + (n * cell) / 2];
  const titles = [
    label(middleX, height - 12, 'predicted', { 'text-anchor': 'middle', fill: MUTED }),
    label(22, middleY, 'true', {
      'text-anchor': 'middle',
      fill: MUTED,
      transform: `rotate(-90 22 ${middleY.toFixed(1)})`,
    }),
    element('rect', { x: left, y: top, width: n * cell, height: n * cell, fill: 'none', stroke: AXIS, rx: 4 }),
  ];
  const heading = options.title ? [headline(options.title)] : [];
  return picture(width, height, options.title ?? 'confusion matrix', [...heading, ...cells, ...edges, ...titles]);
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
