// Pictures of curves: activations, schedules, histories.

import type { History } from '../callbacks/history.js';
import { checkCount } from '../check.js';
import { type Activation, type ActivationName, activations, linspace, tidy, valueAndGrad } from '../core.js';
import { figure } from '../figures.js';
import type { LearningRateSchedule } from '../schedules/schedule.js';
import { type Curve, drawPanel, type Panel } from './panel.js';
import { COLORS, headline, type PictureOptions, picture } from './svg.js';

// Points of a smooth curve.
const POINTS = 401;

/** What {@link activation} takes. */
export interface ActivationPlotOptions extends PictureOptions {
  /** From where to where; [−4, 4] if absent. */
  domain?: readonly [number, number];
}

/** A picture of one panel. */
async function single(
  panel: Omit<Panel, 'left' | 'top' | 'width' | 'height'>,
  { width = 560, height = 340 }: PictureOptions,
): Promise<string> {
  const drawn = await drawPanel({ left: 16, top: 14, width: width - 24, height: height - 22, ...panel });
  return picture(width, height, panel.title, [drawn]);
}

/**
 * An activation and its derivative.
 *
 * @param activation - the name of an activation, or a function of a tensor that works on each element alone
 * @returns an SVG document
 * @throws RangeError for an unknown name or for softmax and its logarithm, which are no functions of one number; Error if
 *   d3-scale or d3-shape is not installed
 * @example
 * const svg = await plot.activation('relu');
 * svg.startsWith('<svg');  // true
 */
export async function activation(
  activation: ActivationName | Activation,
  { domain = [-4, 4], ...options }: ActivationPlotOptions = {},
): Promise<string> {
  const [from, to] = domain;
  if (!(from < to)) throw new RangeError(`plot.activation: domain must rise, got [${domain}]`);
  const f = typeof activation === 'function' ? activation : activations[activation];
  if (!f || !(typeof activation === 'function' || Object.hasOwn(activations, activation))) {
    throw new RangeError(`plot.activation: unknown activation '${activation}'`);
  }
  if (activation === 'softmax' || activation === 'logSoftmax') {
    throw new RangeError(`plot.activation: ${activation} is no function of one number`);
  }
  const name = typeof activation === 'function' ? activation.name || 'f' : activation;
  const { xs, values, slopes } = tidy(() => {
    const x = linspace(from, to, POINTS);
    const { value, grad } = valueAndGrad(f)(x);
    return { xs: x.dataSync(), values: value.dataSync(), slopes: grad.dataSync() };
  });
  const points = (ys: ArrayLike<number>) => Array.from(ys, (y, i) => [xs[i]!, y] as const);
  const curves: Curve[] = [
    { label: `${name}(x)`, points: points(values), color: COLORS[0] },
    { label: 'derivative', points: points(slopes), color: COLORS[1], isDashed: true },
  ];
  return single({ title: options.title ?? name, along: 'x', curves, hasOrigin: true }, options);
}

/**
 * The learning rates of a schedule, from step 0 up to, but not including, `steps`.
 *
 * @returns an SVG document
 * @throws TypeError for what is no schedule, RangeError unless steps is a count; Error if d3-scale or d3-shape is not
 *   installed
 * @example
 * const svg = await plot.schedule(schedules.oneCycle({ maxLearningRate: 0.1, totalSteps: 100 }), 100);
 * svg.includes('learning rate');  // true
 */
export async function schedule(
  schedule: LearningRateSchedule,
  steps: number,
  options: PictureOptions & { logarithmic?: boolean } = {},
): Promise<string> {
  if (typeof schedule?.at !== 'function' || typeof schedule.getConfig !== 'function') {
    throw new TypeError(`plot.schedule: needs a schedule, got ${typeof schedule}`);
  }
  checkCount(steps, 1, 'steps', 'plot.schedule');
  const count = Math.min(steps, 2000);
  const points = Array.from({ length: count }, (_, i) => {
    const step = count < 2 ? 0 : Math.round((i * (steps - 1)) / (count - 1));
    return [step, schedule.at(step)] as const;
  });
  const { name } = schedule.getConfig();
  return single(
    {
      title: options.title ?? (name ? `learning rate: ${name}` : 'learning rate'),
      along: 'step',
      curves: [{ label: 'learning rate', points, color: COLORS[0] }],
      isCounted: true,
      isLogarithmic: options.logarithmic ?? false,
    },
    options,
  );
}

