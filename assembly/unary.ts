import { exp, expBegin, expm1, expm1Begin, log, log1p, logBegin, tanh, tanhBegin, sigmoid, sigmoidBegin, sin, cos, sinBegin } from './math'
import { map } from './map'

@final @unmanaged
class Sqrt {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.sqrt<T>(v) }
}

export function sqrt_f32(x: usize, y: usize, n: usize): void { map<Sqrt, f32>(x, y, n) }
export function sqrt_f64(x: usize, y: usize, n: usize): void { map<Sqrt, f64>(x, y, n) }

@final @unmanaged
class Exp {
  @inline begin<T>(): void { expBegin<T>() }
  @inline apply<T>(v: v128): v128 { return exp<T>(v) }
}

export function exp_f32(x: usize, y: usize, n: usize): void { map<Exp, f32>(x, y, n) }
export function exp_f64(x: usize, y: usize, n: usize): void { map<Exp, f64>(x, y, n) }

@final @unmanaged
class Expm1 {
  @inline begin<T>(): void { expm1Begin<T>() }
  @inline apply<T>(v: v128): v128 { return expm1<T>(v) }
}

export function expm1_f32(x: usize, y: usize, n: usize): void { map<Expm1, f32>(x, y, n) }
export function expm1_f64(x: usize, y: usize, n: usize): void { map<Expm1, f64>(x, y, n) }

@final @unmanaged
class Log {
  @inline begin<T>(): void { logBegin<T>() }
  @inline apply<T>(v: v128): v128 { return log<T>(v) }
}

export function log_f32(x: usize, y: usize, n: usize): void { map<Log, f32>(x, y, n) }
export function log_f64(x: usize, y: usize, n: usize): void { map<Log, f64>(x, y, n) }

@final @unmanaged
class Log1p {
  @inline begin<T>(): void { logBegin<T>() }
  @inline apply<T>(v: v128): v128 { return log1p<T>(v) }
}

export function log1p_f32(x: usize, y: usize, n: usize): void { map<Log1p, f32>(x, y, n) }
export function log1p_f64(x: usize, y: usize, n: usize): void { map<Log1p, f64>(x, y, n) }

@final @unmanaged
class Tanh {
  @inline begin<T>(): void { tanhBegin<T>() }
  @inline apply<T>(v: v128): v128 { return tanh<T>(v) }
}

export function tanh_f32(x: usize, y: usize, n: usize): void { map<Tanh, f32>(x, y, n) }
export function tanh_f64(x: usize, y: usize, n: usize): void { map<Tanh, f64>(x, y, n) }

@final @unmanaged
class Sigmoid {
  @inline begin<T>(): void { sigmoidBegin<T>() }
  @inline apply<T>(v: v128): v128 { return sigmoid<T>(v) }
}

export function sigmoid_f32(x: usize, y: usize, n: usize): void { map<Sigmoid, f32>(x, y, n) }
export function sigmoid_f64(x: usize, y: usize, n: usize): void { map<Sigmoid, f64>(x, y, n) }

@final @unmanaged
class Sin {
  @inline begin<T>(): void { sinBegin<T>() }
  @inline apply<T>(v: v128): v128 { return sin<T>(v) }
}

export function sin_f32(x: usize, y: usize, n: usize): void { map<Sin, f32>(x, y, n) }
export function sin_f64(x: usize, y: usize, n: usize): void { map<Sin, f64>(x, y, n) }

@final @unmanaged
class Cos {
  @inline begin<T>(): void { sinBegin<T>() }
  @inline apply<T>(v: v128): v128 { return cos<T>(v) }
}

export function cos_f32(x: usize, y: usize, n: usize): void { map<Cos, f32>(x, y, n) }
export function cos_f64(x: usize, y: usize, n: usize): void { map<Cos, f64>(x, y, n) }
