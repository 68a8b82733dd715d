// What training asks of a model's outputs: for each a loss with its weight, and metrics. Ops find the figures of a
// batch, so that a recorded step has them; what they add up to over batches is kept here.

import { checkFinite } from '../check.js';
import { maskOf } from '../layers/masks.js';
import { readElement } from '../memory.js';
import { spread } from '../metrics/arguments.js';
import type { Metric } from '../metrics/metric.js';
import {
  accuracyFor,
  classesOf,
  type Loss,
  type LossSpec,
  lossOf,
  type MaskedLoss,
  type MetricSpec,
  metricOf,
} from '../metrics/names.js';
import { add, cast, divNoNan, mean, mul, sum } from '../ops/index.js';
import type { Tensor } from '../tensor.js';

/** One for the only output or for all, a list in the order of the outputs, or an object by their names. */
export type ByOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

export interface ObjectiveOptions {
  /**
   * A name, `{ name, ...options }`, or a function of yTrue and yPred that returns a loss or one per sample; for several
   * outputs one for all, a list, or an object by the outputs' names. An output without a loss (null) is not trained.
   */
  loss: ByOutput<LossSpec | null>;
  /** How much each output's loss counts in the sum, in their order or by their names; 1 if absent. */
  lossWeights?: ByOutput<number>;
  /**
   * One or more: names of losses or metrics, `{ name, ...options }`, functions such as a loss, or metrics made by hand;
   * 'accuracy', or 'acc', is the accuracy that fits the loss, and is called as it was asked for. They are added up over batches, without sample weights. For several
   * outputs they hold for all; a list of lists or an object by the outputs' names says which have which.
   */
  metrics?: MetricSpec | readonly (MetricSpec | readonly MetricSpec[])[] | Readonly<Record<string, MetricList>>;
  /** As metrics, but samples count by their weights. */
  weightedMetrics?: ObjectiveOptions['metrics'];
}

type MetricList = MetricSpec | readonly MetricSpec[];

interface Watched {
  metric: Metric;
  /** What stands before its name where there are several outputs. */
  output: string;
  /** Whether samples count by their weights. */
  isWeighted: boolean;
}

interface Objective {
  /** The output's. */
  name: string;
  loss: MaskedLoss | undefined;
  weight: number;
  /** Where targets are class numbers, which can be checked before the first step. */
  classes: { ignoreClass: number | null } | undefined;
  metrics: readonly Watched[];
}

/** The figures of a batch: the loss that is made small, that of each output where there are several, and what metrics add up. */
export interface Figures {
  loss: Tensor;
  losses: Tensor[];
  shares: Tensor[][];
}

const isObject = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x) && Object.getPrototypeOf(x) === Object.prototype;

/**
 * What each output is given, from a list in their order or an object by their names.
 * @throws RangeError for another count, or a name that no output has
 */
export function inOrder<T>(
  given: readonly T[] | Record<string, T>,
  outputs: readonly string[],
  what: string,
): (T | undefined)[] {
  if (Array.isArray(given)) {
    if (given.length !== outputs.length) {
      throw new RangeError(`${what} needs ${outputs.length} entries, for ${outputs.join(', ')}; got ${given.length}`);
    }
    return [...given];
  }
  const byName = given as Record<string, T>;
  for (const name of Object.keys(byName)) {
    if (!outputs.includes(name))
      throw new RangeError(`${what}: there is no output '${name}'; there are ${outputs.join(', ')}`);
  }
  return outputs.map((name) => (Object.hasOwn(byName, name) ? byName[name] : undefined));
}

/** The loss of each output. */
function lossesOf(loss: ObjectiveOptions['loss'], outputs: readonly string[]): (LossSpec | null | undefined)[] {
  if (loss === undefined || loss === null) throw new TypeError('compile: needs a loss');
  if (Array.isArray(loss)) return inOrder(loss as LossSpec[], outputs, 'compile: loss');
  if (isObject(loss) && typeof loss.name !== 'string')
    return inOrder(loss as Record<string, LossSpec>, outputs, 'compile: loss');
  return outputs.map(() => loss as LossSpec);
}

