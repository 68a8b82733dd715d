// Checks of plain options, each with its sentence. Imports nothing.

/** @throws TypeError unless x is a number, RangeError unless it is finite */
export function checkFinite(x: unknown, name: string, op: string): asserts x is number {
  if (typeof x !== 'number')
    throw new TypeError(`${op}: ${name} must be a number, got ${x === null ? 'null' : typeof x}`);
  if (!Number.isFinite(x)) throw new RangeError(`${op}: ${name} must be finite, got ${x}`);
}

/** @throws TypeError unless x is a number, RangeError unless it lies in [low, high) */
export function checkBetween(x: unknown, low: number, high: number, name: string, op: string): asserts x is number {
  checkFinite(x, name, op);
  if (!(x >= low && x < high)) throw new RangeError(`${op}: ${name} must be in [${low}, ${high}), got ${x}`);
}

/** @throws TypeError unless x is a number, RangeError unless it is a whole number from `low` up */
export function checkCount(x: unknown, low: number, name: string, op: string): asserts x is number {
  if (typeof x !== 'number')
    throw new TypeError(`${op}: ${name} must be a whole number, got ${x === null ? 'null' : typeof x}`);
  if (!Number.isSafeInteger(x) || x < low)
    throw new RangeError(`${op}: ${name} must be a whole number from ${low} up, got ${x}`);
}

/** @throws TypeError unless x is a number, RangeError unless it is finite and above 0 */
export function checkPositive(x: unknown, name: string, op: string): asserts x is number {
  checkFinite(x, name, op);
  if (!(x > 0)) throw new RangeError(`${op}: ${name} must be positive, got ${x}`);
}
