// The libraries that the pictures stand on. They are no part of the package: a program that draws installs them.

/**
 * @internal What is thrown where a library is not there, in one sentence. It stands in a `catch` right behind each import:
 * that tells bundlers that the library may be missing.
 */
export const missing =
  (name: string) =>
  (cause: unknown): never => {
    throw new Error(`plot: needs ${name}, which is installed apart: npm install d3-scale d3-shape @dagrejs/dagre`, {
      cause,
    });
  };

/** @internal What curves need. */
export async function curveLibraries() {
  const [scale, shape] = await Promise.all([
    import('d3-scale').catch(missing('d3-scale')),
    import('d3-shape').catch(missing('d3-shape')),
  ]);
  return { ...scale, ...shape };
}

/** @internal What graphs need. */
export async function graphLibraries() {
  const [shape, dagre] = await Promise.all([
    import('d3-shape').catch(missing('d3-shape')),
    import('@dagrejs/dagre').catch(missing('@dagrejs/dagre')),
  ]);
  return { ...shape, dagre };
}
