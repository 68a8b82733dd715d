// Activations of networks, and their gradients next to them: dx = dy · f′(x), written in x or in y = f(x),
// whichever is shorter.

import { gaussianBegin, gaussianRatio, gaussianSize, gaussianTail } from './gaussian'
import { firstHalf, half, lanes, lanesBegin, madd, one, select, signOf, two, zero } from './lanes'
import { map, mapGrad, mapGradLight, mapLight, mapWide } from './map'
import {
  exp, expBegin, expExponent, expHigh, expLow, expm1, expm1Begin, gate, gateBegin, sigmoid, sigmoidBegin,
  softplus, softplusBegin, tanh, tanhBegin,
} from './math'
import { neg_f32, neg_f64 } from './unary'

// ── Piecewise linear ────────────────────────────────────────────────────────────────────────────

// pmax(x, 0) keeps NaN, since it gives its first operand where a comparison fails, and costs 0.4 of max.

/** max(x, 0) */
@final @unmanaged
class Relu {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return isFloat<T>() ? v128.pmax<T>(v, zero) : v128.max<T>(v, zero) }
}

export function relu_f32(x: usize, y: usize, n: usize): void { mapLight<Relu, f32>(x, y, n) }
export function relu_f64(x: usize, y: usize, n: usize): void { mapLight<Relu, f64>(x, y, n) }
export function relu_i32(x: usize, y: usize, n: usize): void { mapLight<Relu, i32>(x, y, n) }

/** dy where x > 0, else 0 */
@final @unmanaged
class ReluGrad {
  @inline begin<T>(): void {}
  @inline apply<T>(dy: v128, x: v128): v128 { return v128.and(dy, v128.gt<T>(x, zero)) }
}

export function reluGrad_f32(dy: usize, x: usize, dx: usize, n: usize): void { mapGradLight<ReluGrad, f32>(dy, x, dx, n) }
export function reluGrad_f64(dy: usize, x: usize, dx: usize, n: usize): void { mapGradLight<ReluGrad, f64>(dy, x, dx, n) }

let six: v128

/** min(max(x, 0), 6) */
@final @unmanaged
class Relu6 {
  @inline begin<T>(): void { six = v128.splat<T>(<T>6) }
  @inline apply<T>(v: v128): v128 {
    return isFloat<T>() ? v128.pmin<T>(v128.pmax<T>(v, zero), six) : v128.min<T>(v128.max<T>(v, zero), six)
  }
}

export function relu6_f32(x: usize, y: usize, n: usize): void { mapLight<Relu6, f32>(x, y, n) }
export function relu6_f64(x: usize, y: usize, n: usize): void { mapLight<Relu6, f64>(x, y, n) }
export function relu6_i32(x: usize, y: usize, n: usize): void { mapLight<Relu6, i32>(x, y, n) }

/** dy where 0 < x ≤ 6, else 0 (as in TensorFlow.js) */
@final @unmanaged
class Relu6Grad {
  @inline begin<T>(): void { six = v128.splat<T>(<T>6) }
  @inline apply<T>(dy: v128, x: v128): v128 {
    return v128.and(dy, v128.and(v128.gt<T>(x, zero), v128.le<T>(x, six)))
  }
}

export function relu6Grad_f32(dy: usize, x: usize, dx: usize, n: usize): void { mapGradLight<Relu6Grad, f32>(dy, x, dx, n) }
export function relu6Grad_f64(dy: usize, x: usize, dx: usize, n: usize): void { mapGradLight<Relu6Grad, f64>(dy, x, dx, n) }

let alpha: v128

/** x where x ≥ 0, else α·x */
@final @unmanaged
class LeakyRelu {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return select(v, v128.mul<T>(v, alpha), v128.ge<T>(v, zero)) }
}

export function leakyRelu_f32(x: usize, y: usize, n: usize, slope: f64): void {
  alpha = f32x4.splat(<f32>slope)
  mapLight<LeakyRelu, f32>(x, y, n)
}
export function leakyRelu_f64(x: usize, y: usize, n: usize, slope: f64): void {
  alpha = f64x2.splat(slope)
  mapLight<LeakyRelu, f64>(x, y, n)
}

