import { map } from './map'

@final @unmanaged
class Sqrt {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.sqrt<T>(v) }
}

export function sqrt_f32(x: usize, y: usize, n: usize): void { map<Sqrt, f32>(x, y, n) }
export function sqrt_f64(x: usize, y: usize, n: usize): void { map<Sqrt, f64>(x, y, n) }
