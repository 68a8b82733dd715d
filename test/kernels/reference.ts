// What the host's Math lacks, in double precision and without cancellation: references for float32, and
// for float64 to within some ulp. At −∞ the gated functions have their limit.

/** (2 / √π)·∫ e^(−t²) dt from 0 to x, by a series of positive terms. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 1 − erf(x) for x ≥ 2, by its continued fraction. */
function erfcFraction(x: number): number {
  let f = x;
  for (let k = 120; k > 0; k--) f = x + k / 2 / f;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / f;
}

const erfc = (x: number): number => (x >= 2 ? erfcFraction(x) : 1 - erfSeries(x));

export const erf = (x: number): number =>
  Math.abs(x) < 2 ? erfSeries(x) : Math.sign(x) * (1 - erfcFraction(Math.abs(x)));

export const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

const atLimit = (f: (x: number) => number) => (x: number) => (x === -Infinity ? -0 : f(x));

export const silu: (x: number) => number = atLimit((x) => x * sigmoid(x));

export const mish: (x: number) => number = atLimit((x) => {
  if (x > 30) return x;
  const w = Math.exp(x) * (Math.exp(x) + 2);
  return x * (w / (w + 2));
});

export const gelu: (x: number) => number = atLimit((x) =>
  x > 50 ? x : x * sigmoid(2 * Math.sqrt(2 / Math.PI) * x * (1 + 0.044715 * x * x)),
);

export const geluExact: (x: number) => number = atLimit((x) => {
  if (x > 50) return x;
  return x > 0 ? (x / 2) * (1 + erf(x / Math.SQRT2)) : (x / 2) * erfc(-x / Math.SQRT2);
});

const ALPHA = 1.6732632423543772;
const SCALE = 1.0507009873554805;

export const selu = (x: number): number => SCALE * (x > 0 ? x : ALPHA * Math.expm1(x));

export const hardSigmoid = (x: number): number => Math.min(Math.max(x + 3, 0), 6) / 6;

/** −0 up to −3, whose limit it is at −∞. */
export const hardSwish = (x: number): number => (x <= -3 ? -0 : x >= 3 ? x : x * hardSigmoid(x));
