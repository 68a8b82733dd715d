// What options name by a string: initializers, regularizers, constraints.

/**
 * The function of that name with its defaults, or a function as it is.
 * @throws RangeError for a name there is none of, TypeError for neither
 */
export function named<F extends (...args: never[]) => unknown>(
  table: Record<string, () => F>,
  given: string | F,
  kind: string,
  op: string,
): F {
  if (typeof given === 'function') return given;
  if (typeof given !== 'string') {
    throw new TypeError(
      `${op}: the ${kind} must be a name or a function, got ${given === null ? 'null' : typeof given}`,
    );
  }
  if (!Object.hasOwn(table, given)) {
    throw new RangeError(`${op}: unknown ${kind} '${given}'; known are ${Object.keys(table).join(', ')}`);
  }
  return table[given]!();
}

/** A function that says how it was made: with these options, by what Keras calls this class. */
export const described = <F extends (...args: never[]) => unknown>(className: string, config: object, f: F): F =>
  Object.assign(f, { className, getConfig: () => ({ ...config }) });
