// Comma-separated values (RFC 4180), read as they come: quotes, line breaks inside them, CRLF, a byte order mark.

import { fileSystem } from '../files.js';
import { Dataset, type Source } from './dataset.js';
import { iterate } from './sources.js';

/** How a column is read. */
export interface ColumnConfig {
  /** A number if absent wherever a value looks like one, else a string. 'bool' gives 1 for 1 and true, 0 for others. */
  dtype?: 'float32' | 'int32' | 'bool' | 'string';
  /** In place of a value that is missing. */
  default?: number | string;
  /** Whether a missing value is an error. */
  required?: boolean;
  /** Whether it belongs to what is to be predicted: elements are { xs, ys } then. */
  isLabel?: boolean;
}

/** How `data.csv` reads a file. */
export interface CsvConfig {
  /** Whether the first line names the columns; true if absent. */
  hasHeader?: boolean;
  /** The columns' names, in place of the first line's. */
  columnNames?: readonly string[];
  /** By the columns' names. */
  columnConfigs?: Readonly<Record<string, ColumnConfig>>;
  /** Whether columns without a config are left out. */
  configuredColumnsOnly?: boolean;
  /** One character; ',' if absent. */
  delimiter?: string;
  /** Whether values stand apart by blanks and tabs, however many, and not by the delimiter. */
  delimWhitespace?: boolean;
}

/** A value is undefined where it is missing. */
export type CsvRow = Record<string, number | string | undefined>;

/** What a file's rows become under a config: of features and labels, if the config is written out and has labels. */
export type CsvElement<C> = C extends { columnConfigs: infer Columns }
  ? true extends { [N in keyof Columns]: Columns[N] extends { isLabel: true } ? true : false }[keyof Columns]
    ? { xs: CsvRow; ys: CsvRow }
    : CsvRow
  : CsvRow;

type Chunk = string | Uint8Array;

/** A file as text, as bytes, as a stream or an iterable of either, or where it is: a URL, http or other. */
export type CsvSource = string | URL | Uint8Array | ArrayBuffer | Blob | Source<Chunk> | (() => Source<Chunk>);

/**
 * A dataset that knows its columns; `data.csv` makes it.
 *
 * @example
 * await data.csv('a,b\n1,2\n').columnNames();  // ['a', 'b']
 */
export class CSVDataset<T> extends Dataset<T> {
  /** The names of the columns that elements have; reads the first line. */
  readonly columnNames: () => Promise<string[]>;

  constructor(start: () => AsyncIterable<T>, columnNames: () => Promise<string[]>) {
    super(start);
    this.columnNames = columnNames;
  }
}

/**
 * The rows of a CSV file as objects, by the names of the columns; with `isLabel` columns as `{ xs, ys }`. Empty lines are
 * skipped, and a value that is not there is undefined.
 *
 * @param source - a URL, or a string that begins with http:, https:, file:, data: or blob:, says where the file is
 *   (`file://./prices.csv` from where the program runs); any other string is the text itself. A stream can be gone through once; a function that opens one, as often as it likes.
 * @throws RangeError (while going through it) for a row with too few or too many values, a quote that is not closed, a
 *   value that is required or does not fit its column's dtype; RangeError for a config that does not fit the columns
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @example
 * const rows = data.csv('size,price\n10,1.5\n20,3\n', { columnConfigs: { price: { isLabel: true } } });
 * const [first] = await rows.toArray();
 * [first.xs.size, first.ys.price];  // [10, 1.5]
 */
