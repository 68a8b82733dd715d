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
  // The name of the class will do: 'Zeros' for zeros.
  const name = given.charAt(0).toLowerCase() + given.slice(1);
  if (!Object.hasOwn(table, name)) {
    throw new RangeError(`${op}: unknown ${kind} '${given}'; known are ${Object.keys(table).join(', ')}`);
  }
  return table[name]!();
}

/** A function that says how it was made: with these options, by what Keras calls this class. */
export const described = <F extends (...args: never[]) => unknown>(className: string, config: object, f: F): F =>
  Object.assign(f, { className, getConfig: () => ({ ...config }) });
