// A seed that nobody chose. Imports nothing.

let calls = 0;

/** 32 bits from the platform; from the clock where it has none (Node 18), or not yet (a Worker that is starting). */
export function entropy(): number {
  try {
    return crypto.getRandomValues(new Uint32Array(1))[0]!;
  } catch {
    return Math.imul(Date.now() + calls++, 0x9e3779b1) >>> 0;
  }
}
