// Binary as text that travels inside JavaScript: printable ASCII, one character for the 90 bytes that are most
// frequent in WebAssembly (0 to 86 and the SIMD prefix 0xFD), two for any other. assembly/unpack.ts is the other half.
//
// Bytes stay whole, so that compressors still see what repeats. Measured on 167,828 bytes of kernels:
//
//                         in text      brotli      gzip
//     the module itself                24,017    35,009
//     base64              223,772      41,607    57,926
//     hexadecimal         335,656      25,622    40,661
//     this                193,699      25,199    35,736

const FIRST = 35;
const SINGLES = 90;
const CHARACTERS = 92;
const SHIFT = 3;

const code = Array.from({ length: 256 }, (_, byte) => {
  const value = (byte + SHIFT) % 256;
  if (value < SINGLES) return String.fromCharCode(FIRST + value);
  const rest = value - SINGLES;
  return String.fromCharCode(FIRST + SINGLES + Math.floor(rest / CHARACTERS), FIRST + (rest % CHARACTERS));
});

/** @param {Uint8Array} bytes */
export const pack = (bytes) => Array.from(bytes, (byte) => code[byte]).join('');
