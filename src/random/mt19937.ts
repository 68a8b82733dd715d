// The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998): 32 random bits at a time. NumPy's
// RandomState and Python's random module are this generator; they differ in how they seed it and
// in what they make of the bits. Imports nothing.

const N = 624;
const M = 397;

export class MT19937 {
  readonly #state = new Uint32Array(N);
  #position = N;

  /** The authors' `init_genrand`: from one 32-bit word, as NumPy seeds from an integer. */
  static fromSeed(seed: number): MT19937 {
    const generator = new MT19937();
    const state = generator.#state;
    state[0] = seed;
    for (let i = 1; i < N; i++) {
      const before = state[i - 1]!;
      state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
    return generator;
  }

  /** The authors' `init_by_array`: from any number of words, as Python seeds from an integer. */
  static fromWords(words: readonly number[]): MT19937 {
    const generator = MT19937.fromSeed(19650218);
    const state = generator.#state;
    const mix = (i: number) => state[i - 1]! ^ (state[i - 1]! >>> 30);
    const wrap = (i: number) => {
      if (i < N) return i;
      state[0] = state[N - 1]!;
      return 1;
    };
    let i = 1;
    for (let k = 0; k < Math.max(N, words.length); k++) {
      const j = k % words.length;
      state[i] = (state[i]! ^ Math.imul(mix(i), 1664525)) + words[j]! + j;
      i = wrap(i + 1);
    }
    for (let k = 1; k < N; k++) {
      state[i] = (state[i]! ^ Math.imul(mix(i), 1566083941)) - i;
      i = wrap(i + 1);
    }
    state[0] = 0x80000000;
    return generator;
  }

  /** The state as 625 words: the generator's own, then the position. */
  snapshot(): Uint32Array {
    return Uint32Array.of(...this.#state, this.#position);
  }

  #refill(): void {
    const state = this.#state;
    for (let i = 0; i < N; i++) {
      const y = (state[i]! & 0x80000000) | (state[i + 1 < N ? i + 1 : 0]! & 0x7fffffff);
      state[i] = state[i + M < N ? i + M : i + M - N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }

  /** The next 32 bits, 0 ≤ x < 2³². */
  next(): number {
    if (this.#position === N) this.#refill();
    let y = this.#state[this.#position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** The next double, 0 ≤ x < 1, from 53 of the next 64 bits. */
  nextDouble(): number {
    const a = this.next() >>> 5;
    const b = this.next() >>> 6;
    return (a * 67108864 + b) / 9007199254740992;
  }

  /** The next integer 0 ≤ x ≤ max < 2³²: as few bits as hold `max`, drawn again while they exceed it. */
  nextUpTo(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.next() & mask) >>> 0;
      if (value <= max) return value;
    }
  }
}