/** Figures by name, one for each epoch: what `fit` returns, or its `history`, or any other lists of numbers. */
export type Figures = History | Readonly<Record<string, readonly number[]>>;

/** @internal The values of a figure, and the epochs, from 0, that they are of. */
export interface Series {
  epochs: readonly number[];
  values: readonly number[];
}

/** @internal A figure of every epoch, and that of validation where there is one. */
export interface Pair {
  name: string;
  training: Series;
  validation: Series | undefined;
}

/** @internal The figures of training, each with that of validation. */
export function pairsOf(figures: Figures, op: string): Pair[] {
  const lists = (figures as History)?.history ?? figures;
  if (typeof lists !== 'object' || lists === null || !Object.values(lists).every(Array.isArray)) {
    throw new TypeError(`${op}: needs what fit returns, or lists of numbers by name, got ${typeof figures}`);
  }
  const table = lists as Readonly<Record<string, readonly number[]>>;
  const names = Object.keys(table).filter((name) => !(name.startsWith('val_') && table[name.slice(4)]));
  if (names.length === 0) throw new RangeError(`${op}: there are no figures`);
  const { epoch, epochs } = figures as Partial<History>;
  const series = (name: string): Series => {
    const known = epochs?.[name] ?? (Array.isArray(epoch) ? epoch : []);
    return { values: table[name]!, epochs: table[name]!.map((_, i) => known[i] ?? i) };
  };
  return names.map((name) => {
    const validation = `val_${name}`;
    return { name, training: series(name), validation: table[validation] && series(validation) };
  });
}

/**
 * Learning curves: a panel for each figure that `fit` gave, with that of validation beside it.
 *
 * @param figures - what `fit` returned; or any lists of numbers by name
 * @param options.logarithmic - whether equal steps upwards are equal factors
 * @returns an SVG document
 * @throws TypeError for what is no history, RangeError for an empty one; Error if d3-scale or d3-shape is not installed
 * @example
 * const svg = await plot.history({ loss: [0.9, 0.5, 0.4], val_loss: [0.9, 0.7, 0.6] });
 * svg.includes('validation');  // true
 */
export async function history(
  figures: Figures,
  options: PictureOptions & { logarithmic?: boolean } = {},
): Promise<string> {
  const pairs = pairsOf(figures, 'plot.history');
  const columns = Math.min(2, pairs.length);
  const rows = Math.ceil(pairs.length / columns);
  const width = options.width ?? (columns === 1 ? 560 : 860);
  const title = options.title ? 30 : 0;
  const height = options.height ?? rows * 290 + 16 + title;
  const [w, h] = [(width - 24) / columns, (height - 16 - title) / rows];
  const panels = pairs.map(({ name, training, validation }, i) => {
    const points = ({ epochs, values }: Series) => values.map((value, i) => [epochs[i]! + 1, value] as const);
    const last = (text: string, { values }: Series) => `${text} ${figure(values.at(-1) ?? Number.NaN)}`;
    const curves: Curve[] = [{ label: last('training', training), points: points(training), color: COLORS[0] }];
    if (validation) {
      curves.push({
        label: last('validation', validation),
        points: points(validation),
        color: COLORS[1],
        isDashed: true,
      });
    }
    return drawPanel({
      left: 16 + (i % columns) * w,
      top: 12 + title + Math.floor(i / columns) * h,
      width: w - 8,
      height: h - 8,
      title: name,
      along: 'epoch',
      curves,
      isCounted: true,
      isLogarithmic: options.logarithmic ?? false,
    });
  });
  const drawn = await Promise.all(panels);
  const heading = options.title ? [headline(options.title)] : [];
  return picture(width, height, options.title ?? 'learning curves', [...heading, ...drawn]);
}