export function csv<const C extends CsvConfig = CsvConfig>(
  source: CsvSource,
  config: C = {} as C,
): CSVDataset<CsvElement<C>> {
  const {
    hasHeader = true,
    columnNames,
    columnConfigs = {},
    configuredColumnsOnly = false,
    delimiter = ',',
    delimWhitespace = false,
  } = config as CsvConfig;
  if (typeof delimiter !== 'string' || delimiter.length !== 1 || '"\r\n'.includes(delimiter)) {
    throw new RangeError(`csv: delimiter must be one character, no quote and no line break, got '${delimiter}'`);
  }
  const divider = delimWhitespace ? undefined : delimiter;
  if (!hasHeader && !columnNames) throw new RangeError('csv: needs columnNames where there is no header');
  const isKept = (name: string) => !configuredColumnsOnly || Object.hasOwn(columnConfigs, name);
  const hasLabels = Object.values(columnConfigs).some(({ isLabel }) => isLabel);

  /** The first line is checked against the config; the names are undefined if there is none. */
  const namesFrom = (header: Row | undefined): readonly string[] => {
    if (hasHeader && !header) throw new RangeError('csv: needs a header, got an empty file');
    const found = hasHeader ? header!.values : columnNames!;
    const names = columnNames ?? found;
    if (names.length !== found.length) {
      throw new RangeError(`csv: needs as many columnNames as the header has, ${found.length}, got ${names.length}`);
    }
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) throw new RangeError(`csv: needs columns of different names, got '${twice}' twice`);
    // Rows are plain objects, of which it would become the prototype.
    if (names.includes('__proto__')) throw new RangeError("csv: no column may be named '__proto__'");
    const unknown = Object.keys(columnConfigs).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new RangeError(`csv: columnConfigs names '${unknown}', which is none of the columns ${names.join(', ')}`);
    }
    return names;
  };

  const element = (names: readonly string[], { line, values }: Row): unknown => {
    if (values.length !== names.length) {
      throw new RangeError(`csv: line ${line}: needs ${names.length} values, got ${values.length}`);
    }
    const [xs, ys]: [CsvRow, CsvRow] = [{}, {}];
    for (const [i, name] of names.entries()) {
      if (!isKept(name)) continue;
      const column = columnConfigs[name] ?? {};
      (column.isLabel ? ys : xs)[name] = valueOf(values[i]!, name, column, line);
    }
    return hasLabels ? { xs, ys } : xs;
  };

  async function* elements(): AsyncGenerator<CsvElement<C>> {
    let names = hasHeader ? undefined : namesFrom(undefined);
    for await (const row of rowsOf(source, divider)) {
      if (names) yield element(names, row) as CsvElement<C>;
      else names = namesFrom(row);
    }
    if (!names) namesFrom(undefined);
  }
  return new CSVDataset(elements, async () => {
    if (columnNames) return columnNames.filter(isKept);
    for await (const row of rowsOf(source, divider)) return namesFrom(row).filter(isKept);
    return [...namesFrom(undefined)];
  });
}

/** A value as its column wants it. */
function valueOf(text: string, name: string, column: ColumnConfig, line: number): number | string | undefined {
  const { dtype, required, isLabel } = column;
  if (text.trim() === '') {
    if (column.default === undefined && (required || isLabel)) {
      throw new RangeError(`csv: line ${line}: ${name} is missing`);
    }
    return column.default;
  }
  if (dtype === 'string') return text;
  if (dtype === 'bool') return /^\s*(1|true)\s*$/i.test(text) ? 1 : 0;
  const value = Number(text);
  if (!Number.isNaN(value)) return dtype === 'int32' ? Math.floor(value) : value;
  if (dtype === undefined) return text;
  throw new RangeError(`csv: line ${line}: ${name} needs a number, got '${text}'`);
}

/** A row, and the line that it begins in. */
interface Row {
  line: number;
  values: string[];
}

/** @param delimiter - a character; blanks and tabs if absent */
async function* rowsOf(source: CsvSource, delimiter: string | undefined): AsyncGenerator<Row> {
  const parser = new Parser(delimiter);
  for await (const text of textOf(source)) yield* parser.push(text);
  yield* parser.end();
}

/** The text as it comes, without a byte order mark. */
async function* textOf(source: CsvSource): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let isFirst = true;
  for await (const chunk of await chunksOf(source)) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text === '') continue;
    yield isFirst && text[0] === '\ufeff' ? text.slice(1) : text;
    isFirst = false;
  }
  yield decoder.decode();
}

