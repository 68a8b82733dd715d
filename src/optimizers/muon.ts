import { checkBetween, checkCount, checkFinite } from '../check.js';
import type { FloatType } from '../dtype.js';
import { add, div, matMul, mul, sqrt, transpose } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { kernels, optimizers } from '../wasm/kernels.js';
import { adamRate } from './adam.js';
import { numberAt, RATE } from './cells.js';
import { squareSum } from './norm.js';
import { Optimizer, type Update } from './optimizer.js';
import { type OptimizerOptions, optionsOf } from './options.js';

/** What {@link MuonOptimizer} takes. */
export interface MuonOptions extends OptimizerOptions {
  /** μ; 0.95 if absent. */
  momentum?: number;
  /** Whether to look ahead; true if absent. */
  nesterov?: boolean;
  /** Turns of the Newton-Schulz iteration; 5 if absent. */
  nsSteps?: number;
  /** The first coefficient of the iteration; 3.4445 if absent. */
  muonA?: number;
  /** The second one; −4.775 if absent. */
  muonB?: number;
  /** The third one; 2.0315 if absent. */
  muonC?: number;
  /** An update of an n × m matrix is scaled by √max(n, m) times this, to be of the size of Adam's; null: not scaled; 0.2 if absent. */
  rmsRate?: number | null;
  /** Decay of matrices; 0.004 if absent. */
  weightDecay?: number | null;
  /** For what is no matrix: Adam's decay of the mean gradient; 0.9 if absent. */
  adamBeta1?: number;
  /** The same of the mean square; 0.999 if absent. */
  adamBeta2?: number;
  /** 1e-7 if absent. */
  epsilon?: number;
  /** Decay of what is no matrix; 0.004 if absent. */
  adamWeightDecay?: number | null;
  /** Adam's learning rate ÷ that of matrices; 1 if absent. */
  adamLrRatio?: number;
  /** Matrices in whose names one of these expressions is found are left to Adam too. */
  excludeLayers?: readonly string[];
  /** Whether matrices with 'embedding' in their names are left to Adam; true if absent. */
  excludeEmbeddings?: boolean;
}

const DEFAULTS = {
  learningRate: 0.001,
  momentum: 0.95,
  nesterov: true,
  nsSteps: 5,
  muonA: 3.4445,
  muonB: -4.775,
  muonC: 2.0315,
  rmsRate: 0.2 as number | null,
  weightDecay: 0.004 as number | null,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  epsilon: 1e-7,
  adamWeightDecay: 0.004 as number | null,
  adamLrRatio: 1,
  excludeLayers: [] as readonly string[],
  excludeEmbeddings: true,
};

/**
 * Muon (Jordan 2024; scaled as by Liu et al. 2025): m = μ·m + g, w −= lr · 0.2·√max(n, m) · NewtonSchulz(g + μ·m), which takes
 * about the nearest matrix with orthogonal rows. Only matrices are trained so; all else by Adam, with decaying weights.
 *
 * @throws TypeError for what is no number, RangeError for decays outside [0, 1)
 * @example
 * const w = variable(tensor2d([[2, 0], [0, 1]]));
 * optimizers.muon({ learningRate: 0.1 }).minimize(() => w.square().sum());
 * w.print();  // [[1.9797188, 0], [0, 0.9680867]]
 * @see Keras, Muon
 */
export class MuonOptimizer extends Optimizer<Omit<typeof DEFAULTS, 'learningRate'>> {
  protected readonly slots = ['momentum', 'velocity'];
  protected override readonly numbers: Float64Array = new Float64Array(1);
  private readonly rate: ReturnType<typeof adamRate>;

  constructor(options?: MuonOptions);
  constructor(...given: unknown[]) {
    super(DEFAULTS, optionsOf<MuonOptions>(given));
    const { momentum, nsSteps, muonA, muonB, muonC, rmsRate, adamBeta1, adamBeta2, ...rest } = this.options;
    checkBetween(momentum, 0, 1, 'momentum', 'MuonOptimizer');
    checkCount(nsSteps, 0, 'nsSteps', 'MuonOptimizer');
    checkBetween(adamBeta1, 0, 1, 'adamBeta1', 'MuonOptimizer');
    checkBetween(adamBeta2, 0, 1, 'adamBeta2', 'MuonOptimizer');
    const finite = { muonA, muonB, muonC, rmsRate: rmsRate ?? 0, adamLrRatio: rest.adamLrRatio, epsilon: rest.epsilon };
    for (const [key, value] of Object.entries({ ...finite, adamWeightDecay: rest.adamWeightDecay ?? 0 })) {
      checkFinite(value, key, 'MuonOptimizer');
    }
    this.rate = adamRate(adamBeta1, adamBeta2);
  }

  getClassName(): string {
    return 'Muon';
  }

  private isLeftToAdam({ rank, name }: Variable): boolean {
    const { excludeLayers, excludeEmbeddings } = this.options;
    if (rank !== 2 || (excludeEmbeddings && name.toLowerCase().includes('embedding'))) return true;
    return excludeLayers.some((part) => name.search(part) >= 0);
  }

  protected override slotShape(slot: string, v: Variable): readonly number[] | null {
    return slot === 'momentum' || this.isLeftToAdam(v) ? v.shape : null;
  }

  protected override weightDecayOf(v: Variable): number | null {
    return this.isLeftToAdam(v) ? this.options.adamWeightDecay : this.options.weightDecay;
  }

  protected override prepare(t: number, rate: number, dtype: FloatType): void {
    this.numbers[0] = this.rate(t, rate * this.options.adamLrRatio, dtype);
  }

  protected update(
    dtype: FloatType,
    { g, cells, w, slots: [m, v], n, numbers, gradient, variable, state }: Update,
  ): void {
    const { momentum, nesterov, rmsRate, adamBeta1, adamBeta2, epsilon } = this.options;
    if (v) {
      kernels[dtype].adam(g, cells, w, m!, v, n, adamBeta1, adamBeta2, epsilon);
      return;
    }
    const moving = add(mul(state[0]!, momentum), gradient);
    optimizers[dtype].assignDue(moving.storage.address, cells, m!, n);
    const u = this.orthogonal(nesterov ? add(gradient, mul(moving, momentum)) : moving);
    const [rows, columns] = variable.shape as [number, number];
    const ratio = rmsRate === null ? 1 : Math.sqrt(Math.max(rows, columns)) * rmsRate;
    const rate = mul(numberAt(numbers, RATE), ratio);
    optimizers[dtype].scaledStep(u.storage.address, rate.storage.address, cells, w, n);
  }

  /** The Newton-Schulz iteration: singular values go towards 1. */
  private orthogonal(given: Tensor): Tensor {
    const { nsSteps, muonA, muonB, muonC } = this.options;
    const isTall = given.shape[0]! > given.shape[1]!;
    let x = isTall ? transpose(given) : given;
    // No singular value above 1 to begin with.
    x = div(x, add(sqrt(squareSum(x)), 1e-7));
    for (let i = 0; i < nsSteps; i++) {
      const a = matMul(x, x, false, true);
      const b = add(mul(a, muonB), mul(matMul(a, a), muonC));
      x = add(mul(x, muonA), matMul(b, x));
    }
    return isTall ? transpose(x) : x;
  }
}
