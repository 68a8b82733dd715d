/** The four files of MNIST in a folder, as http://yann.lecun.com/exdb/mnist published them, gzipped or not, as they are. Nothing is downloaded. */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {{ trainImages: Uint8Array, trainLabels: Uint8Array, testImages: Uint8Array, testLabels: Uint8Array }} MnistFiles */

/**
 * @param {string} folder
 * @returns {Promise<MnistFiles>}
 * @throws {Error} one sentence, if the folder or a file is missing
 */
export async function readMnistFiles(folder) {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new Error(`--data: there is no folder ${folder}.`);

  const read = async (/** @type {string} */ name) => {
    for (const file of [name, `${name}.gz`]) {
      try {
        return await readFile(join(folder, file));
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
      }
    }
    throw new Error(`--data: the folder ${folder} has neither ${name} nor ${name}.gz.`);
  };
  return {
    trainImages: await read('train-images-idx3-ubyte'),
    trainLabels: await read('train-labels-idx1-ubyte'),
    testImages: await read('t10k-images-idx3-ubyte'),
    testLabels: await read('t10k-labels-idx1-ubyte'),
  };
}