/** dy where x > 0, else α·dy */
@final @unmanaged
class LeakyReluGrad {
  @inline begin<T>(): void {}
  @inline apply<T>(dy: v128, x: v128): v128 { return select(dy, v128.mul<T>(dy, alpha), v128.gt<T>(x, zero)) }
}

export function leakyReluGrad_f32(dy: usize, x: usize, dx: usize, n: usize, slope: f64): void {
  alpha = f32x4.splat(<f32>slope)
  mapGradLight<LeakyReluGrad, f32>(dy, x, dx, n)
}
export function leakyReluGrad_f64(dy: usize, x: usize, dx: usize, n: usize, slope: f64): void {
  alpha = f64x2.splat(slope)
  mapGradLight<LeakyReluGrad, f64>(dy, x, dx, n)
}

let three: v128

/** relu6(x + 3) / 6, as in Keras 3 */
@final @unmanaged
class HardSigmoid {
  @inline begin<T>(): void {
    six = v128.splat<T>(<T>6)
    three = v128.splat<T>(<T>3)
  }
  @inline apply<T>(v: v128): v128 {
    const sum = v128.add<T>(v, three)
    return v128.div<T>(v128.pmin<T>(v128.pmax<T>(sum, zero), six), six)
  }
}

export function hardSigmoid_f32(x: usize, y: usize, n: usize): void { mapLight<HardSigmoid, f32>(x, y, n) }
export function hardSigmoid_f64(x: usize, y: usize, n: usize): void { mapLight<HardSigmoid, f64>(x, y, n) }

let sixth: v128
let minusThree: v128

/** dy/6 where −3 < x < 3, else 0 */
@final @unmanaged
class HardSigmoidGrad {
  @inline begin<T>(): void {
    sixth = v128.splat<T>(<T>(1.0 / 6.0))
    three = v128.splat<T>(<T>3)
  }
  @inline apply<T>(dy: v128, x: v128): v128 {
    return v128.and(v128.mul<T>(dy, sixth), v128.lt<T>(v128.abs<T>(x), three))
  }
}

export function hardSigmoidGrad_f32(dy: usize, x: usize, dx: usize, n: usize): void { mapGradLight<HardSigmoidGrad, f32>(dy, x, dx, n) }
export function hardSigmoidGrad_f64(dy: usize, x: usize, dx: usize, n: usize): void { mapGradLight<HardSigmoidGrad, f64>(dy, x, dx, n) }

/** x·relu6(x + 3) / 6; −0 below −3 and at −∞, the limit. */
@final @unmanaged
class HardSwish {
  @inline begin<T>(): void {
    six = v128.splat<T>(<T>6)
    three = v128.splat<T>(<T>3)
    minusThree = v128.splat<T>(<T>-3)
  }
  @inline apply<T>(v: v128): v128 {
    const x = v128.pmax<T>(v, minusThree)
    return v128.mul<T>(x, v128.div<T>(v128.pmin<T>(v128.add<T>(x, three), six), six))
  }
}

export function hardSwish_f32(x: usize, y: usize, n: usize): void { mapLight<HardSwish, f32>(x, y, n) }
export function hardSwish_f64(x: usize, y: usize, n: usize): void { mapLight<HardSwish, f64>(x, y, n) }

/** 0 where x ≤ −3, dy where x ≥ 3, else dy·(2x + 3)/6 */
@final @unmanaged
class HardSwishGrad {
  @inline begin<T>(): void {
    six = v128.splat<T>(<T>6)
    three = v128.splat<T>(<T>3)
    minusThree = v128.splat<T>(<T>-3)
  }
  @inline apply<T>(dy: v128, x: v128): v128 {
    const slope = v128.div<T>(v128.add<T>(v128.add<T>(x, x), three), six)
    const inner = select(dy, v128.mul<T>(dy, slope), v128.ge<T>(x, three))
    return v128.andnot(inner, v128.le<T>(x, minusThree))
  }
}

