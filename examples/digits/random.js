/**
 * mulberry32: a small seeded generator of numbers in [0, 1). It is integer arithmetic and one division,
 * so the numbers are the same in every engine. Good enough to draw pictures, not for statistics or secrets.
 *
 * @param {number} seed an integer
 * @returns {() => number}
 */
export function mulberry32(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
