// Models in files: on the disk, and in the file system that a browser keeps for a page's origin.

import { fileSystem } from '../files.js';
import type { IOHandler } from './artifacts.js';
import { type Folder, folderHandler } from './folder.js';
import { isHTTPScheme, request } from './http.js';

type FileSystem = typeof import('node:fs/promises');

let writes = 0;

/** The bytes of a file; undefined if there is none. */
async function readBytes(fs: FileSystem, path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await fs.readFile(path)); // Node's own may be part of a buffer that others share.
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a file beside its place, has it put on the disk, and only then moves it there. */
async function writeBytes(fs: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}-${writes++}.tmp`;
  try {
    const file = await fs.open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
}

/** `file://models/first` names `models/first`, and `file:///C:/models` `C:/models`. A path is one without that, too. */
const pathOf = (url: string): string => url.replace(/^file:\/\/(?:\/(?=[A-Za-z]:))?/, '');

/** The bytes of a file by its path, or of what http(s) gives. */
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (isHTTPScheme(path)) {
    return new Uint8Array(await request('loadWeights', path, (response) => response.arrayBuffer()));
  }
  const bytes = await readBytes((await fileSystem(path)).promises, pathOf(path));
  if (!bytes) throw new Error(`loadWeights: there is no file ${path}`);
  return bytes;
}

/** Replaces a file, the whole of it or nothing. */
export const writeFile = async (path: string, bytes: Uint8Array): Promise<void> =>
  writeBytes((await fileSystem(path)).promises, pathOf(path), bytes);

/** A handler for a folder on the disk, `file://models/first` or `file:///var/models/first`. */
export function fileHandler(url: string): IOHandler {
  const folderOf = async (path: string, create: boolean): Promise<Folder> => {
    const { promises: fs } = await fileSystem(url);
    if (create) await fs.mkdir(path, { recursive: true });
    return {
      read: (name) => readBytes(fs, `${path}/${name}`),
      write: (name, bytes) => writeBytes(fs, `${path}/${name}`, bytes),
      remove: (name) => fs.rm(`${path}/${name}`, { force: true }),
    };
  };
  return folderHandler(folderOf, pathOf(url), url);
}

/** A handler for a folder in the file system that a browser keeps for a page's origin, `opfs://models/first`. */
export function opfsHandler(url: string): IOHandler {
  const folderOf = async (path: string, create: boolean): Promise<Folder> => {
    if (!globalThis.navigator?.storage?.getDirectory) {
      throw new TypeError(`${url}: this runtime has no file system of the page's origin`);
    }
    let directory = await navigator.storage.getDirectory();
    for (const part of path.split('/').filter((part) => part !== '' && part !== '.')) {
      directory = await directory.getDirectoryHandle(part, { create });
    }
    return {
      async read(name) {
        try {
          const file = await (await directory.getFileHandle(name)).getFile();
          return new Uint8Array(await file.arrayBuffer());
        } catch (error) {
          if ((error as DOMException).name === 'NotFoundError') return undefined;
          throw error;
        }
      },
      // What is written takes the file's place when it is closed.
      async write(name, bytes) {
        const file = await (await directory.getFileHandle(name, { create: true })).createWritable();
        await file.write(bytes);
        await file.close();
      },
      remove: (name) => directory.removeEntry(name),
    };
  };
  return folderHandler(folderOf, url.slice('opfs://'.length), url);
}
