// JSON from files, which may be damaged or hostile.

/** Deeper than any model, shallower than any stack. */
const DEEPEST = 200;

export type JSONObject = Record<string, unknown>;

export const isObject = (x: unknown): x is JSONObject => typeof x === 'object' && x !== null && !Array.isArray(x);

/** A count or size that a file claims. */
export const isCount = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;

export const isShape = (x: unknown): x is number[] => Array.isArray(x) && x.every(isCount);

/** A value as an error shows it. */
export const show = (x: unknown): string => (JSON.stringify(x) ?? String(x)).slice(0, 80);

/** Where a string ends that begins at a place. */
function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); ; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return end;
  }
}

/**
 * The value of a JSON text, UTF-8 if it is bytes.
 * @throws RangeError for what is no JSON, an object with a key twice (of which JSON.parse would take the last), or
 *   nesting so deep that only mischief explains it
 */
export function parseJSON(source: Uint8Array | string, what: string): unknown {
  let text: string;
  let value: unknown;
  try {
    text = typeof source === 'string' ? source : new TextDecoder('utf-8', { fatal: true }).decode(source);
    value = JSON.parse(text);
  } catch (cause) {
    throw new RangeError(`${what}: needed JSON, got text that is none`, { cause });
  }
  const open: Set<string>[] = [];
  let key = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      const end = endOfString(text, i);
      key = text.slice(i, end + 1);
      i = end;
    } else if (c === '{' || c === '[') {
      if (open.push(new Set()) > DEEPEST) throw new RangeError(`${what}: nested more than ${DEEPEST} deep`);
    } else if (c === '}' || c === ']') open.pop();
    else if (c === ':') {
      const name = JSON.parse(key) as string;
      if (open.at(-1)!.has(name)) throw new RangeError(`${what}: the key ${show(name)} is there twice`);
      open.at(-1)!.add(name);
    }
  }
  return value;
}

/** Runs `f`, whose errors become sentences of the function that a user called. */
export function telling<T>(op: string, f: () => T): T {
  const retell = (cause: unknown): never => {
    const Kind = cause instanceof TypeError ? TypeError : RangeError;
    throw new Kind(`${op}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  };
  try {
    const result = f();
    return result instanceof Promise ? (result.catch(retell) as T) : result;
  } catch (error) {
    return retell(error);
  }
}