export function hardSwishGrad_f32(dy: usize, x: usize, dx: usize, n: usize): void { mapGradLight<HardSwishGrad, f32>(dy, x, dx, n) }
export function hardSwishGrad_f64(dy: usize, x: usize, dx: usize, n: usize): void { mapGradLight<HardSwishGrad, f64>(dy, x, dx, n) }

/** x / (1 + |x|) */
@final @unmanaged
class Softsign {
  @inline begin<T>(): void { lanesBegin<T>() }
  @inline apply<T>(v: v128): v128 { return v128.div<T>(v, v128.add<T>(one, v128.abs<T>(v))) }
}

export function softsign_f32(x: usize, y: usize, n: usize): void { mapLight<Softsign, f32>(x, y, n) }
export function softsign_f64(x: usize, y: usize, n: usize): void { mapLight<Softsign, f64>(x, y, n) }

// ── Exponential linear units ────────────────────────────────────────────────────────────────────

let rate: v128

// With a rate of 1 this is elu, with 1/α celu.

/** x where x > 0, else α·(e^(rate·x) − 1) */
@final @unmanaged
class Elu {
  @inline begin<T>(): void { expm1Begin<T>() }
  @inline apply<T>(v: v128): v128 {
    return select(v, v128.mul<T>(expm1<T>(v128.mul<T>(v, rate)), alpha), v128.gt<T>(v, zero))
  }
}

export function elu_f32(x: usize, y: usize, n: usize, slope: f64, speed: f64): void {
  alpha = f32x4.splat(<f32>slope)
  rate = f32x4.splat(<f32>speed)
  map<Elu, f32>(x, y, n)
}
export function elu_f64(x: usize, y: usize, n: usize, slope: f64, speed: f64): void {
  alpha = f64x2.splat(slope)
  rate = f64x2.splat(speed)
  map<Elu, f64>(x, y, n)
}

/** dy where y ≥ 0, else dy·(y + α)·rate */
@final @unmanaged
class EluGrad {
  @inline begin<T>(): void {}
  @inline apply<T>(dy: v128, y: v128): v128 {
    return select(dy, v128.mul<T>(dy, v128.mul<T>(v128.add<T>(y, alpha), rate)), v128.ge<T>(y, zero))
  }
}

export function eluGrad_f32(dy: usize, y: usize, dx: usize, n: usize, slope: f64, speed: f64): void {
  alpha = f32x4.splat(<f32>slope)
  rate = f32x4.splat(<f32>speed)
  mapGrad<EluGrad, f32>(dy, y, dx, n)
}
export function eluGrad_f64(dy: usize, y: usize, dx: usize, n: usize, slope: f64, speed: f64): void {
  alpha = f64x2.splat(slope)
  rate = f64x2.splat(speed)
  mapGrad<EluGrad, f64>(dy, y, dx, n)
}

// Klambauer et al., Self-Normalizing Neural Networks, 2017. λ·α is taken to twice the precision.
let lambda: v128
let lambdaAlpha: v128
let lambdaAlphaLow: v128

// @ts-ignore: decorator
@inline
function seluBegin<T>(): void {
  expm1Begin<T>()
  lambda = v128.splat<T>(<T>1.0507009873554805)
  lambdaAlpha = v128.splat<T>(<T>1.7580993408473768)
  lambdaAlphaLow = lanes<T>(2.3296717680252718e-8, 1.41535193800845e-17)
}

/** λ·x where x > 0, else λ·α·(e^x − 1) */
@final @unmanaged
class Selu {
  @inline begin<T>(): void { seluBegin<T>() }
  @inline apply<T>(v: v128): v128 {
    const m = expm1<T>(v)
    return select(v128.mul<T>(v, lambda), madd<T>(m, lambdaAlpha, v128.mul<T>(m, lambdaAlphaLow)), v128.gt<T>(v, zero))
  }
}

