// L-BFGS for full-batch work: it calls the loss as often as its line search needs, so it has a minimize of its own and
// is no Optimizer for fit. It reads numbers at every turn and cannot be recorded.

import { variableGrads } from '../autodiff.js';
import { checkCount, checkFinite } from '../check.js';
import { abs, add, max, mul, neg, sub, sum } from '../ops/index.js';
import { dispose, keep, tidy } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import { fromData, type Tensor } from '../tensor.js';
import { livingVariables, type Variable } from '../variable.js';
import type { NamedTensor } from './state.js';

/** How long {@link LBFGS} goes on, and with what. */
export interface LBFGSOptions {
  /** Turns at most; 100 if absent. */
  maxIterations?: number;
  /** It ends where no element of the gradient is greater than this; 1e-5 if absent. */
  tolerance?: number;
  /** Steps of the past that shape the next; 10 if absent. */
  historySize?: number;
  /** Which variables; absent: every trainable one that the loss reads. */
  varList?: readonly Variable[];
}

/** How a minimization ended. */
export interface LBFGSResult {
  /** The loss at the end. */
  value: number;
  /** Turns that were taken. */
  iterations: number;
  /** How often the loss was computed. */
  evaluations: number;
  /** Whether the gradient is within the tolerance; else turns ran out, or no step made the loss smaller. */
  converged: boolean;
}

/** One tensor per variable. */
type Point = readonly Tensor[];

/** A step s, what it changed in the gradient y, and 1 / s·y. */
interface Pair {
  s: Point;
  y: Point;
  rho: number;
}

/** The loss along a line: where, its value, its slope. */
interface Trial {
  alpha: number;
  value: number;
  slope: number;
}

// Of the strong Wolfe conditions: the share of the first slope by which the loss must fall, and to which the slope must.
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MOST_TRIALS = 25;

const read = (x: Tensor): number => x.dataSync()[0]!;
const dot = (a: Point, b: Point): number => tidy(() => a.reduce((total, x, i) => total + read(sum(mul(x, b[i]!))), 0));
const greatest = (a: Point): number => tidy(() => a.reduce((most, x) => Math.max(most, read(max(abs(x)))), 0));
const keepAll = (f: () => Point): Point => tidy(() => f().map((x) => keep(x)));

/** The least of the cubic through two trials, well between them. */
function between(a: Trial, b: Trial): number {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.alpha - b.alpha);
  const d2 = (b.alpha > a.alpha ? 1 : -1) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  const best = b.alpha - ((b.alpha - a.alpha) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
  const [low, high] = [Math.min(a.alpha, b.alpha), Math.max(a.alpha, b.alpha)];
  const margin = 0.1 * (high - low);
  return best > low + margin && best < high - margin ? best : (low + high) / 2;
}

/**
 * A step length that meets the strong Wolfe conditions, or at least makes the loss smaller; 0 if none was found
 * (Nocedal & Wright 2006, algorithms 3.5 and 3.6).
 */
function search(start: Trial, first: number, at: (alpha: number) => Trial): number {
  const isLow = ({ alpha, value }: Trial) => value <= start.value + DECREASE * alpha * start.slope;
  const isFlat = ({ slope }: Trial) => Math.abs(slope) <= -CURVATURE * start.slope;
  let low = start;
  let high: Trial | undefined;
  let alpha = first;
  for (let i = 0; i < MOST_TRIALS; i++) {
    const trial = at(alpha);
    if (!isLow(trial) || (low !== start && trial.value >= low.value)) high = trial;
    else {
      if (isFlat(trial)) return trial.alpha;
      // The slope says on which side of the trial the least value lies.
      if (high ? trial.slope * (high.alpha - low.alpha) >= 0 : trial.slope >= 0) high = low;
      low = trial;
    }
    alpha = high ? between(low, high) : 2 * alpha;
    if (alpha === low.alpha || alpha === high?.alpha) break;
  }
  return low.alpha;
}

/**
 * L-BFGS (Liu & Nocedal 1989) with a line search for the strong Wolfe conditions. Each turn goes along −H·g, where H comes of
 * the latest steps by the two-loop recursion. What it learnt of the loss stays for the next call of minimize.
 *
 * @throws TypeError for what is no number, RangeError for a tolerance below 0 and counts that are none
 * @example
 * const w = variable(tensor1d([2, -1]));
 * new LBFGS({ tolerance: 1e-6 }).minimize(() => w.sub([1, 3]).square().sum()).converged;  // true
 * w.print();  // [1, 3]
 * @see SciPy, scipy.optimize.minimize(method='L-BFGS-B'); PyTorch, torch.optim.LBFGS
 */
