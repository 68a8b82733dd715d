// Unpacks the kernels' module from the text it travels in: a module of its own, because it has to run first.
// In JavaScript the same loop costs 5 to 20 ms of a cold start, here 1 ms. scripts/pack.js is the other half.

// @ts-expect-error: decorator
@inline const FIRST: u32 = 35;
// @ts-expect-error: decorator
@inline const SINGLES: u32 = 90;
// @ts-expect-error: decorator
@inline const CHARACTERS: u32 = 92;
// @ts-expect-error: decorator
@inline const SHIFT: u32 = 3;

/** Turns the `size` characters at address 0 into bytes, in place. Returns how many they are. */
export function unpack(size: usize): usize {
  let to: usize = 0;
  for (let from: usize = 0; from < size; from++) {
    let value = load<u8>(from) - FIRST;
    if (value >= SINGLES) value = SINGLES + (value - SINGLES) * CHARACTERS + load<u8>(++from) - FIRST;
    store<u8>(to++, value - SHIFT);
  }
  return to;
}