/** The metrics of each output. */
function metricsOf(given: ObjectiveOptions['metrics'], outputs: readonly string[], what: string): MetricSpec[][] {
  const listOf = (list: unknown): MetricSpec[] => (list === undefined ? [] : ([list].flat() as MetricSpec[]));
  if (Array.isArray(given) && given.some(Array.isArray)) return inOrder(given, outputs, `compile: ${what}`).map(listOf);
  if (isObject(given) && typeof given.name !== 'string') {
    return inOrder(given as Record<string, MetricList>, outputs, `compile: ${what}`).map(listOf);
  }
  return outputs.map(() => listOf(given));
}

export class Objectives {
  readonly outputs: readonly Objective[];
  readonly outputNames: readonly string[];
  /** The names of the figures: 'loss', then the outputs' losses where there are several, then the metrics. */
  readonly names: readonly string[];
  /** The losses of the latest batch, in the order of their names. */
  readonly latest: Float64Array;
  private readonly metrics: readonly Watched[];
  private readonly sums: Float64Array;
  private samples = 0;

  constructor({ loss, lossWeights, metrics, weightedMetrics }: ObjectiveOptions, outputs: readonly string[]) {
    this.outputNames = outputs;
    const isOne = outputs.length === 1;
    const losses = lossesOf(loss, outputs);
    const weights: (number | undefined)[] =
      lossWeights === undefined || typeof lossWeights === 'number'
        ? outputs.map(() => lossWeights)
        : inOrder(lossWeights as readonly number[], outputs, 'compile: lossWeights');
    const watchedBy = (specs: MetricSpec[][], isWeighted: boolean, i: number): Watched[] =>
      specs[i]!.map((spec) => {
        const isAccuracy = spec === 'accuracy' || spec === 'acc';
        const metric = isAccuracy ? accuracyFor(losses[i] ?? noLoss, spec) : metricOf(spec, 'compile');
        if (typeof metric.result() !== 'number') {
          throw new TypeError(`compile: needs metrics of one number, got a list from '${metric.name}'`);
        }
        return { metric, output: isOne ? '' : `${outputs[i]}_`, isWeighted };
      });
    const [plain, weighted] = [
      metricsOf(metrics, outputs, 'metrics'),
      metricsOf(weightedMetrics, outputs, 'weightedMetrics'),
    ];
    this.outputs = outputs.map((name, i) => {
      const weight = weights[i] ?? 1;
      checkFinite(weight, 'a loss weight', 'compile');
      return {
        name,
        loss: losses[i] == null ? undefined : lossOf(losses[i]!, 'compile'),
        weight,
        classes: losses[i] == null ? undefined : classesOf(losses[i]!),
        metrics: [...watchedBy(plain, false, i), ...watchedBy(weighted, true, i)],
      };
    });
    const trained = this.outputs.filter((output) => output.loss);
    if (trained.length === 0) throw new TypeError('compile: needs a loss');
    this.metrics = this.outputs.flatMap((output) => output.metrics);
    const seen = new Set(this.metrics.map(({ metric }) => metric));
    if (seen.size < this.metrics.length) {
      throw new RangeError('compile: a metric made by hand can watch one output; give metrics by the outputs’ names');
    }
    const lossNames = ['loss', ...(isOne ? [] : trained.map(({ name }) => `${name}_loss`))];
    this.names = namesOf(lossNames, this.metrics);
    this.latest = new Float64Array(lossNames.length);
    this.sums = new Float64Array(lossNames.length);
  }