export class LBFGS {
  private readonly options: Required<Omit<LBFGSOptions, 'varList'>>;
  private history: Pair[] = [];
  private variables: readonly Variable[] = [];

  constructor(options: LBFGSOptions = {}) {
    const { maxIterations = 100, tolerance = 1e-5, historySize = 10 } = options;
    this.options = { maxIterations, tolerance, historySize };
    checkOptions(this.options);
  }

  /** The name of the class. */
  getClassName(): string {
    return 'LBFGS';
  }

  /** The options that make the same again. */
  getConfig(): Required<Omit<LBFGSOptions, 'varList'>> {
    return { ...this.options };
  }

  /**
   * Goes to where the loss is least, or near it.
   *
   * @param f - a function that reads variables and returns a scalar, the same at every call
   * @param options - in the place of those of the constructor
   * @throws what f throws: the weights are as they were at the latest step then
   * @example
   * const x = variable(tensor1d([-1.2, 1], 'float64'));
   * const rosenbrock = () => {
   *   const [a, b] = x.split(2);
   *   return b.sub(a.square()).square().mul(100).add(a.neg().add(1).square()).sum();
   * };
   * optimizers.lbfgs().minimize(rosenbrock, { tolerance: 1e-8 }).converged;  // true
   * x.print();  // [1, 1]
   */
  minimize(f: () => Tensor, { varList, ...options }: LBFGSOptions = {}): LBFGSResult {
    if (typeof f !== 'function') throw new TypeError(`lbfgs: needs a function, got ${typeof f}`);
    const { maxIterations, tolerance, historySize } = { ...this.options, ...options };
    checkOptions({ maxIterations, tolerance, historySize });
    let evaluations = 0;
    let gradient: Point = [];
    /** The loss at the weights as they are; its gradient takes the place of the last. */
    const evaluate = (): number => {
      evaluations++;
      return tidy(() => {
        const { value, grads } = variableGrads(f, varList);
        if (evaluations === 1) {
          const living = new Map(livingVariables().map((v) => [v.name, v]));
          this.follow(Object.keys(grads).map((name) => living.get(name)!));
        }
        dispose([...gradient]);
        gradient = this.variables.map(({ name }) => keep(grads[name]!));
        return read(value);
      });
    };
    let iterations = 0;
    try {
      let value = evaluate();
      for (;;) {
        const converged = greatest(gradient) <= tolerance;
        if (converged || iterations === maxIterations) return { value, iterations, evaluations, converged };
        const turn = this.turn(value, gradient, historySize, (weights) => {
          this.assign(weights);
          const value = evaluate();
          return { value, gradient };
        });
        if (turn === undefined) return { value, iterations, evaluations, converged };
        value = turn;
        iterations++;
      }
    } finally {
      dispose([...gradient]);
    }
  }

  /** One step; returns the loss after it, or undefined where no step makes it smaller. */
  private turn(
    value: number,
    gradient: Point,
    historySize: number,
    evaluateAt: (weights: Point) => { value: number; gradient: Point },
  ): number | undefined {
    const origin = keepAll(() => this.variables.map((v) => v.clone()));
    const before = keepAll(() => gradient.map((g) => g.clone()));
    let direction: Point = [];
    const moved = (alpha: number) => origin.map((x, i) => add(x, mul(direction[i]!, alpha)));
    let latest = 0;
    let reached = { value, gradient };
    const at = (alpha: number): Trial => {
      latest = alpha;
      reached = tidy(() => evaluateAt(moved(alpha)) as never) as typeof reached;
      return { alpha, value: reached.value, slope: dot(reached.gradient, direction) };
    };
    try {
      direction = this.direction(before);
      let slope = dot(before, direction);
      if (!(slope < 0)) {
        // Rounding or a loss that bends the wrong way: the past is of no use.
        this.forget();
        dispose([...direction]);
        direction = this.direction(before);
        slope = dot(before, direction);
      }
      const first = this.history.length > 0 ? 1 : Math.min(1, 1 / greatest(before));
      const alpha = search({ alpha: 0, value, slope }, first, at);
      if (alpha === 0) {
        this.assign(origin);
        return undefined;
      }
      if (alpha !== latest) at(alpha);
      this.remember(
        keepAll(() => this.variables.map((v, i) => sub(v, origin[i]!))),
        keepAll(() => reached.gradient.map((g, i) => sub(g, before[i]!))),
        historySize,
      );
      return reached.value;
    } catch (error) {
      this.assign(origin);
      throw error;
    } finally {
      dispose([...origin, ...before, ...direction]);
    }
  }

  private assign(weights: Point): void {
    this.variables.forEach((v, i) => {
      v.assign(weights[i]!);
    });
  }

