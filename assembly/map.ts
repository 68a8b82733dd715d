// The only elementwise loops. An op is a class of inline methods, named as a type parameter: at -O3
// the loop over it is fully inlined (a function passed as an argument would stay an indirect call).
//
//   begin<T>()  fills a few v128 globals with constants; the build's licm pass turns them into locals,
//               which V8 keeps in registers (it rebuilds a v128.const at each turn of the loop)
//   apply<T>(v) computes one vector

/** y[i] = Op(x[i]) */
// @ts-ignore: decorator
@inline
export function map<Op, T>(x: usize, y: usize, n: usize): void {
  if (n == 0) return
  const op = changetype<Op>(0)
  op.begin<T>()
  const end = x + n * sizeof<T>()
  do {
    v128.store(y, op.apply<T>(v128.load(x)))
    x += 16
    y += 16
  } while (x < end)
}
