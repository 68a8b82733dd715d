// Options as plain values, from which they can be made again.

/** What can say how it was made: layers, and the functions that initializers, regularizers and constraints are. */
interface Configurable {
  getClassName?(): string;
  className?: string;
  getConfig(): Record<string, unknown>;
}

const isConfigurable = (x: unknown): x is Configurable =>
  x !== null && (typeof x === 'object' || typeof x === 'function') && 'getConfig' in x;

/**
 * Values in any nesting, with `{ className, config }` for what can say how it was made. Undefined values are left out.
 * @throws TypeError for a function of one's own
 */
export function configOf(value: unknown, owner: string): unknown {
  if (isConfigurable(value)) {
    return { className: value.getClassName?.() ?? value.className, config: value.getConfig() };
  }
  if (typeof value === 'function') {
    throw new TypeError(
      `getConfig: ${owner} has a function ${value.name || 'without a name'} of your own, which no file can hold; give it by name`,
    );
  }
  if (Array.isArray(value)) return value.map((v) => configOf(v, owner));
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries.map(([key, v]) => [key, configOf(v, owner)]));
}