export function selu_f32(x: usize, y: usize, n: usize): void { map<Selu, f32>(x, y, n) }
export function selu_f64(x: usize, y: usize, n: usize): void { map<Selu, f64>(x, y, n) }

/** λ·dy where y > 0, else dy·(y + λ·α) */
@final @unmanaged
class SeluGrad {
  @inline begin<T>(): void { seluBegin<T>() }
  @inline apply<T>(dy: v128, y: v128): v128 {
    return v128.mul<T>(dy, select(lambda, v128.add<T>(y, lambdaAlpha), v128.gt<T>(y, zero)))
  }
}

export function seluGrad_f32(dy: usize, y: usize, dx: usize, n: usize): void { mapGrad<SeluGrad, f32>(dy, y, dx, n) }
export function seluGrad_f64(dy: usize, y: usize, dx: usize, n: usize): void { mapGrad<SeluGrad, f64>(dy, y, dx, n) }

// ── Around the logistic function ────────────────────────────────────────────────────────────────

/** 1 / (1 + e^−x) */
@final @unmanaged
class Sigmoid {
  @inline begin<T>(): void { sigmoidBegin<T>() }
  @inline apply<T>(v: v128): v128 { return sigmoid<T>(v) }
}

export function sigmoid_f32(x: usize, y: usize, n: usize): void { map<Sigmoid, f32>(x, y, n) }
export function sigmoid_f64(x: usize, y: usize, n: usize): void { map<Sigmoid, f64>(x, y, n) }

/** dy·y·(1 − y) */
@final @unmanaged
class SigmoidGrad {
  @inline begin<T>(): void { lanesBegin<T>() }
  @inline apply<T>(dy: v128, y: v128): v128 { return v128.mul<T>(dy, v128.mul<T>(y, v128.sub<T>(one, y))) }
}

export function sigmoidGrad_f32(dy: usize, y: usize, dx: usize, n: usize): void { mapGradLight<SigmoidGrad, f32>(dy, y, dx, n) }
export function sigmoidGrad_f64(dy: usize, y: usize, dx: usize, n: usize): void { mapGradLight<SigmoidGrad, f64>(dy, y, dx, n) }

/** ln(1 + e^x) */
@final @unmanaged
class Softplus {
  @inline begin<T>(): void { softplusBegin<T>() }
  @inline apply<T>(v: v128): v128 { return softplus<T>(v) }
}

export function softplus_f32(x: usize, y: usize, n: usize): void { map<Softplus, f32>(x, y, n) }
export function softplus_f64(x: usize, y: usize, n: usize): void { map<Softplus, f64>(x, y, n) }

/** dy·sigmoid(x) */
@final @unmanaged
class SoftplusGrad {
  @inline begin<T>(): void { sigmoidBegin<T>() }
  @inline apply<T>(dy: v128, x: v128): v128 { return v128.mul<T>(dy, sigmoid<T>(x)) }
}

export function softplusGrad_f32(dy: usize, x: usize, dx: usize, n: usize): void { mapGrad<SoftplusGrad, f32>(dy, x, dx, n) }
export function softplusGrad_f64(dy: usize, x: usize, dx: usize, n: usize): void { mapGrad<SoftplusGrad, f64>(dy, x, dx, n) }

/** ln sigmoid(x) = −softplus(−x): three passes, as two signs are not worth another copy of softplus. */
export function logSigmoid_f32(x: usize, y: usize, n: usize): void {
  neg_f32(x, y, n)
  softplus_f32(y, y, n)
  neg_f32(y, y, n)
}
export function logSigmoid_f64(x: usize, y: usize, n: usize): void {
  neg_f64(x, y, n)
  softplus_f64(y, y, n)
  neg_f64(y, y, n)
}

let siluMin: v128
let siluMax: v128