async function chunksOf(source: CsvSource): Promise<Iterable<Chunk> | AsyncIterable<Chunk>> {
  if (source instanceof URL || (typeof source === 'string' && /^(https?|file|data|blob):/.test(source))) {
    // After file:// a path may be a relative one, as where models are: file://./prices.csv.
    const [, path] = /^file:\/\/(?!\/|localhost\/)(.+)/.exec(String(source)) ?? [];
    const url = path === undefined ? new URL(source) : undefined;
    if (!url || url.protocol === 'file:') return (await fileSystem('csv')).createReadStream(path ?? url!);
    const response = await fetch(source);
    if (!response.ok) throw new Error(`csv: ${source} answered ${response.status} ${response.statusText}`.trimEnd());
    return iterate(response.body ?? [], 'csv');
  }
  if (typeof source === 'string' || source instanceof Uint8Array) return [source];
  if (source instanceof ArrayBuffer) return [new Uint8Array(source)];
  if (source instanceof Blob) return iterate(source.stream(), 'csv');
  return iterate(typeof source === 'function' ? source() : source, 'csv');
}

/** Where the parser is: before a value, in one, in one in quotes, or behind a quote inside those. */
const [START, PLAIN, QUOTED, QUOTE] = [0, 1, 2, 3];

/** Cuts text into rows, whatever the pieces it comes in. */
class Parser {
  /** What ends a value. */
  private readonly ends: RegExp;
  /** Whether blanks divide: nothing between two of them is no value. */
  private readonly byBlanks: boolean;
  private state = START;
  private value = '';
  private values: string[] = [];
  /** A carriage return that ended a piece: the next may begin with its line feed. */
  private held = '';
  private line = 1;
  private rowLine = 1;
  private quoteLine = 1;

  constructor(delimiter: string | undefined) {
    this.byBlanks = delimiter === undefined;
    const divides = delimiter === undefined ? '[ \\t]+' : `[${delimiter.replace(/[\\\]^]/, '\\$&')}]`;
    this.ends = new RegExp(`${divides}|\\r?\\n`, 'g');
  }

  *push(piece: string): Generator<Row> {
    let text = this.held + piece;
    this.held = text.endsWith('\r') ? '\r' : '';
    if (this.held) text = text.slice(0, -1);
    for (let at = 0; at < text.length; ) {
      if (this.state === QUOTED) {
        const end = text.indexOf('"', at);
        const part = text.slice(at, end < 0 ? undefined : end);
        this.value += part;
        for (let i = part.indexOf('\n'); i >= 0; i = part.indexOf('\n', i + 1)) this.line++;
        at += part.length + 1;
        if (end >= 0) this.state = QUOTE;
      } else if (text[at] === '"' && this.state !== PLAIN) {
        // A second quote stands for one; the first one of a value opens it.
        if (this.state === QUOTE) this.value += '"';
        else this.quoteLine = this.line;
        this.state = QUOTED;
        at++;
      } else {
        this.ends.lastIndex = at;
        const end = this.ends.exec(text);
        const part = text.slice(at, end?.index);
        at += part.length + (end ? end[0].length : 0);
        if (part !== '') {
          if (this.state === QUOTE) {
            throw new RangeError(`csv: line ${this.line}: needs a delimiter behind a closing quote, got '${part[0]}'`);
          }
          this.value += part;
          this.state = PLAIN;
        }
        if (!end) return;
        if (!end[0].endsWith('\n')) this.endValue();
        else {
          yield* this.endRow();
          this.rowLine = ++this.line;
        }
      }
    }
  }

  *end(): Generator<Row> {
    if (this.state === QUOTED) throw new RangeError(`csv: line ${this.quoteLine}: a quote is not closed`);
    yield* this.endRow();
  }

  private endValue(): void {
    if (this.byBlanks && this.state === START) return;
    this.values.push(this.value);
    this.value = '';
    this.state = START;
  }

  /** A line without anything in it is no row. */
  private *endRow(): Generator<Row> {
    if (this.values.length === 0 && this.state === START) return;
    this.endValue();
    yield { line: this.rowLine, values: this.values };
    this.values = [];
  }
}
