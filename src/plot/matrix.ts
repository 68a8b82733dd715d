// What confusion matrices are given as.

/** Numbers in rows: nested arrays, or a tensor of two axes. */
export type Matrix = readonly (readonly number[])[] | { arraySync(): unknown };

/**
 * @internal A square matrix and the names of its classes.
 * @throws TypeError for another kind, RangeError for another shape
 */
export function matrixOf(
  matrix: Matrix,
  labels: readonly string[] | undefined,
  op: string,
): { rows: readonly (readonly number[])[]; names: readonly string[] } {
  const given: unknown =
    typeof (matrix as { arraySync?: unknown })?.arraySync === 'function'
      ? (matrix as { arraySync(): unknown }).arraySync()
      : matrix;
  if (!Array.isArray(given) || !given.every(Array.isArray)) {
    throw new TypeError(`${op}: needs a matrix of counts, got ${Array.isArray(given) ? 'a list' : typeof given}`);
  }
  const rows = given as number[][];
  const n = rows.length;
  if (n === 0 || rows.some((row) => row.length !== n)) {
    throw new RangeError(`${op}: needs as many columns as rows, got [${rows.map((row) => row.length)}] for ${n} rows`);
  }
  for (const count of rows.flat()) {
    if (typeof count !== 'number') throw new TypeError(`${op}: counts must be numbers, got ${typeof count}`);
    if (!(count >= 0 && count < Infinity)) throw new RangeError(`${op}: counts must be 0 or more, got ${count}`);
  }
  if (labels && labels.length !== n) {
    throw new RangeError(`${op}: needs a label for each of ${n} classes, got ${labels.length}`);
  }
  return { rows, names: labels?.map(String) ?? rows.map((_, i) => String(i)) };
}
