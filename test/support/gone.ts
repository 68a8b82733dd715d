// Values read from tensors that are all disposed of.

import { tidy } from '../../src/scope.js';
import { leavesNothing } from './heap.js';

/** What `f` returns, which is no tensor; every tensor it made goes, and nothing is left behind. */
export const gone = <T>(f: () => T): T =>
  leavesNothing(() => {
    let result: T;
    tidy(() => {
      result = f();
    });
    return result!;
  });