/** x·sigmoid(x); −0 at −∞, the limit. */
@final @unmanaged
class Silu {
  @inline begin<T>(): void {
    gateBegin<T>()
    // Below siluMin the result rounds to −0; above siluMax it is x.
    siluMin = lanes<T>(-110, -755)
    siluMax = lanes<T>(40, 80)
  }
  @inline apply<T>(v: v128): v128 {
    const x = v128.pmax<T>(v, siluMin)
    const z = v128.neg<T>(v128.pmin<T>(x, siluMax))
    const n = expExponent<T>(z)
    return gate<T>(x, n, expHigh<T>(z, n), expLow<T>(n))
  }
}

export function silu_f32(x: usize, y: usize, n: usize): void { map<Silu, f32>(x, y, n) }
export function silu_f64(x: usize, y: usize, n: usize): void { map<Silu, f64>(x, y, n) }

/** dy·s·(1 + x·(1 − s)) where s = sigmoid(x) */
@final @unmanaged
class SiluGrad {
  @inline begin<T>(): void { sigmoidBegin<T>() }
  @inline apply<T>(dy: v128, x: v128): v128 {
    const s = sigmoid<T>(x)
    return v128.mul<T>(dy, v128.mul<T>(s, madd<T>(x, v128.sub<T>(one, s), one)))
  }
}

export function siluGrad_f32(dy: usize, x: usize, dx: usize, n: usize): void { mapGrad<SiluGrad, f32>(dy, x, dx, n) }
export function siluGrad_f64(dy: usize, x: usize, dx: usize, n: usize): void { mapGrad<SiluGrad, f64>(dy, x, dx, n) }

// Below mishMin the result rounds to −0; above mishMax it is x.
let mishMin: v128
let mishMax: v128

/** x·tanh(softplus(x)) = x·w / (w + 2) where w = e^x·(e^x + 2); −0 at −∞. float64 within 3 ulp while e^x is a normal number. */
@final @unmanaged
class Mish {
  @inline begin<T>(): void {
    expBegin<T>()
    mishMin = v128.splat<T>(<T>-800)
    mishMax = v128.splat<T>(<T>20)
  }
  @inline apply<T>(v: v128): v128 {
    const x = v128.pmax<T>(v, mishMin)
    const e = exp<T>(v128.pmin<T>(x, mishMax))
    const w = v128.mul<T>(e, v128.add<T>(e, two))
    return v128.mul<T>(x, v128.div<T>(w, v128.add<T>(w, two)))
  }
}

export function mish_f32(x: usize, y: usize, n: usize): void { mapWide<Mish>(x, y, n) }
export function mish_f64(x: usize, y: usize, n: usize): void { map<Mish, f64>(x, y, n) }

/** dy·(t + x·(1 − t²)·sigmoid(x)) where t = tanh(softplus(x)); with e = e^−|x|, 1 − t comes without cancellation. */
@final @unmanaged
class MishGrad {
  @inline begin<T>(): void { expBegin<T>() }
  @inline apply<T>(dy: v128, x: v128): v128 {
    const positive = v128.gt<T>(x, zero)
    const e = exp<T>(v128.neg<T>(v128.abs<T>(x)))
    const square = v128.mul<T>(e, e)
    const twice = v128.add<T>(e, e)
    // t = a / (a + b), where a = 1 + 2e and b = 2e² for x > 0, else a = e² + 2e and b = 2.
    const a = v128.add<T>(select(one, square, positive), twice)
    const b = select(v128.add<T>(square, square), two, positive)
    const sum = v128.add<T>(a, b)
    const t = v128.div<T>(a, sum)
    const s = v128.div<T>(select(one, e, positive), v128.add<T>(one, e))
    const rest = v128.mul<T>(v128.div<T>(b, sum), v128.mul<T>(v128.add<T>(one, t), s))
    return v128.mul<T>(dy, madd<T>(x, rest, t))
  }
}

export function mishGrad_f32(dy: usize, x: usize, dx: usize, n: usize): void { mapGrad<MishGrad, f32>(dy, x, dx, n) }
export function mishGrad_f64(dy: usize, x: usize, dx: usize, n: usize): void { mapGrad<MishGrad, f64>(dy, x, dx, n) }

