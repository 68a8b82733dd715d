// Derivatives by differences, to check those by rule against.

const H = 1e-3;

/**
 * The derivatives of f with respect to every value, by five-point differences: the error is of order h⁴, about 1e-9 of
 * the derivative for float64 values and tame functions.
 */
export function differences(f: (values: number[][]) => number, values: readonly number[][]): number[][] {
  const at = values.map((v) => [...v]);
  return at.map((v) =>
    v.map((x, i) => {
      const near = (step: number): number => {
        v[i] = x + step;
        const y = f(at);
        v[i] = x;
        return y;
      };
      return (8 * (near(H) - near(-H)) - (near(2 * H) - near(-2 * H))) / (12 * H);
    }),
  );
}
