// Where a random op without a stream of its own gets its numbers: from its seed, or from the program's
// stream, which setSeed starts. The rules are TensorFlow 2's, so that its seeds give its numbers.

import { allocate, view } from '../memory.js';
import { fromData, type Tensor } from '../tensor.js';
import { random } from '../wasm/kernels.js';
import { guard } from '../wasm/trace.js';
import { entropy } from './entropy.js';
import { MT19937 } from './mt19937.js';
import { DEFAULT_GLOBAL_SEED, type Sampler, stateWords } from './philox.js';

/** The program's state, allocated once: a Philox state, and 64 bytes on the twister that gives ops their seeds. */
let program: number | undefined;

/** What setSeed was given, as TensorFlow shortens it; until then its default counts for ops that have a seed. */
let globalSeed: number | undefined;

/** Seeds of any size become 0 ≤ x < 2³¹ − 1. */
const shorten = (seed: number) => (((seed % 0x7fffffff) + 0x7fffffff) % 0x7fffffff) >>> 0;

function startProgram(key: number, words: number[]): number {
  program ??= allocate(64 + 625 * 4, 'the state of the random numbers');
  view('int32', program, 6).set(stateWords(key, 0));
  view('int32', program + 64, 625).set(MT19937.fromWords(words).snapshot());
  return program;
}

/**
 * Makes the random numbers of this program reproducible, as `tf.random.set_seed` does: what follows gives the numbers
 * that TensorFlow 2 gives, in the same order of calls.
 *
 * An op without a seed takes the next seed of a sequence that begins here, so that every call gives other numbers. An
 * op with a seed gives those of that seed and this one, at each call the same. Without setSeed, ops without a seed differ
 * from run to run.
 *
 * @param seed - a whole number
 * @throws RangeError for another
 * @differs from TensorFlow, where a second call of an op with a seed goes on in its stream: {@link PhiloxRandom} does
 * @example
 * setSeed(42);
 * randomNormal([3]).print(); // [0.3274685, -0.8426258, 0.3194337]
 */
export function setSeed(seed: number): void {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`setSeed: needed a whole number, got ${seed}`);
  globalSeed = shorten(seed);
  // Python's random.Random(seed): the words of |seed|, low first.
  const size = Math.abs(seed);
  startProgram(globalSeed, size < 2 ** 32 ? [size] : [size >>> 0, Math.floor(size / 2 ** 32)]);
}

/** Draws from the stream of a seed, from its start; without one, from the program's. */
export function drawSeeded(seed: number | null | undefined, op: string, sampler: Sampler): Tensor {
  if (seed === undefined || seed === null) {
    const state = program ?? startProgram(entropy(), [entropy(), entropy()]);
    random.common.philoxReseed(state);
    return sampler(state);
  }
  if (typeof seed !== 'number') throw new TypeError(`${op}: needed a number as seed, got ${typeof seed}`);
  if (!Number.isFinite(seed)) throw new RangeError(`${op}: needed a finite seed, got ${seed}`);
  const given = globalSeed;
  guard(drawSeeded, () => globalSeed === given);
  const key = given ?? DEFAULT_GLOBAL_SEED;
  const short = shorten(Math.trunc(seed));
  // TensorFlow takes two zeros for no seed at all, and avoids them.
  const state = fromData(stateWords(key, key === 0 && short === 0 ? 0x7fffffff : short), [6], 'int32');
  try {
    return sampler(state.storage.address);
  } finally {
    state.dispose();
  }
}

/** Where the program's stream is: what setSeed was given, and the state's words. */
export interface StreamState {
  globalSeed: number | null;
  words: Uint32Array;
}

const PHILOX_WORDS = 6;
const STATE_WORDS = PHILOX_WORDS + 625;

/** Where the program's stream is now. */
export function streamState(): StreamState {
  const state = program ?? startProgram(entropy(), [entropy(), entropy()]);
  const words = new Uint32Array(STATE_WORDS);
  words.set(view('int32', state, PHILOX_WORDS));
  words.set(view('int32', state + 64, 625), PHILOX_WORDS);
  return { globalSeed: globalSeed ?? null, words };
}

/**
 * Puts the program's stream where another was.
 * @throws RangeError for what is no state
 */
export function setStreamState({ globalSeed: seed, words }: StreamState): void {
  // The last word is how many of the twister's 624 are used up.
  if (words.length !== STATE_WORDS || words[STATE_WORDS - 1]! > 624 || !(seed === null || Number.isSafeInteger(seed))) {
    throw new RangeError('setStreamState: needed the state of a stream of random numbers, got another');
  }
  const state = program ?? startProgram(0, [0]);
  view('int32', state, PHILOX_WORDS).set(words.subarray(0, PHILOX_WORDS));
  view('int32', state + 64, 625).set(words.subarray(PHILOX_WORDS));
  globalSeed = seed ?? undefined;
}