// ── tanh ────────────────────────────────────────────────────────────────────────────────────────

/** tanh x */
@final @unmanaged
class Tanh {
  @inline begin<T>(): void { tanhBegin<T>() }
  @inline apply<T>(v: v128): v128 { return tanh<T>(v) }
}

export function tanh_f32(x: usize, y: usize, n: usize): void { map<Tanh, f32>(x, y, n) }
export function tanh_f64(x: usize, y: usize, n: usize): void { map<Tanh, f64>(x, y, n) }

/** dy·(1 − y²) */
@final @unmanaged
class TanhGrad {
  @inline begin<T>(): void { lanesBegin<T>() }
  @inline apply<T>(dy: v128, y: v128): v128 { return v128.mul<T>(dy, v128.sub<T>(one, v128.mul<T>(y, y))) }
}

export function tanhGrad_f32(dy: usize, y: usize, dx: usize, n: usize): void { mapGradLight<TanhGrad, f32>(dy, y, dx, n) }
export function tanhGrad_f64(dy: usize, y: usize, dx: usize, n: usize): void { mapGradLight<TanhGrad, f64>(dy, y, dx, n) }

// ── Gaussian error linear units ─────────────────────────────────────────────────────────────────
//
// Hendrycks and Gimpel, 2016. The tanh form ½·x·(1 + tanh u) is x·sigmoid(2u), u = √(2/π)·(x + 0.044715·x³).

let geluMin: v128
let geluMax: v128
let geluLinear: v128
let geluLinearLow: v128
let geluCubic: v128
let geluCubicHead: v128
let geluCubicRest: v128
let headMask: v128

// @ts-ignore: decorator
@inline
function geluBegin<T>(): void {
  gateBegin<T>()
  // Below geluMin the result rounds to −0; above geluMax it is x.
  geluMin = lanes<T>(-11, -22)
  geluMax = lanes<T>(7, 10)
  // 2·√(2/π), and 0.044715 times that, whose head has half a mantissa's bits.
  geluLinear = v128.splat<T>(<T>1.5957691216057308)
  geluLinearLow = lanes<T>(-4.534068054340423e-8, -9.96930880911092e-17)
  geluCubic = v128.splat<T>(<T>0.0713548162726002)
  geluCubicHead = lanes<T>(0.07135009765625, 0.071354815736413)
  geluCubicRest = lanes<T>(4.718616310128709e-6, 5.361872467621785e-10)
  headMask = firstHalf<T>()
}

/**
 * x·sigmoid(2u); −0 at −∞, the limit. Within 2 ulp.
 *
 * The error of the argument 2u is multiplied by 2u, which reaches −100 where the result is still a
 * normal number: so it is computed as a sum of two numbers, of products of half mantissas.
 */
@final @unmanaged
class Gelu {
  @inline begin<T>(): void { geluBegin<T>() }
  @inline apply<T>(v: v128): v128 {
    const x = v128.pmax<T>(v, geluMin)
    const c = v128.pmin<T>(x, geluMax)
    const head = v128.and(c, headMask)
    const rest = v128.sub<T>(c, head)
    // c² = square + (what follows its first half)
    const square = v128.mul<T>(head, head)
    const squareHead = v128.and(square, headMask)
    const squareRest = madd<T>(rest, v128.add<T>(c, head), v128.sub<T>(square, squareHead))
    // 2u / c = sum + low
    const cubic = v128.mul<T>(geluCubicHead, squareHead)
    const cubicLow = madd<T>(geluCubicHead, squareRest, v128.mul<T>(geluCubicRest, v128.mul<T>(c, c)))
    const sum = v128.add<T>(geluLinear, cubic)
    const added = v128.sub<T>(sum, geluLinear)
    const lost = v128.add<T>(v128.sub<T>(geluLinear, v128.sub<T>(sum, added)), v128.sub<T>(cubic, added))
    const low = v128.add<T>(lost, v128.add<T>(cubicLow, geluLinearLow))
    // −2u = high − argumentLow
    const sumHead = v128.and(sum, headMask)
    const sumRest = v128.add<T>(v128.sub<T>(sum, sumHead), low)
    const high = v128.neg<T>(v128.mul<T>(head, sumHead))
    const argumentLow = madd<T>(head, sumRest, v128.mul<T>(rest, v128.add<T>(sumHead, sumRest)))
    const n = expExponent<T>(v128.sub<T>(high, argumentLow))
    return gate<T>(x, n, expHigh<T>(high, n), v128.add<T>(expLow<T>(n), argumentLow))
  }
}

