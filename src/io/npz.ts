// NumPy's .npz files: zip archives of .npy files.

import type { NamedTensorMap } from '../autodiff.js';
import { bytesOf } from '../data/binary.js';
import { parseNpy, writeNpy } from '../data/npy.js';
import { entriesOf, toTensors } from './elements.js';
import { unzip, zip } from './zip.js';

const SUFFIX = '.npy';

/**
 * Reads a .npz file, as `np.savez` and `np.savez_compressed` write it: arrays by their names, each as {@link readNpy}
 * reads it.
 *
 * @param bytes - the whole file and nothing else
 * @throws RangeError for an archive that is malformed, truncated or encrypted, or whose checksums are wrong; for two
 *   arrays of one name, and for what {@link readNpy} refuses; nothing is made then
 * @throws TypeError for an array of a dtype that {@link readNpy} refuses, and for compressed ones in a runtime without
 *   DecompressionStream
 * @example
 * const file = writeNpz({ x: tensor2d([[1, 2]]), y: tensor1d([3], 'int32') });
 * const { x, y } = await readNpz(file);
 * x.print();  // [[1, 2]]
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 */
export async function readNpz(bytes: ArrayBuffer | Uint8Array): Promise<NamedTensorMap> {
  const members = [...(await unzip(bytesOf(bytes, 'readNpz'), 'readNpz'))];
  return toTensors(
    members.map(([name, content]) => {
      if (!name.endsWith(SUFFIX)) throw new RangeError(`readNpz: needed arrays named *${SUFFIX}, got '${name}'`);
      return [name.slice(0, -SUFFIX.length), parseNpy(content, `readNpz: '${name}'`)];
    }),
  );
}

/**
 * Named tensors as a .npz file, not compressed, in their order. The same tensors give the same bytes: members have no
 * date.
 *
 * @throws TypeError for what is no tensor, RangeError for 4 GiB or more
 * @example
 * // What np.load('data.npz')['x'] reads, once it is in a file.
 * const file = writeNpz({ x: tensor1d([1, 2]), y: scalar(3) });
 * (await readNpz(file)).y.print();  // 3
 */
export const writeNpz = (tensors: NamedTensorMap): Uint8Array<ArrayBuffer> =>
  zip(
    entriesOf(tensors, 'writeNpz').map(([name, x]) => [`${name}${SUFFIX}`, writeNpy(x)]),
    'writeNpz',
  );
