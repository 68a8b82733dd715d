// The @example blocks of docstrings, and what their comments promise.

/** One @example of a docstring. */
export interface DocExample {
  /** Where it stands: file and line. */
  at: string;
  lines: string[];
}

/** The examples in a source text. */
export function examplesIn(source: string, file: string): DocExample[] {
  const found: DocExample[] = [];
  for (const { 0: comment, index } of source.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    let current: DocExample | undefined;
    comment.split('\n').forEach((raw, i) => {
      const line = raw.replace(/\s*\*\/$/, '').replace(/^\s*\/?\*+ ?/, '');
      if (line.startsWith('@')) current = undefined;
      if (line.startsWith('@example')) {
        const number = source.slice(0, index).split('\n').length + i;
        current = { at: `${file}:${number}`, lines: [] };
        found.push(current);
      } else if (line.trim() !== '') current?.lines.push(line);
    });
  }
  return found;
}

/**
 * The values that a comment promises: `[1, 2]`, `0.5`, `[1, 2] and [3]`, `values [3, 2], indices [1, 2]`, whatever
 * follows a comma aside. Undefined if it is prose.
 */
export function promised(comment: string): unknown[] | undefined {
  const values: unknown[] = [];
  let rest = comment.trim();
  for (;;) {
    rest = rest.replace(/^(?!true|false)[a-z]+ (?=[[\d-])/, '');
    const value = /^(?:true|false|NaN|-?Infinity|-?[\d.]+(?:e[+-]?\d+)?|'[^']*')/.exec(rest)?.[0] ?? brackets(rest);
    if (value === undefined) return undefined;
    values.push(parse(value));
    rest = rest.slice(value.length);
    if (rest === '') return values;
    const separator = /^(?: and |, )/.exec(rest)?.[0];
    if (separator === undefined) return undefined;
    rest = rest.slice(separator.length);
    // Prose may follow: "[2, 3], as NumPy has it".
    if (/^(?!true|false)[a-z]/i.test(rest) && !/^[a-z]+ [[\d-]/.test(rest)) return values;
  }
}

function brackets(text: string): string | undefined {
  if (text[0] !== '[') return undefined;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '[') depth++;
    if (text[i] === ']' && --depth === 0) return text.slice(0, i + 1);
  }
  return undefined;
}

const parse = (text: string): unknown =>
  JSON.parse(text.replace(/-?Infinity|NaN/g, '"$&"').replace(/'/g, '"'), (_, v) =>
    typeof v === 'string' && !Number.isNaN(Number(v)) ? Number(v) : v === 'NaN' ? Number.NaN : v,
  );

/**
 * The code of an example as the body of a function that calls `promise(kind, value, comment)` wherever a comment
 * promises something. Only whole expressions promise, and what prints; `using` is a constant here, disposed of with everything else.
 */
export function instrument({ lines }: DocExample): string {
  let statement = '';
  const code = lines.map((line) => {
    const [, text, comment] = /^(.*?)(?:\s*\/\/ (.*))?$/.exec(line)!;
    const begins = statement === '';
    statement += `${text}\n`;
    if (!balanced(statement) || !/[;}]\s*$/.test(statement)) return { text, begins, comment };
    const whole = statement.trim();
    statement = '';
    return { text, begins, whole, comment };
  });
  const out: string[] = [];
  let pending: string[] = [];
  for (const [i, { text, whole, comment: beside }] of code.entries()) {
    // What does not fit beside the statement stands in the line below it.
    const below = code[i + 1]?.text.trim() === '' ? code[i + 1]!.comment : undefined;
    const comment = beside ?? below;
    pending.push(text.replace(/^(\s*)using /, '$1const '));
    if (whole === undefined) continue;
    const isExpression = !/^(?:(?:const|let|using|if|for|while|function|class)\b|\{|\})/.test(whole);
    const prints = whole.endsWith('.print();');
    if (comment === undefined || !(isExpression || prints) || promised(comment) === undefined) out.push(...pending);
    else if (prints) out.push(...pending, `promise.printed(${JSON.stringify(comment)});`);
    else out.push(`promise.value(${pending.join('\n').trim().replace(/;$/, '')}, ${JSON.stringify(comment)});`);
    pending = [];
  }
  return [...out, ...pending].join('\n');
}

function balanced(text: string): boolean {
  const bare = text.replace(/'[^']*'|"[^"]*"|`[^`]*`/g, '');
  return [...bare].reduce((depth, c) => depth + ('([{'.includes(c) ? 1 : ')]}'.includes(c) ? -1 : 0), 0) === 0;
}
