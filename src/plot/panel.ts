// Curves in a frame: axes, ticks, a grid and what the colours mean.

import { figure } from '../figures.js';
import { curveLibraries } from './peers.js';
import { AXIS, element, GRID, label, MUTED, widthOf } from './svg.js';

/** @internal */
export interface Curve {
  label: string;
  points: readonly (readonly [x: number, y: number])[];
  color: string;
  isDashed?: boolean;
}

/** @internal */
export interface Panel {
  left: number;
  top: number;
  width: number;
  height: number;
  title: string;
  /** What is along the horizontal axis. */
  along: string;
  curves: readonly Curve[];
  /** Whether equal steps upwards are equal factors. */
  isLogarithmic?: boolean;
  /** Whether only whole numbers are marked along the horizontal axis. */
  isCounted?: boolean;
  /** Whether the axes through 0 are drawn. */
  hasOrigin?: boolean;
}

// More points than this are a curve, fewer are marked one by one.
const MARKED = 24;

/** The least and the greatest of numbers, apart from each other. */
function range(numbers: readonly number[]): [number, number] {
  if (numbers.length === 0) return [0, 1];
  let [low, high] = [Infinity, -Infinity];
  for (const x of numbers) [low, high] = [Math.min(low, x), Math.max(high, x)];
  if (low < high) return [low, high];
  const room = Math.abs(low) / 2 || 1;
  return [low - room, high + room];
}

/** @internal The panel as SVG. */
export async function drawPanel(panel: Panel): Promise<string> {
  const { scaleLinear, scaleLog, line } = await curveLibraries();
  const { curves, isLogarithmic = false } = panel;
  const isShown = (y: number) => Number.isFinite(y) && (!isLogarithmic || y > 0);
  const shown = curves.flatMap(({ points }) => points.filter(([, y]) => isShown(y)));

  const legend = curves.length > 1 ? 22 : 0;
  const top = panel.top + 30 + legend;
  const bottom = panel.top + panel.height - 44;
  const values = range(shown.map(([, y]) => y));
  const y = isLogarithmic
    ? scaleLog(shown.length ? (values[0] > 0 ? values : [values[1] / 10, values[1]]) : [1, 10], [bottom, top]).nice()
    : scaleLinear(values, [bottom, top]).nice(5);
  const rows = isLogarithmic ? powers(y.ticks()) : y.ticks(5);
  const left = panel.left + 14 + Math.max(...rows.map((tick) => widthOf(figure(tick))));
  const right = panel.left + panel.width - 18;
  const x = scaleLinear(range(shown.map(([x]) => x)), [left, right]);
  const columns = x.ticks(Math.max(2, Math.min(8, panel.width / 70)));

  const grid = rows.flatMap((tick) => [
    element('line', { x1: left, x2: right, y1: y(tick), y2: y(tick), stroke: GRID }),
    label(left - 8, y(tick) + 4, figure(tick), { 'text-anchor': 'end', fill: MUTED }),
  ]);
  const marks = columns
    .filter((tick) => !panel.isCounted || Number.isInteger(tick))
    .flatMap((tick) => [
      element('line', { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 5, stroke: AXIS }),
      label(x(tick), bottom + 19, figure(tick), { 'text-anchor': 'middle', fill: MUTED }),
    ]);
  const axes = [element('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: AXIS })];
  if (panel.hasOrigin) {
    const [[x1, x2], [y1, y2]] = [x.domain() as [number, number], y.domain() as [number, number]];
    if (y1 < 0 && y2 > 0) axes.push(element('line', { x1: left, x2: right, y1: y(0), y2: y(0), stroke: AXIS }));
    if (x1 < 0 && x2 > 0) axes.push(element('line', { x1: x(0), x2: x(0), y1: top, y2: bottom, stroke: AXIS }));
  }

  const path = line<readonly [number, number]>()
    .defined(([, value]) => isShown(value))
    .x(([at]) => x(at))
    .y(([, value]) => y(value));
  const drawn = curves.flatMap(({ points, color, isDashed }) => {
    const stroke = { stroke: color, 'stroke-width': 2, 'stroke-dasharray': isDashed ? '6 4' : undefined };
    const dots = points
      .filter(([, value]) => isShown(value) && points.length <= MARKED)
      .map(([at, value]) =>
        element('circle', { cx: x(at), cy: y(value), r: 3, stroke: color, fill: isDashed ? '#ffffff' : color }),
      );
    const d = path(points as [number, number][]) ?? '';
    return [
      element('path', { d, fill: 'none', 'stroke-linejoin': 'round', 'stroke-linecap': 'round', ...stroke }),
      ...dots,
    ];
  });

  let at = left;
  const keys =
    curves.length < 2
      ? []
      : curves.flatMap(({ label: text, color, isDashed }) => {
          const from = at;
          at += 26 + widthOf(text) + 18;
          const y = panel.top + 33;
          return [
            element('line', {
              x1: from,
              x2: from + 20,
              y1: y,
              y2: y,
              stroke: color,
              'stroke-width': 2,
              'stroke-dasharray': isDashed ? '6 4' : undefined,
            }),
            label(from + 26, y + 4, text),
          ];
        });

  return element(
    'g',
    {},
    `\n${[
      label(left, panel.top + 14, panel.title, { 'font-size': 14, 'font-weight': 600 }),
      ...keys,
      ...grid,
      ...axes,
      ...marks,
      label((left + right) / 2, panel.top + panel.height - 8, panel.along, { 'text-anchor': 'middle', fill: MUTED }),
      ...drawn,
    ].join('\n')}\n`,
  );
}

/**
 * Of a logarithmic scale's ticks those that have room: the powers of ten, or every so many of them; twice and five times
 * them too where there are only two or fewer.
 */
function powers(ticks: readonly number[]): readonly number[] {
  // Rounded: such a tick may be 9.999999999999999e-27.
  const begins = (tick: number, ...digits: string[]) => digits.includes(tick.toExponential(0).split('e')[0]!);
  const tens = ticks.filter((tick) => begins(tick, '1'));
  const every = Math.ceil(tens.length / 6);
  return tens.length < 3 ? ticks.filter((tick) => begins(tick, '1', '2', '5')) : tens.filter((_, i) => i % every === 0);
}