  /** −H·g by the two-loop recursion. */
  private direction(gradient: Point): Point {
    return keepAll(() => {
      let q: Point = gradient.map(neg);
      const factors: number[] = [];
      for (const { s, y, rho } of [...this.history].reverse()) {
        const factor = rho * dot(s, q);
        q = q.map((x, i) => sub(x, mul(y[i]!, factor)));
        factors.push(factor);
      }
      const last = this.history.at(-1);
      if (last) {
        const scale = 1 / (last.rho * dot(last.y, last.y));
        q = q.map((x) => mul(x, scale));
      }
      for (const { s, y, rho } of this.history) {
        const factor = factors.pop()! - rho * dot(y, q);
        q = q.map((x, i) => add(x, mul(s[i]!, factor)));
      }
      return q;
    });
  }

  private remember(s: Point, y: Point, historySize: number): void {
    const curvature = dot(s, y);
    // Where the loss does not bend upwards, H would not stay positive.
    if (curvature > 1e-10 * dot(y, y)) this.history.push({ s, y, rho: 1 / curvature });
    else dispose([...s, ...y]);
    while (this.history.length > historySize) dispose(tensorsOf(this.history.shift()!));
  }

  private forget(): void {
    for (const pair of this.history) dispose(tensorsOf(pair));
    this.history = [];
  }

  /** What was learnt of other variables is of no use. */
  private follow(variables: readonly Variable[]): void {
    const isSame = variables.length === this.variables.length && variables.every((v, i) => v === this.variables[i]);
    if (!isSame) this.forget();
    this.variables = variables;
  }

  /** What to save to go on later: the steps of the past as 'w/s0', 'w/y0' and so on, oldest first, as copies. */
  async getWeights(): Promise<NamedTensor[]> {
    const copy = (x: Tensor): Tensor => fromData(x.dataSync(), x.shape, x.dtype);
    return this.history.flatMap(({ s, y }, at) =>
      this.variables.flatMap(({ name }, i) => [
        { name: `${name}/s${at}`, tensor: copy(s[i]!) },
        { name: `${name}/y${at}`, tensor: copy(y[i]!) },
      ]),
    );
  }

  /**
   * Goes on from a saved state: what {@link getWeights} gave, for variables of the same names.
   *
   * @throws RangeError for a name that no variable has, a step of which a part is missing or a tensor of another shape or
   *   dtype; nothing is changed then
   */
  async setWeights(weights: readonly NamedTensor[]): Promise<void> {
    const byName = new Map(weights.map(({ name, tensor }) => [name, tensor]));
    const names = [...new Set([...byName.keys()].map((name) => name.slice(0, name.lastIndexOf('/'))))];
    const living = new Map(livingVariables().map((v) => [v.name, v]));
    const variables = names.map((name) => {
      const v = living.get(name);
      if (!v) throw new RangeError(`lbfgs.setWeights: no variable is named '${name}'`);
      return v;
    });
    const part = (v: Variable, suffix: string): Tensor => {
      const x = byName.get(`${v.name}/${suffix}`);
      if (!x || x.dtype !== v.dtype || !sameShape(x.shape, v.shape)) {
        throw new RangeError(`lbfgs.setWeights: '${v.name}/${suffix}' needs ${showShape(v.shape)} ${v.dtype}`);
      }
      return x;
    };
    const count = Math.ceil(weights.length / Math.max(1, 2 * names.length));
    const pairs = Array.from({ length: count }, (_, at) => ({
      s: variables.map((v) => part(v, `s${at}`)),
      y: variables.map((v) => part(v, `y${at}`)),
    }));
    this.dispose();
    this.variables = variables;
    const copies = (xs: Point) => keepAll(() => xs.map((x) => fromData(x.dataSync(), x.shape, x.dtype)));
    this.history = pairs.map(({ s, y }) => ({ s: copies(s), y: copies(y), rho: 1 / dot(s, y) }));
  }

  /** Frees what was learnt; the next turn is a first one. */
  dispose(): void {
    this.forget();
    this.variables = [];
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const tensorsOf = ({ s, y }: Pair): Tensor[] => [...s, ...y];

function checkOptions({ maxIterations, tolerance, historySize }: Required<Omit<LBFGSOptions, 'varList'>>): void {
  checkCount(maxIterations, 0, 'maxIterations', 'lbfgs');
  checkCount(historySize, 1, 'historySize', 'lbfgs');
  checkFinite(tolerance, 'tolerance', 'lbfgs');
  if (tolerance < 0) throw new RangeError(`lbfgs: tolerance must not be negative, got ${tolerance}`);
}
