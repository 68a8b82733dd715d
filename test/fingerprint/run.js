// Prints the fingerprint of the built package. --rows prints each row's own hash first, --write stores the
// whole as what every runtime must give.
import { writeFileSync } from 'node:fs';
import * as wasmgrad from 'wasmgrad';
import { fingerprint } from './program.js';

const report = process.argv.includes('--rows')
  ? (/** @type {string} */ row, /** @type {string} */ hash) => console.log(hash, row)
  : undefined;
const value = await fingerprint(wasmgrad, report);
console.log(value);
if (process.argv.includes('--write')) writeFileSync(new URL('value.txt', import.meta.url), `${value}\n`);
