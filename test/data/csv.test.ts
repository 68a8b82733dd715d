import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { data, type Tensor } from '../../src/index.js';
import { leavesNothing } from '../support/heap.js';

type Config = Parameters<typeof data.csv>[1];

const rows = (text: string, config?: Config) => data.csv(text, config).toArray();

/** The values of rows as text, whatever they look like. */
async function cells(source: Parameters<typeof data.csv>[0], columns: number, delimiter = ','): Promise<unknown[][]> {
  const columnNames = Array.from({ length: columns }, (_, i) => `${i}`);
  const columnConfigs = Object.fromEntries(
    columnNames.map((name) => [name, { dtype: 'string' as const, default: '' }]),
  );
  const all = await data.csv(source, { hasHeader: false, columnNames, columnConfigs, delimiter }).toArray();
  return all.map((row) => columnNames.map((name) => row[name]));
}

describe('csv', () => {
  test('gives rows as objects: numbers where they look like it, else strings', async () => {
    expect(await rows('a,b,c\n1,x,-2.5e3\n 4 ,,0x10\n')).toEqual([
      { a: 1, b: 'x', c: -2500 },
      { a: 4, b: undefined, c: 16 },
    ]);
  });

  test.each([
    ['line feeds', 'a,b\n1,2\n3,4\n'],
    ['carriage returns before them', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['no line end at the end', 'a,b\n1,2\n3,4'],
    ['a carriage return at the end', 'a,b\r\n1,2\r\n3,4\r'],
    ['a byte order mark', '\ufeffa,b\n1,2\n3,4'],
    ['empty lines', '\na,b\n\n1,2\r\n\r\n3,4\n\n'],
    ['quotes', '"a","b"\n"1","2"\n3,"4"'],
    ['quotes before carriage returns', '"a","b"\r\n"1","2"\r\n3,"4"\r\n'],
  ])('reads files with %s', async (_, text) => {
    expect(await rows(text)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
  });

  test('has delimiters, line breaks and doubled quotes inside quotes', async () => {
    expect(await cells('"a,b","c\r\nd"\n"say ""hi""",""""\n"",\n', 2)).toEqual([
      ['a,b', 'c\r\nd'],
      ['say "hi"', '"'],
      ['', ''],
    ]);
  });

  test('leaves a quote inside a value that does not begin with one as it is', async () => {
    expect(await cells('5" disk,a"b"\n', 2)).toEqual([['5" disk', 'a"b"']]);
  });

  test.each([';', '\t', ' ', '|', '^', '\\', ']', '-', '.'])('takes %j as delimiter', async (delimiter) => {
    const text = [
      ['a', 'b'],
      ['1', '"2"'],
    ]
      .map((row) => row.join(delimiter))
      .join('\n');
    expect(await rows(text, { delimiter })).toEqual([{ a: 1, b: 2 }]);
  });

  test('takes blanks and tabs, however many, as one delimiter', async () => {
    const text = '  a  b\t c\n1 2   3  \n\n \t4\t"5 6" 7 \r\n';
    const expected = [
      { a: 1, b: 2, c: 3 },
      { a: 4, b: '5 6', c: 7 },
    ];
    expect(await rows(text, { delimWhitespace: true })).toEqual(expected);
    expect(await data.csv(text.split(''), { delimWhitespace: true }).toArray()).toEqual(expected);
    await expect(rows('a b\n1\n', { delimWhitespace: true })).rejects.toThrow('csv: line 2: needs 2 values, got 1');
  });

  test('reads back whatever is written by the rules, in pieces of any size', async () => {
    const value = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '😀', '1') });
    const table = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { maxLength: 5 });
    const write = (row: string[]) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 7 }),
        async (grid, end, size) => {
          // A value of blanks alone is a missing one.
          const read = grid.map((row) => row.map((cell) => (cell.trim() === '' ? '' : cell)));
          const text = grid.map((row) => write(row) + end).join('');
          const bytes = new TextEncoder().encode(text);
          const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
            bytes.subarray(i * size, (i + 1) * size),
          );
          expect(await cells(pieces, 3)).toEqual(read);
          const letters = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
            text.slice(i * size, (i + 1) * size),
          );
          expect(await cells(letters, 3)).toEqual(read);
        },
      ),
    );
  });

  test('reads a megabyte in one quoted value', async () => {
    const long = 'x,\n'.repeat(350_000);
    expect(await cells(`1,"${long}"\n`, 2)).toEqual([['1', long]]);
  });
});

