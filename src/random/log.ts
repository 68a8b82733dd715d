// The natural logarithm in double-double arithmetic: a number is hi + lo, so that about 104 bits stand
// behind every step. NumPy's published normals come from C libraries whose log is nearly always the
// correctly rounded one, and so is this. (Math.log differs between engines, and a kernel's log that is
// wrong by one unit in the last place would change about one normal in five.)
// Only additions, multiplications and divisions: the same bits in every engine. Imports nothing.

const SPLIT = 2 ** 27 + 1;

const LN2_LO = 2.3190468138462996e-17;
const TWO_THIRDS = 0.6666666666666666;
const TWO_THIRDS_LO = 3.700743415417188e-17;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/** What a·b lost in rounding to p (Dekker, 1971: halves of 26 bits multiply exactly). */
function productError(a: number, b: number, p: number): number {
  const ah = a * SPLIT - (a * SPLIT - a);
  const bh = b * SPLIT - (b * SPLIT - b);
  const al = a - ah;
  const bl = b - bh;
  return al * bl - (p - ah * bh - al * bh - ah * bl);
}

/** What a + b lost in rounding to s (Knuth's two-sum). */
function sumError(a: number, b: number, s: number): number {
  const bb = s - a;
  return a - (s - bb) + (b - bb);
}

/**
 * log x for a normal x > 0, within 0.501 units in the last place:
 * x = m·2ᵉ with √½ ≤ m < √2, s = (m − 1) / (m + 1), log x = e·log 2 + 2 (s + s³/3 + s⁵/5 + …).
 */
export function log(x: number): number {
  float[0] = x;
  let e = (words[1]! >>> 20) - 1023;
  words[1] = (words[1]! & 0xfffff) | 0x3ff00000;
  let m = float[0]!;
  if (m >= Math.SQRT2) {
    m /= 2;
    e++;
  }

  const f = m - 1;
  const d = m + 1;
  const s = f / d;
  const sd = s * d;
  const sLo = (f - sd - productError(s, d, sd) - s * (m - (d - 1))) / d;

  const s2 = s * s;
  const s2Lo = productError(s, s, s2) + 2 * s * sLo;
  const s3 = s2 * s;
  const s3Lo = productError(s2, s, s3) + s2Lo * s + s2 * sLo;
  const cubic = s3 * TWO_THIRDS;
  const cubicLo = productError(s3, TWO_THIRDS, cubic) + s3Lo * TWO_THIRDS + s3 * TWO_THIRDS_LO;

  let tail = 0;
  for (let n = 27; n >= 5; n -= 2) tail = tail * s2 + 2 / n;

  const k = e * Math.LN2;
  const kLo = productError(e, Math.LN2, k) + e * LN2_LO;
  const a = k + 2 * s;
  const b = a + cubic;
  return b + (sumError(a, cubic, b) + sumError(k, 2 * s, a) + (kLo + 2 * sLo + cubicLo + tail * s3 * s2));
}
