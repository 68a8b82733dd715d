import { describe, expect, test } from 'vitest';
import { graph } from '../../src/graph.js';
import {
  layers,
  math,
  memory,
  schedules,
  sequential,
  tensor1d,
  tensor2d,
  tidy,
  train,
  variable,
} from '../../src/index.js';
import * as ops from '../../src/ops/index.js';
import * as plot from '../../src/plot/index.js';
import { missing } from '../../src/plot/peers.js';

interface Element {
  name: string;
  attributes: Record<string, string>;
  text: string;
  children: Element[];
}

/** A small reader of well-formed SVG: throws where an element is not closed or a character not escaped. */
function read(svg: string): Element {
  const root: Element = { name: '', attributes: {}, text: '', children: [] };
  const open = [root];
  const unescape = (text: string) =>
    text.replace(/&(amp|lt|gt|quot);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name]!);
  let rest = svg.trim();
  while (rest) {
    const [whole, close, name, attributes, empty, text] =
      /^(?:<(\/?)(\w+)((?: [\w:-]+="[^"<]*")*)(\/?)>|((?:[^<>&]|&(?:amp|lt|gt|quot);)+))/.exec(rest) ?? [];
    if (!whole) throw new Error(`not well-formed at ${rest.slice(0, 80)}`);
    rest = rest.slice(whole.length);
    const parent = open.at(-1)!;
    if (text !== undefined) parent.text += unescape(text);
    else if (close) expect(open.pop()!.name).toBe(name);
    else {
      const pairs = [...attributes.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, unescape(value)]);
      const element = { name, attributes: Object.fromEntries(pairs), text: '', children: [] };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  expect(open).toHaveLength(1);
  return root.children[0];
}

const all = (element: Element): Element[] => [element, ...element.children.flatMap(all)];
const named = (svg: string, name: string) => all(read(svg)).filter((element) => element.name === name);
const texts = (svg: string) => named(svg, 'text').map(({ text }) => text);
const curves = (svg: string) => named(svg, 'path').filter(({ attributes }) => attributes['stroke-width'] === '2');

/** That all that has coordinates lies in the picture, and that they are numbers. */
function expectInside(svg: string): void {
  const root = read(svg);
  const [, , width, height] = root.attributes.viewBox.split(' ').map(Number);
  for (const { attributes: a, name, text } of all(root)) {
    if (name === 'marker' || (name === 'path' && a.fill !== 'none')) continue;
    const [x, y] = [a.x ?? a.x1 ?? a.cx, a.y ?? a.y1 ?? a.cy];
    const numbers = [x, y, a.x2, a.y2, a.width, a.height, ...(a.d?.match(/-?[\d.]+(?:e-?\d+)?/g) ?? [])];
    for (const n of numbers)
      if (n !== undefined && n !== '100%') expect(Number.isFinite(Number(n)), `${name} ${n}`).toBe(true);
    expect(JSON.stringify(a)).not.toContain('NaN');
    if (x === undefined || a.transform) continue;
    expect(Number(x), `${name} ${text}`).toBeGreaterThanOrEqual(0);
    expect(Number(x) + Number(a.width === '100%' ? 0 : (a.width ?? 0)), `${name} ${text}`).toBeLessThanOrEqual(width);
    expect(Number(y), `${name} ${text}`).toBeGreaterThanOrEqual(0);
    expect(Number(y), `${name} ${text}`).toBeLessThanOrEqual(height);
  }
}

/** Points of a path of straight lines. */
const pointsOf = ({ attributes: { d } }: Element): [number, number][] =>
  d
    .split(/[ML]/)
    .slice(1)
    .map((point) => point.split(',').map(Number) as [number, number]);

describe('plot.activation', () => {
  test('draws a function and its derivative', async () => {
    const before = memory().numTensors;
    const svg = await plot.activation('relu', { domain: [-2, 2] });
    expect(memory().numTensors).toBe(before);
    expectInside(svg);
    expect(texts(svg)).toEqual(expect.arrayContaining(['relu', 'relu(x)', 'derivative', '-2', '0', '2', 'x']));
    const [values, slopes] = curves(svg).map(pointsOf);
    // Flat, then rising as steeply as the frame is high.
    const [left, middle, right] = [values[0], values[200], values[400]];
    expect(left[1]).toBeCloseTo(middle[1], 3);
    expect(middle[1] - right[1]).toBeGreaterThan(100);
    expect(values[300][1]).toBeCloseTo((middle[1] + right[1]) / 2, 1);
    // 1 to the right of 0: half as high as 2.
    expect(slopes[300][1]).toBeCloseTo((middle[1] + right[1]) / 2, 1);
    expect(slopes[100][1]).toBeCloseTo(left[1], 3);
  });

  test('draws functions of your own', async () => {
    const svg = await plot.activation((x) => ops.square(x), { title: 'a < b & "c"' });
    expect(texts(svg)).toContain('a < b & "c"');
    expect(named(svg, 'title')[0].text).toBe('a < b & "c"');
  });

  test.each([
    [() => plot.activation('rely' as never), new RangeError("plot.activation: unknown activation 'rely'")],
    [() => plot.activation('toString' as never), new RangeError("plot.activation: unknown activation 'toString'")],
    [() => plot.activation('softmax'), new RangeError('plot.activation: softmax is no function of one number')],
    [() => plot.activation('relu', { domain: [1, 1] }), new RangeError('plot.activation: domain must rise, got [1,1]')],
  ])('refuses what is none: %s', async (draw, error) => {
    await expect(draw()).rejects.toThrow(error);
  });
});

describe('plot.schedule', () => {
  test('draws the rate of every step', async () => {
    const svg = await plot.schedule(schedules.linearWarmup({ warmupSteps: 10, learningRate: 0.5 }), 21);
    expectInside(svg);
    expect(texts(svg)).toEqual(expect.arrayContaining(['learning rate: linearWarmup', 'step', '0.5', '20']));
    const points = pointsOf(curves(svg)[0]);
    expect(points).toHaveLength(21);
    expect(points[5][1]).toBeCloseTo((points[0][1] + points[10][1]) / 2, 1);
    expect(points[20][1]).toBe(points[10][1]);
  });

  test('thins out many steps, and takes a single one', async () => {
    expectInside(await plot.schedule(schedules.noam({ modelSize: 64 }), 100_000));
    expectInside(await plot.schedule(schedules.constant(0.1), 1));
    expectInside(await plot.schedule(schedules.constant(0), 10, { logarithmic: true }));
  });

  test('marks powers of ten on a logarithmic scale', async () => {
    const decay = schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 25, decayRate: 0.1 });
    const svg = await plot.schedule(decay, 100, { logarithmic: true });
    expect(texts(svg)).toEqual(expect.arrayContaining(['0.1', '0.01', '0.001', '0.0001']));
    const points = pointsOf(curves(svg)[0]);
    // A line, since it falls by a factor.
    expect(points[50][1] - points[0][1]).toBeCloseTo(points[75][1] - points[25][1], 1);
  });

  test('refuses what is none', async () => {
    await expect(plot.schedule(0.1 as never, 10)).rejects.toThrow(
      new TypeError('plot.schedule: needs a schedule, got number'),
    );
    await expect(plot.schedule(schedules.constant(1), 0)).rejects.toThrow(
      new RangeError('plot.schedule: steps must be a whole number from 1 up, got 0'),
    );
  });
});