  /**
   * The figures of a batch, in ops. The loss is the sum of the outputs' means over samples, each sample by its weight,
   * each output by its own, and of what regularizers add.
   *
   * @param onLoss - is called between the losses and the metrics
   */
  figures(
    ys: readonly Tensor[],
    predictions: readonly Tensor[],
    weights: readonly (Tensor | undefined)[],
    added: readonly Tensor[],
    onLoss: () => void = () => {},
  ): Figures {
    const losses: Tensor[] = [];
    const terms: Tensor[] = [];
    this.outputs.forEach(({ loss, weight }, i) => {
      if (!loss) return;
      const mask = maskOf(predictions[i]!);
      const term = meanOf(loss(ys[i]!, predictions[i]!, mask), weights[i], mask);
      losses.push(term);
      terms.push(weight === 1 ? term : mul(term, weight));
    });
    const loss = [...terms, ...added].reduce((sum, term) => add(sum, term));
    onLoss();
    const shares = this.outputs.flatMap(({ metrics }, i) => {
      const [y, p, weight] = [ys[i]!, predictions[i]!, weights[i]];
      const mask = metrics.length > 0 ? maskOf(p) : undefined;
      return metrics.map(({ metric, isWeighted }) => {
        const w = isWeighted ? weight : undefined;
        return metric.share(y, p, mask ? masked(w, mask) : w, !w);
      });
    });
    return { loss, losses: this.outputs.length === 1 ? [] : losses, shares };
  }

  /** Takes the figures of a batch of n samples into account. */
  take({ loss, losses, shares }: Figures, n: number): void {
    this.metrics.forEach(({ metric }, i) => {
      metric.add(shares[i]!);
    });
    this.latest[0] = readElement(loss.dtype, loss.storage.address);
    losses.forEach((each, i) => {
      this.latest[i + 1] = readElement(each.dtype, each.storage.address);
    });
    for (let i = 0; i < this.latest.length; i++) this.sums[i]! += this.latest[i]! * n;
    this.samples += n;
  }

  /** Forgets all batches. */
  reset(): void {
    this.sums.fill(0);
    this.samples = 0;
    for (const { metric } of this.metrics) metric.reset();
  }

  /** The figures of the batches since `reset`: losses are means over samples. */
  results(): Record<string, number> {
    const losses = Array.from(this.sums, (sum) => sum / this.samples);
    const metrics = this.metrics.map(({ metric }) => metric.result() as number);
    return Object.fromEntries([...losses, ...metrics].map((value, i) => [this.names[i]!, value]));
  }

  /** The latest batch's losses, and what the metrics have come to. */
  latestFigures(): number[] {
    return [...this.latest, ...this.metrics.map(({ metric }) => metric.result() as number)];
  }

  /** Sets what is known of batches aside; the function that is returned brings it back. */
  setAside(): () => void {
    const [sums, samples] = [this.sums.slice(), this.samples];
    const back = this.metrics.map(({ metric }) => metric.setAside());
    this.reset();
    return () => {
      this.sums.set(sums);
      this.samples = samples;
      for (const restore of back) restore();
    };
  }
}

/** The figures' names, each another: a weighted metric of a name that is taken is called so, as in Keras, others are counted. */
function namesOf(losses: readonly string[], metrics: readonly Watched[]): string[] {
  const names = [...losses];
  for (const { metric, output, isWeighted } of metrics) {
    let name = `${output}${metric.name}`;
    if (isWeighted && names.includes(name)) name = `${output}weighted_${metric.name}`;
    const first = name;
    for (let i = 1; names.includes(name); i++) name = `${first}_${i}`;
    names.push(name);
  }
  return names;
}

const noLoss: Loss = (_yTrue, yPred) => yPred;

/** The mean of losses, each by its sample's weight; of steps, only those that count. */
function meanOf(each: Tensor, weight: Tensor | undefined, mask: Tensor | undefined): Tensor {
  if (weight) {
    if (each.rank === 0) throw new RangeError('sampleWeight: needs a loss for each sample, got one for the batch');
    each = mul(each, spread(weight, each, 'loss'));
  }
  // A loss of whole samples is of no steps.
  if (!mask || mask.rank > each.rank) return mean(each);
  const counts = spread(cast(mask, each.dtype), each, 'loss');
  return divNoNan(sum(mul(each, counts)), sum(counts));
}

/** Weights that are 0 where a step does not count. */
function masked(weight: Tensor | undefined, mask: Tensor): Tensor {
  const counts = cast(mask, weight?.dtype ?? 'float32');
  if (!weight) return counts;
  return weight.rank < counts.rank
    ? mul(spread(weight, counts, 'metrics'), counts)
    : mul(weight, spread(counts, weight, 'metrics'));
}
