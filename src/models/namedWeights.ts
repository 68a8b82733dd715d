// A model's weights by the names that files give them, and files of weights alone.

import type { NamedTensorMap } from '../autodiff.js';
import { readFile, writeFile } from '../io/files.js';
import { show, telling } from '../io/json.js';
import { readNpz, writeNpz } from '../io/npz.js';
import { writeSafetensors } from '../io/safetensors.js';
import { weightsIn } from '../io/singleFile.js';
import type { Layer } from '../layers/layer.js';
import { dispose } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import type { LayersModel } from './functional.js';
import { Model } from './model.js';

/**
 * Weights by the names that files give them: the layer's name, those of the layers in it, and the weight's own. They do
 * not depend on what else the program has made, as variables' names do. Layers of one name, in several models in the
 * model, are numbered.
 */
export function namedWeights(model: Model): Map<string, Variable> {
  const found = new Map<string, Variable>();
  const known = new Set<Variable>();
  const add = (layer: Layer, prefix: string) => {
    layer.ownWeights.forEach((weight, i) => {
      if (known.has(weight)) return;
      known.add(weight);
      const own = `${prefix}${layer.name}`;
      let name = `${own}/${layer.weightNames[i]}`;
      for (let n = 1; found.has(name); n++) name = `${own}_${n}/${layer.weightNames[i]}`;
      found.set(name, weight);
    });
    // Layers of a model in a model are named as if they were the outer model's own, as in TensorFlow.js.
    const inside = layer instanceof Model ? prefix : `${prefix}${layer.name}/`;
    for (const inner of layer.layers) add(inner, inside);
  };
  for (const layer of model.layers) add(layer, '');
  return found;
}

/**
 * A name without the part before the last, unless that is all that tells of the layer: Keras names an LSTM's weights
 * lstm/lstm_cell/kernel, TensorFlow.js lstm/kernel.
 */
const shorter = (name: string): string => name.replace(/([^/]+\/)[^/]+\/([^/]+)$/, '$1$2');

/**
 * Names in which layers in layers are numbered from 0: a layer of one's own makes layers anew when it is loaded, and what
 * were block/dense_4/kernel and block/dense_5/kernel may be block/dense/kernel and block/dense_1/kernel then.
 */
function renumbered(names: Iterable<string>): Map<string, string> {
  const paths = [...names].map((name) => name.split('/'));
  const kindOf = (part: string) => part.replace(/_\d+$/, '');
  const numberOf = (part: string) => Number(/_(\d+)$/.exec(part)?.[1] ?? -1);
  const siblings = new Map<string, Set<number>>();
  const siblingsOf = (path: string[], i: number): Set<number> => {
    const key = [...path.slice(0, i), kindOf(path[i]!)].join('/');
    if (!siblings.has(key)) siblings.set(key, new Set());
    return siblings.get(key)!;
  };
  const isInside = (path: string[], i: number) => i > 0 && i < path.length - 1;
  for (const path of paths) {
    for (const [i, part] of path.entries()) if (isInside(path, i)) siblingsOf(path, i).add(numberOf(part));
  }
  const numbered = (path: string[]) => (part: string, i: number) => {
    if (!isInside(path, i)) return part;
    return `${kindOf(part)}_${[...siblingsOf(path, i)].filter((n) => n < numberOf(part)).length}`;
  };
  return new Map(paths.map((path) => [path.join('/'), path.map(numbered(path)).join('/')]));
}

/**
 * What finds the weight that a name in a file means.
 *
 * @param given - the names in the file, if it is to have all weights
 */
export function finderOf<T>(
  named: ReadonlyMap<string, T>,
  given: readonly string[] = [],
): (name: string) => T | undefined {
  const byShort = new Map<string, T | undefined>();
  for (const [name, weight] of named) {
    const short = shorter(name);
    byShort.set(short, byShort.has(short) ? undefined : weight);
  }
  const find = (name: string) =>
    named.get(name) ?? byShort.get(name) ?? named.get(shorter(name)) ?? byShort.get(shorter(name));
  if (given.every((name) => find(name) !== undefined)) return find;
  const [ours, theirs] = [renumbered(named.keys()), renumbered(given)];
  const byNumber = new Map([...named].map(([name, weight]) => [ours.get(name)!, weight]));
  return (name) => byNumber.get(theirs.get(name)!) ?? find(name);
}

/**
 * The weights that tensors are for.
 *
 * @param strict - whether each weight needs a tensor, and each tensor a weight
 * @throws RangeError if one lacks, or has another shape or dtype
 */
export function matchWeights<T extends { shape: readonly number[]; dtype: string }>(
  model: Model,
  tensors: readonly (readonly [string, T])[],
  strict: boolean,
): [Variable, T][] {
  const named = namedWeights(model);
  const find = finderOf(named, strict ? tensors.map(([name]) => name) : []);
  const pairs = new Map<Variable, T>();
  for (const [name, value] of tensors) {
    const weight = find(name);
    if (!weight) {
      if (strict) throw new RangeError(`Provided weight data has no target variable: ${name}`);
      continue;
    }
    if (pairs.has(weight)) throw new RangeError(`two tensors are for the weight '${name}'`);
    if (!sameShape(value.shape, weight.shape) || value.dtype !== weight.dtype) {
      throw new RangeError(
        `'${name}' needs ${showShape(weight.shape)} ${weight.dtype}, got ${showShape(value.shape)} ${value.dtype}`,
      );
    }
    pairs.set(weight, value);
  }
  const missing = [...named].filter(([, weight]) => !pairs.has(weight)).map(([name]) => name);
  if (strict && missing.length > 0) {
    throw new RangeError(`${missing.length} of ${named.size} weights are not set: ${missing.slice(0, 10)}`);
  }
  return [...pairs];
}

/** Replaces weights by tensors of their names. All are checked before the first is changed. */
export function assignByName(model: Model, tensors: NamedTensorMap, strict: boolean): void {
  const pairs: [Variable, Tensor][] = telling('loadWeights', () =>
    matchWeights(model, Object.entries(tensors), strict),
  );
  for (const [, value] of pairs) value.throwIfDisposed();
  for (const [weight, value] of pairs) weight.assign(value);
}

/** @throws Error for a model without weights yet */
export function checkBuilt({ built, name }: Model, op: string): void {
  if (built) return;
  throw new Error(`${op}: ${name} is not built; give the first layer an inputShape, or call build or fit first`);
}

type Format = 'safetensors' | 'npz';

function formatOf(path: string, op: string): Format {
  const format = typeof path === 'string' ? /\.(safetensors|npz)$/.exec(path)?.[1] : undefined;
  if (format) return format as Format;
  throw new RangeError(`${op}: needs a file named *.safetensors or *.npz, got ${show(path)}`);
}

/** Writes the weights of a model to a file. */
export async function saveWeights(model: LayersModel, path: string): Promise<void> {
  const format = formatOf(path, 'saveWeights');
  checkBuilt(model, 'saveWeights');
  const tensors = Object.fromEntries(namedWeights(model));
  const bytes = format === 'npz' ? writeNpz(tensors) : writeSafetensors(tensors, { format: 'wasmgrad' });
  await writeFile(path, bytes);
}

/** Replaces the weights of a model by those of a file. */
export async function loadWeights(model: LayersModel, path: string, strict: boolean): Promise<void> {
  const format = formatOf(path, 'loadWeights');
  const bytes = await readFile(path);
  const tensors = format === 'npz' ? await readNpz(bytes) : weightsIn(bytes);
  try {
    assignByName(model, tensors, strict);
  } finally {
    dispose(tensors);
  }
}