describe('plot.history', () => {
  test('draws a panel for each figure, with that of validation', async () => {
    const svg = await plot.history({
      loss: [3, 2, 1],
      accuracy: [0.1, 0.5, 0.6],
      val_loss: [3, 2.5, 2],
      val_accuracy: [0.2, 0.3, 0.4],
    });
    expectInside(svg);
    expect(texts(svg).filter((text) => /^(loss|accuracy)$/.test(text))).toEqual(['loss', 'accuracy']);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(['training 1', 'validation 2', 'training 0.6', 'validation 0.4']),
    );
    expect(curves(svg)).toHaveLength(4);
    // 12 numbers, few enough to be marked one by one; epochs are counted from 1.
    expect(named(svg, 'circle')).toHaveLength(12);
    const along = named(svg, 'text').filter(
      ({ attributes, text }) => attributes['text-anchor'] === 'middle' && text !== 'epoch',
    );
    expect(along.map(({ text }) => text)).toEqual(['1', '2', '3', '1', '2', '3']);
  });

  test('takes what fit returns', async () => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x, y] = [tensor2d([[1], [2]]), tensor2d([[2], [4]])];
    const history = await model.fit(x, y, { epochs: 4, validationSplit: 0.5, verbose: 0 });
    const svg = await plot.history(history, { title: 'a model' });
    expectInside(svg);
    expect(texts(svg)).toEqual(expect.arrayContaining(['a model', 'loss', 'epoch']));
    expect(pointsOf(curves(svg)[0])).toHaveLength(4);
    for (const owner of [x, y, model]) owner.dispose();
  });

  test('draws the figures of validation at the epochs that were validated', async () => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] });
    model.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });
    const [x, y] = [tensor2d([[1], [2]]), tensor2d([[2], [4]])];
    const options = { epochs: 9, validationSplit: 0.5, validationFreq: [3, 7], verbose: 0 } as const;
    const history = await model.fit(x, y, options);
    const [training, validation] = curves(await plot.history(history)).map((curve) =>
      pointsOf(curve).map(([at]) => at),
    );
    expect(validation).toEqual([training![2], training![6]]);
    const [, top] = plot.historyText(history, { width: 17, height: 3 }).split('\n');
    expect(top).toBe('16 ┤    ○○○○○○○○○');
    const once = await model.fit(x, y, { ...options, validationFreq: [4] });
    expect(plot.historyText(once, { width: 12, height: 3 })).toContain('16 ┤    ○\n');
    for (const owner of [x, y, model]) owner.dispose();
  });

  test('leaves gaps where there is no number, and draws what never changes', async () => {
    const gap = await plot.history({ loss: [1, Number.NaN, 2, 3] });
    expectInside(gap);
    expect(named(gap, 'circle')).toHaveLength(3);
    expectInside(await plot.history({ loss: [2, 2, 2] }));
    expectInside(await plot.history({ loss: [Number.NaN] }));
    expectInside(await plot.history({ a: [1], b: [2], c: [3] }, { logarithmic: true }));
    // The powers of ten about it are none in binary.
    expectInside(await plot.history({ loss: [3e-26] }, { logarithmic: true }));
  });

  test('refuses what is none', async () => {
    await expect(plot.history({ loss: 3 } as never)).rejects.toThrow(
      new TypeError('plot.history: needs what fit returns, or lists of numbers by name, got object'),
    );
    await expect(plot.history(undefined as never)).rejects.toThrow(TypeError);
    await expect(plot.history({})).rejects.toThrow(new RangeError('plot.history: there are no figures'));
  });
});