describe('columns', () => {
  const TEXT = 'mpg,hp,origin\n18,130,usa\n25,?,japan\n';

  test('are named by the header, in its place, or without it', async () => {
    const names = ['x', 'y', 'z'];
    expect(await data.csv(TEXT).columnNames()).toEqual(['mpg', 'hp', 'origin']);
    expect((await rows(TEXT, { columnNames: names }))[0]).toEqual({ x: 18, y: 130, z: 'usa' });
    expect((await rows(TEXT, { columnNames: names, hasHeader: false }))[0]).toEqual({ x: 'mpg', y: 'hp', z: 'origin' });
    expect(await data.csv(TEXT, { columnNames: names }).columnNames()).toEqual(names);
  });

  test('are read as their dtype says', async () => {
    const columnConfigs = {
      a: { dtype: 'int32' },
      b: { dtype: 'bool' },
      c: { dtype: 'string' },
      d: { dtype: 'float32' },
    } as const;
    expect(await rows('a,b,c,d\n1.9,true,007,1.5\n-1.1,no,x,2\n0,1,,3\n', { columnConfigs })).toEqual([
      { a: 1, b: 1, c: '007', d: 1.5 },
      { a: -2, b: 0, c: 'x', d: 2 },
      { a: 0, b: 1, c: undefined, d: 3 },
    ]);
  });

  test('may have a default for what is missing', async () => {
    const columnConfigs = { b: { default: -1 }, c: { default: 'none' } };
    expect(await rows('a,b,c\n1,,\n', { columnConfigs })).toEqual([{ a: 1, b: -1, c: 'none' }]);
  });

  test('that are labels stand apart', async () => {
    const labelled = data.csv(TEXT, { columnConfigs: { mpg: { isLabel: true } } });
    expectTypeOf(labelled).toEqualTypeOf<data.CSVDataset<{ xs: data.CsvRow; ys: data.CsvRow }>>();
    expectTypeOf(data.csv(TEXT)).toEqualTypeOf<data.CSVDataset<data.CsvRow>>();
    expectTypeOf(data.csv(TEXT, { columnConfigs: { hp: {} } })).toEqualTypeOf<data.CSVDataset<data.CsvRow>>();
    expect(await labelled.toArray()).toEqual([
      { xs: { hp: 130, origin: 'usa' }, ys: { mpg: 18 } },
      { xs: { hp: '?', origin: 'japan' }, ys: { mpg: 25 } },
    ]);
  });

  test('that are not configured may be left out', async () => {
    const config = { columnConfigs: { hp: {}, mpg: { isLabel: true } }, configuredColumnsOnly: true };
    expect((await rows(TEXT, config))[0]).toEqual({ xs: { hp: 130 }, ys: { mpg: 18 } });
    expect(await data.csv(TEXT, config).columnNames()).toEqual(['mpg', 'hp']);
  });

  test('become batches of tensors', () =>
    leavesNothing(async () => {
      const numbers = data.csv('a,b\n1,2\n3,4\n5,6\n').map(({ a, b }) => ({ xs: [a as number], ys: b as number }));
      const shapes: unknown[] = [];
      await numbers.batch(2).forEachAsync(({ xs, ys }: { xs: Tensor; ys: Tensor }) => {
        shapes.push([xs.arraySync(), ys.arraySync()]);
      });
      expect(shapes).toEqual([
        [
          [[1], [3]],
          [2, 4],
        ],
        [[[5]], [6]],
      ]);
    }));
});

