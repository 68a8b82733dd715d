// Bytes as text, in plain calls that every runtime has.

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  // Functions take so many arguments and no more.
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** @throws RangeError for what is no base64 */
export function fromBase64(text: unknown, what: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text as string), (c) => c.charCodeAt(0));
  } catch (cause) {
    throw new RangeError(`${what}: needed base64, got text that is none`, { cause });
  }
}