describe('plot.confusionMatrix', () => {
  const rows = [
    [8, 2],
    [1, 9],
  ];

  test('draws counts and shares, the darker the larger', async () => {
    const svg = await plot.confusionMatrix(rows, ['cat', 'dog']);
    expectInside(svg);
    expect(texts(svg).slice(0, 8)).toEqual(['8', '80 %', '2', '20 %', '1', '10 %', '9', '90 %']);
    expect(texts(svg)).toEqual(expect.arrayContaining(['cat', 'dog', 'true', 'predicted']));
    const brightness = named(svg, 'rect')
      .slice(1, 5)
      .map(({ attributes }) =>
        attributes.fill
          .match(/\d+/g)!
          .map(Number)
          .reduce((a, b) => a + b),
      );
    expect([...brightness].sort((a, b) => a - b)).toEqual([brightness[3], brightness[0], brightness[1], brightness[2]]);
  });

  test('takes a tensor, numbers classes, and turns long labels', async () => {
    const labels = tensor1d([0, 1, 1], 'int32');
    const matrix = math.confusionMatrix(labels, labels, 2);
    expect(texts(await plot.confusionMatrix(matrix))).toEqual(expect.arrayContaining(['0', '1', '2', '100 %']));
    const long = Array.from({ length: 20 }, (_, i) => `a rather long name ${i}`);
    const svg = await plot.confusionMatrix(
      long.map((_, i) => long.map((_, j) => i * j)),
      long,
      { title: 'twenty' },
    );
    expectInside(svg);
    expect(named(svg, 'text').filter(({ attributes }) => attributes.transform?.startsWith('rotate(-45'))).toHaveLength(
      20,
    );
    labels.dispose();
    matrix.dispose();
  });

  test.each<[unknown, string[] | undefined, Error]>([
    [3, undefined, new TypeError('plot.confusionMatrix: needs a matrix of counts, got number')],
    [[1, 2], undefined, new TypeError('plot.confusionMatrix: needs a matrix of counts, got a list')],
    [[[1, 2]], undefined, new RangeError('plot.confusionMatrix: needs as many columns as rows, got [2] for 1 rows')],
    [[['1']], undefined, new TypeError('plot.confusionMatrix: counts must be numbers, got string')],
    [[[-1]], undefined, new RangeError('plot.confusionMatrix: counts must be 0 or more, got -1')],
    [rows, ['a'], new RangeError('plot.confusionMatrix: needs a label for each of 2 classes, got 1')],
  ])('refuses %j', async (matrix, labels, error) => {
    await expect(plot.confusionMatrix(matrix as never, labels)).rejects.toThrow(error);
    expect(() => plot.confusionMatrixText(matrix as never, labels)).toThrow(
      error.message.replace('confusionMatrix', 'confusionMatrixText'),
    );
  });
});

