// The same for a terminal: curves and tables of characters.

import { checkCount } from '../check.js';
import { figure } from '../figures.js';
import { type Figures, pairsOf, type Series } from './curves.js';
import { type Matrix, matrixOf } from './matrix.js';

const [TRAINING, VALIDATION, BOTH] = ['●', '○', '◉'];

/**
 * Learning curves of characters: ● training, ○ validation, ◉ where both are.
 *
 * @param figures - what `fit` returned; or any lists of numbers by name
 * @param options - how many characters each chart is wide and high: 60 and 10 if absent
 * @throws TypeError for what is no history, RangeError for an empty one, or unless width is 10 or more and height 3
 * @example
 * const text = plot.historyText({ loss: [4, 2, 1] }, { width: 12, height: 3 });
 * text.split('\n').length;  // 6
 */
export function historyText(
  figures: Figures,
  { width = 60, height = 10 }: { width?: number; height?: number } = {},
): string {
  checkCount(width, 10, 'width', 'plot.historyText');
  checkCount(height, 3, 'height', 'plot.historyText');
  return pairsOf(figures, 'plot.historyText')
    .map(({ name, training, validation }) => {
      const finite = [...training.values, ...(validation?.values ?? [])].filter(Number.isFinite);
      const last = ({ values }: Series) => figure(values.at(-1) ?? Number.NaN);
      const legend = validation
        ? `  ${TRAINING} training ${last(training)}  ${VALIDATION} validation ${last(validation)}`
        : `  ${last(training)}`;
      if (finite.length === 0) return `${name}${legend}`;
      const [low, high] = [Math.min(...finite), Math.max(...finite)];
      const cells = Array.from({ length: height }, () => new Array<string>(width).fill(' '));
      const [from, to] = [training.epochs[0]!, training.epochs.at(-1)!];
      const draw = (series: Series, mark: string) => {
        for (let x = 0; x < width; x++) {
          const value = valueAt(series, from, to - from, x / (width - 1), 0.5 / (width - 1));
          if (!Number.isFinite(value)) continue;
          const y = Math.round(((high - value) / (high - low || 1)) * (height - 1));
          cells[y]![x] = cells[y]![x] === ' ' ? mark : BOTH!;
        }
      };
      draw(training, TRAINING!);
      if (validation) draw(validation, VALIDATION!);
      const [above, below] = [figure(high), figure(low)];
      const margin = Math.max(above.length, below.length);
      const lines = cells.map((row, i) => {
        const tick = i === 0 ? above : i === height - 1 ? below : '';
        return `${tick.padStart(margin)} ${tick ? '┤' : '│'}${row.join('')}`.trimEnd();
      });
      const epochs = String(training.values.length);
      return [
        `${name}${legend}`,
        ...lines,
        `${' '.repeat(margin + 1)}└${'─'.repeat(width)}`,
        `${' '.repeat(margin + 2)}1${'epoch'.padStart((width + 3) >> 1)}${epochs.padStart(width - 1 - ((width + 3) >> 1))}`,
      ].join('\n');
    })
    .join('\n\n');
}

/**
 * The value at a share of the way from the first epoch over the next ones, in a line between neighbours; none before the
 * first value and behind the last, unless these are as near as `near`.
 */
function valueAt({ epochs, values }: Series, from: number, span: number, share: number, near: number): number {
  const at = share * span;
  const place = (i: number) => epochs[i]! - from;
  const next = epochs.findIndex((_, i) => place(i) > at);
  const i = (next < 0 ? epochs.length : next) - 1;
  if (place(i) === at) return values[i]!;
  const end = i < 0 ? 0 : next < 0 ? i : undefined;
  if (end !== undefined) return Math.abs(place(end) - at) <= near * span ? values[end]! : Number.NaN;
  return values[i]! + ((at - place(i)) / (place(next) - place(i))) * (values[next]! - values[i]!);
}

/**
 * A confusion matrix as a table: true classes down, predicted ones across, and the share that is right.
 *
 * @param matrix - counts, classes × classes: what `math.confusionMatrix` gives, or nested arrays
 * @param labels - a name for each class; its number if absent
 * @throws as {@link confusionMatrix}
 * @example
 * const text = plot.confusionMatrixText([[8, 2], [1, 9]], ['cat', 'dog']);
 * text.split('\n')[2];  // 'cat     8    2   80 %'
 */
export function confusionMatrixText(matrix: Matrix, labels?: readonly string[]): string {
  const { rows, names } = matrixOf(matrix, labels, 'plot.confusionMatrixText');
  const share = (right: number, all: number) => (all > 0 ? `${Math.round((100 * right) / all)} %` : '');
  const columns = names.map((name, j) => Math.max(name.length, ...rows.map((row) => figure(row[j]!).length)));
  const first = Math.max(4, ...names.map((name) => name.length));
  const cellsOf = (cells: readonly string[]) => cells.map((text, j) => text.padStart(columns[j]! + 2)).join('');
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const right = sum(rows.map((row, i) => row[i]!));
  return [
    `${' '.repeat(first + 2)}predicted`,
    `${'true'.padEnd(first)}${cellsOf(names)}  right`,
    ...rows.map((row, i) => {
      const cells = cellsOf(row.map(figure));
      return `${names[i]!.padEnd(first)}${cells}${share(row[i]!, sum(row)).padStart(7)}`;
    }),
    `${' '.repeat(first)}${cellsOf(names.map(() => ''))}${share(right, sum(rows.flat())).padStart(7)}`,
  ].join('\n');
}
