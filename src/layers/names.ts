// What layers are called that are given no name.

/** `Conv2DTranspose` as Keras names such a layer: `conv2d_transpose`. */
export const snakeCase = (className: string): string =>
  className
    .replace(/(.)([A-Z][a-z0-9]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

const counts = new Map<string, number>();

/** `dense`, then `dense_1`, `dense_2` and so on. */
export function uniqueName(kind: string): string {
  const n = counts.get(kind) ?? 0;
  counts.set(kind, n + 1);
  return n === 0 ? kind : `${kind}_${n}`;
}