export function gelu_f32(x: usize, y: usize, n: usize): void { map<Gelu, f32>(x, y, n) }
export function gelu_f64(x: usize, y: usize, n: usize): void { map<Gelu, f64>(x, y, n) }

/** dy·s·(1 + x·(1 − s)·2u′) where s = sigmoid(2u) */
@final @unmanaged
class GeluGrad {
  @inline begin<T>(): void {
    geluBegin<T>()
    sigmoidBegin<T>()
    three = v128.splat<T>(<T>3)
  }
  @inline apply<T>(dy: v128, x: v128): v128 {
    const c = v128.pmin<T>(v128.pmax<T>(x, geluMin), geluMax)
    const cubic = v128.mul<T>(geluCubic, v128.mul<T>(c, c))
    const s = sigmoid<T>(v128.mul<T>(c, v128.add<T>(cubic, geluLinear)))
    const slope = madd<T>(three, cubic, geluLinear)
    return v128.mul<T>(dy, v128.mul<T>(s, madd<T>(v128.mul<T>(c, slope), v128.sub<T>(one, s), one)))
  }
}

export function geluGrad_f32(dy: usize, x: usize, dx: usize, n: usize): void { mapGrad<GeluGrad, f32>(dy, x, dx, n) }
export function geluGrad_f64(dy: usize, x: usize, dx: usize, n: usize): void { mapGrad<GeluGrad, f64>(dy, x, dx, n) }

/**
 * x·Φ(x) = max(x, 0) − |x|·Q(|x|), Φ the normal distribution and Q its tail; −0 at −∞, the limit.
 * Within 3.7 ulp, 2.7 for x > 0.
 */
@final @unmanaged
class GeluExact {
  @inline begin<T>(): void { gaussianBegin<T>() }
  @inline apply<T>(v: v128): v128 {
    return v128.or(v128.sub<T>(v128.pmax<T>(v, zero), gaussianTail<T>(gaussianSize<T>(v))), signOf(v))
  }
}

export function geluExact_f32(x: usize, y: usize, n: usize): void { map<GeluExact, f32>(x, y, n) }
export function geluExact_f64(x: usize, y: usize, n: usize): void { map<GeluExact, f64>(x, y, n) }

let bellHeight: v128

/** dy·(Φ(x) + x·φ(x)), φ(x) = e^(−x²/2) / √(2π) */
@final @unmanaged
class GeluExactGrad {
  @inline begin<T>(): void {
    gaussianBegin<T>()
    bellHeight = v128.splat<T>(<T>0.3989422804014327)
  }
  @inline apply<T>(dy: v128, x: v128): v128 {
    const a = gaussianSize<T>(x)
    const bell = exp<T>(v128.mul<T>(v128.mul<T>(a, a), v128.neg<T>(half)))
    const left = v128.mul<T>(bell, v128.sub<T>(gaussianRatio<T>(a), v128.mul<T>(a, bellHeight)))
    return v128.mul<T>(dy, select(left, v128.sub<T>(one, left), v128.lt<T>(x, zero)))
  }
}

export function geluExactGrad_f32(dy: usize, x: usize, dx: usize, n: usize): void { mapGrad<GeluExactGrad, f32>(dy, x, dx, n) }
export function geluExactGrad_f64(dy: usize, x: usize, dx: usize, n: usize): void { mapGrad<GeluExactGrad, f64>(dy, x, dx, n) }
