// The libraries that the pictures stand on. They are no part of the package: a program that draws installs them.

/**
 * @internal
 * @throws Error with one sentence if the library is not there
 */
export async function peer<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new Error(`plot: needs ${name}, which is installed apart: npm install d3-scale d3-shape @dagrejs/dagre`, {
      cause,
    });
  }
}

/** @internal What curves need. */
export async function curveLibraries() {
  const [scale, shape] = await Promise.all([
    peer('d3-scale', () => import('d3-scale')),
    peer('d3-shape', () => import('d3-shape')),
  ]);
  return { ...scale, ...shape };
}

/** @internal What graphs need. */
export async function graphLibraries() {
  const [shape, dagre] = await Promise.all([
    peer('d3-shape', () => import('d3-shape')),
    peer('@dagrejs/dagre', () => import('@dagrejs/dagre')),
  ]);
  return { ...shape, dagre };
}