describe('plot.graph', () => {
  const w = tidy(() => variable(tensor1d([1, 2]), true, 'a <weight>'));
  const drawn = graph((x) => ops.exp(x), 1);

  test.each(['right', 'down'] as const)(
    'draws every node with its value and derivative, to the %s',
    async (direction) => {
      const small = graph(({ x }) => ops.sum(ops.mul(ops.add(x, w), 2)), { x: 3 });
      const svg = await plot.graph(small, { direction, title: 'a title' });
      expectInside(svg);
      expect(texts(svg)).toEqual([
        'a title',
        ...['x', '3', '∂ 4'],
        ...['a <weight>', '[1, 2]', '∂ [2, 2]'],
        ...['add', '[4, 5]', '∂ [2, 2]'],
        '2',
        ...['mul', '[8, 10]', '∂ [1, 1]'],
        ...['sum', '18', '∂ 1'],
        ...['input', 'parameter', 'constant', '∂ derivative of the output'],
      ]);
      const arrows = named(svg, 'path').filter(({ attributes }) => attributes['marker-end']);
      expect(arrows).toHaveLength(5);
    },
  );

  test('lets no boxes overlap', async () => {
    const svg = await plot.graph(
      graph(({ a, b, c }) => ops.add(ops.mul(a, b), ops.mul(ops.exp(b), c)), { a: 1, b: 2, c: 3 }),
    );
    const boxes = named(svg, 'rect')
      .map(({ attributes: { x, y, width, height } }) => [x, y, width, height].map(Number))
      .filter(([x]) => Number.isFinite(x));
    boxes.forEach(([x, y, w, h], i) => {
      for (const [x2, y2, w2, h2] of boxes.slice(i + 1)) {
        expect(x + w <= x2 || x2 + w2 <= x || y + h <= y2 || y2 + h2 <= y).toBe(true);
      }
    });
  });

  test('refuses what is no graph, and another direction', async () => {
    await expect(plot.graph({} as never)).rejects.toThrow(new TypeError('plot.graph: needs a graph, got object'));
    await expect(plot.graph(drawn, { direction: 'up' as never })).rejects.toThrow(
      new RangeError('plot.graph: direction must be right or down, got up'),
    );
  });
});

describe('as text', () => {
  test('a history is a chart for each figure', () => {
    expect(
      plot.historyText({ loss: [4, 2, 0], val_loss: [4, 4, 4], accuracy: [0, 1] }, { width: 11, height: 3 }),
    ).toBe(`\
loss  ● training 0  ○ validation 4
4 ┤◉◉◉○○○○○○○○
  │   ●●●●●
0 ┤        ●●●
  └───────────
   1  epoch  3

accuracy  1
1 ┤        ●●●
  │   ●●●●●
0 ┤●●●
  └───────────
   1  epoch  2`);
  });

  test('a history without a number is a line', () => {
    expect(plot.historyText({ loss: [Number.NaN] })).toBe('loss  NaN');
  });

  test('a confusion matrix is a table', () => {
    expect(
      plot.confusionMatrixText(
        [
          [8, 2],
          [0, 190],
        ],
        ['cat', 'elephant'],
      ),
    ).toBe(`\
          predicted
true      cat  elephant  right
cat         8         2   80 %
elephant    0       190  100 %
                          99 %`);
    expect(plot.confusionMatrixText([[0]])).toBe('      predicted\ntrue  0  right\n0     0       \n              ');
  });

  test('a history refuses a size that is too small', () => {
    expect(() => plot.historyText({ loss: [1] }, { width: 3 })).toThrow(
      new RangeError('plot.historyText: width must be a whole number from 10 up, got 3'),
    );
  });
});

test('a library that is not installed is named in one sentence', async () => {
  const cause = new Error('Cannot find package');
  const failed = Promise.reject(cause).catch(missing('d3-shape'));
  await expect(failed).rejects.toThrow(
    new Error('plot: needs d3-shape, which is installed apart: npm install d3-scale d3-shape @dagrejs/dagre'),
  );
  await expect(failed).rejects.toHaveProperty('cause', cause);
});