describe('sources', () => {
  const TEXT = 'name,n\né,1\n😀,2\n';
  const BYTES = new TextEncoder().encode(TEXT);
  const EXPECTED = [
    { name: 'é', n: 1 },
    { name: '😀', n: 2 },
  ];
  /** Byte by byte: letters of several bytes are cut. */
  const stream = () =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of BYTES) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });

  test.each<[string, Parameters<typeof data.csv>[0]]>([
    ['text', TEXT],
    ['bytes', BYTES],
    ['a buffer', BYTES.buffer as ArrayBuffer],
    ['a blob', new Blob([BYTES])],
    ['a data URL', `data:text/csv;charset=utf-8,${encodeURIComponent(TEXT)}`],
    ['a URL', new URL(`data:text/csv;charset=utf-8,${encodeURIComponent(TEXT)}`)],
    ['pieces of text', TEXT.split('')],
    ['a function that opens a stream', stream],
    [
      'a function that makes an asynchronous iterable',
      async function* () {
        yield* TEXT;
      },
    ],
  ])('may be %s, as often as it is gone through', async (_, source) => {
    const dataset = data.csv(source);
    expect(await dataset.columnNames()).toEqual(['name', 'n']);
    expect(await dataset.toArray()).toEqual(EXPECTED);
    expect(await dataset.toArray()).toEqual(EXPECTED);
  });

  test('may be a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'csv-'));
    try {
      const url = pathToFileURL(join(folder, 'a b.csv'));
      await writeFile(url, BYTES);
      expect(await data.csv(url).toArray()).toEqual(EXPECTED);
      expect(await data.csv(url.href).take(1).toArray()).toEqual(EXPECTED.slice(0, 1));
      const path = relative('', join(folder, 'a b.csv'));
      expect(await data.csv(`file://${path}`).toArray()).toEqual(EXPECTED);
      expect(await data.csv(`file://./${path}`).toArray()).toEqual(EXPECTED);
      await expect(data.csv(`${url.href}x`).toArray()).rejects.toThrow('ENOENT');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('may be a stream, once', async () => {
    expect(await data.csv(stream()).toArray()).toEqual(EXPECTED);
  });

  test('are cancelled by who ends early', async () => {
    let isCancelled = false;
    const endless = new ReadableStream<string>({
      pull: (controller) => controller.enqueue('a\n1\n'),
      cancel: () => {
        isCancelled = true;
      },
    });
    expect(await data.csv(endless).take(2).toArray()).toEqual([{ a: 1 }, { a: 'a' }]);
    expect(isCancelled).toBe(true);
  });

  test('are fetched, and say so if they are not there', async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/there.csv' ? 200 : 404;
      response.end(TEXT);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      const url = `http://127.0.0.1:${port}/there.csv`;
      expect(await data.csv(url).toArray()).toEqual(EXPECTED);
      expect(await data.csv(new URL(url)).toArray()).toEqual(EXPECTED);
      const missing = `http://127.0.0.1:${port}/missing.csv`;
      await expect(data.csv(missing).toArray()).rejects.toThrow(new Error(`csv: ${missing} answered 404 Not Found`));
    } finally {
      server.close();
    }
  });
});

describe('what is wrong is said in a sentence, with its line', () => {
  test.each<[string, string, Config?]>([
    ['a,b\n1,2\n3\n', 'csv: line 3: needs 2 values, got 1'],
    ['a,b\n"1\n1",2\n\n3,4,5\n', 'csv: line 5: needs 2 values, got 3'],
    ['a,b\n1,"2\n3,4\n', 'csv: line 2: a quote is not closed'],
    ['a,b\n"1"x,2\n', "csv: line 2: needs a delimiter behind a closing quote, got 'x'"],
    ['a,b\n1,?\n', "csv: line 2: b needs a number, got '?'", { columnConfigs: { b: { dtype: 'float32' } } }],
    ['a,b\n1,\n', 'csv: line 2: b is missing', { columnConfigs: { b: { required: true } } }],
    ['a,b\n1,\n', 'csv: line 2: b is missing', { columnConfigs: { b: { isLabel: true } } }],
    ['a,a\n', "csv: needs columns of different names, got 'a' twice"],
    ['a,__proto__\n1,2\n', "csv: no column may be named '__proto__'"],
    ['', 'csv: needs a header, got an empty file'],
    ['a,b\n', 'csv: needs as many columnNames as the header has, 2, got 1', { columnNames: ['a'] }],
    ['a,b\n', "csv: columnConfigs names 'c', which is none of the columns a, b", { columnConfigs: { c: {} } }],
  ])('%j', async (text, message, config) => {
    await expect(rows(text, config)).rejects.toThrow(new RangeError(message));
  });

  test('at once where the options tell', () => {
    expect(() => data.csv('', { hasHeader: false })).toThrow(
      new RangeError('csv: needs columnNames where there is no header'),
    );
    for (const delimiter of ['', '||', '"', '\n']) {
      expect(() => data.csv('', { delimiter })).toThrow(
        new RangeError(`csv: delimiter must be one character, no quote and no line break, got '${delimiter}'`),
      );
    }
  });

  test('of a source that is none', async () => {
    await expect(data.csv(3 as never).toArray()).rejects.toThrow(
      new TypeError('csv: needs something to iterate, got number'),
    );
  });
});
