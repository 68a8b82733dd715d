/** Whether a module is the program that was started, rather than imported by a test. */

import { pathToFileURL } from 'node:url';

/** @param {ImportMeta} meta the module's `import.meta` */
export const isProgram = (meta) => process.argv[1] !== undefined && meta.url === pathToFileURL(process.argv[1]).href;
