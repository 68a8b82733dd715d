import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { handler } from '../../examples/lambda/handler.js';
import { LIMITS } from '../../examples/serverless.js';
import worker from '../../examples/worker/worker.js';
import { memory } from '../../src/index.js';

interface Answer {
  status: number;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: what JSON gives
  body: any;
}

type Ask = (path: string, body?: string, method?: string) => Promise<Answer>;

const askWorker: Ask = async (path, body, method = 'POST') => {
  const answer = await worker.fetch(new Request(`https://example.com${path}`, { method, body }));
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.json() };
};

const askLambda: Ask = async (path, body, method = 'POST') => {
  const answer = await handler({ requestContext: { http: { method } }, rawPath: path, body });
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) };
};

const json = (value: unknown) => JSON.stringify(value);

// A plane with a bend, in units of very different sizes.
const x = Array.from({ length: 40 }, (_, i) => [i, 1e6 * ((i * 7) % 11)]);
const y = x.map(([a, b]) => 100 + 3 * a + b / 1e5 + Math.max(0, a - 20));

let before: ReturnType<typeof memory>;
beforeEach(() => {
  before = memory();
});
afterEach(() => {
  const { heapBytes, ...left } = memory();
  expect(left).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
});

describe.each([
  ['the worker', askWorker],
  ['the lambda', askLambda],
])('%s', (_, ask) => {
  test('trains on what is posted and predicts with the model it gave', async () => {
    const trained = await ask('/train', json({ x, y, epochs: 500 }));
    expect(trained.status).toBe(200);
    expect(trained.headers['content-type']).toBe('application/json');
    expect(trained.body.loss).toBeLessThan(0.01);
    const predicted = await ask('/predict', json({ model: trained.body.model, x: x.slice(0, 5) }));
    expect(predicted.status).toBe(200);
    predicted.body.y.forEach((value: number, i: number) => {
      expect(Math.abs(value - y[i])).toBeLessThan(20);
    });
  });

  test('predicts the one value of a target that never changes, and ignores a column that never does', async () => {
    const pairs = [1, 2].map((a) => [a, 5]);
    const { body } = await ask('/train', json({ x: pairs, y: [7, 7], epochs: 3 }));
    const predicted = await ask('/predict', json({ model: body.model, x: [[9, 9]] }));
    expect(predicted.body).toEqual({ y: [7] });
  });

  const row = [1, 2];
  test.each<[status: number, why: string, path: string, body: string | undefined, method?: string]>([
    [404, 'There is /train and /predict.', '/', json({})],
    [404, 'There is /train and /predict.', '/toString', json({})],
    [405, '/train needs the method POST.', '/train', undefined, 'GET'],
    [405, '/predict needs the method POST.', '/predict', json({}), 'PUT'],
    [400, 'The body must be JSON.', '/train', undefined],
    [400, 'The body must be JSON.', '/train', '{"x": [[1, 2]'],
    [400, 'The body must be JSON.', '/train', '{"x": [[NaN]], "y": [1]}'],
    [400, 'The body must be JSON.', '/train', '{"x": [[1]], "y": [1]}\u0000'],
    [400, 'The body must be a JSON object.', '/train', 'null'],
    [400, 'The body must be a JSON object.', '/train', '[[1, 2]]'],
    [400, 'x must be an array of rows, each an array of numbers.', '/train', json({ y: [1] })],
    [400, 'x must be an array of rows, each an array of numbers.', '/train', json({ x: [], y: [] })],
    [400, 'x must be an array of rows, each an array of numbers.', '/train', json({ x: [[]], y: [1] })],
    [400, 'x must be an array of rows, each an array of numbers.', '/train', json({ x: [1, 2], y: [1, 2] })],
    [400, 'x[1] must have length 2, but it has 1.', '/train', json({ x: [row, [1]], y: [1, 2] })],
    [400, 'x[1] must be an array.', '/train', json({ x: [row, 3], y: [1, 2] })],
    [400, 'x[0][1] must be a number.', '/train', json({ x: [[1, NaN]], y: [1] })],
    [400, 'x[0][0] must be a number.', '/train', json({ x: [['1']], y: [1] })],
    [400, 'x[0][0] must lie within ±1000000000000000.', '/train', '{"x": [[1e999]], "y": [1]}'],
    [400, 'y must be an array.', '/train', json({ x: [row] })],
    [400, 'y must have length 1, but it has 2.', '/train', json({ x: [row], y: [1, 2] })],
    [400, 'y[0] must be a number.', '/train', json({ x: [row], y: [[1]] })],
    [400, 'epochs must be a whole number above 0.', '/train', json({ x: [row], y: [1], epochs: 0 })],
    [400, 'epochs must be a whole number above 0.', '/train', json({ x: [row], y: [1], epochs: '5' })],
    [413, 'epochs may be 500, but it is 501.', '/train', json({ x: [row], y: [1], epochs: 501 })],
    [413, 'x may have 1000 rows, but it has 1001.', '/train', json({ x: Array(1001).fill(row), y: [1] })],
    [413, 'x may have 64 columns, but it has 65.', '/predict', json({ x: [Array(65).fill(1)] })],
    [413, 'The body may have 1048576 bytes.', '/train', ' '.repeat(LIMITS.bytes + 1)],
    [400, 'model.x must be an array.', '/predict', json({ x: [row] })],
    [400, 'model.x must have length 2, but it has 1.', '/predict', json({ x: [row], model: { x: [row] } })],
    [400, 'model.y must be an array.', '/predict', json({ x: [row], model: { x: [row, row] } })],
    [400, 'model.weights must be an array.', '/predict', json({ x: [row], model: { x: [row, row], y: [[0], [1]] } })],
    [
      ...([400, 'model.weights[0] must have length 2, but it has 1.', '/predict'] as const),
      json({ x: [row], model: { x: [row, row], y: [[0], [1]], weights: [[row]] } }),
    ],
  ])('answers %i: %s (%s)', async (status, why, path, body, method) => {
    const answer = await ask(path, body, method);
    expect(answer).toMatchObject({ status, body: { error: why }, headers: { 'content-type': 'application/json' } });
    expect(answer.headers.allow).toBe(status === 405 ? 'POST' : undefined);
  });

  test('refuses a model whose predictions no float32 holds', async () => {
    const { body } = await ask('/train', json({ x: [[1], [2]], y: [1, 2], epochs: 1 }));
    const weights = body.model.weights.map((w: unknown) => JSON.parse(json(w).replace(/-?\d[\d.e-]*/g, '1e15')));
    const answer = await ask('/predict', json({ model: { ...body.model, weights, y: [[0], [1e15]] }, x: [[9]] }));
    expect(answer).toMatchObject({
      status: 400,
      body: { error: 'The model gives numbers beyond what float32 can hold.' },
    });
  });
});

test('the same data gives the same model to the last bit, alone and beside other requests', async () => {
  const alone = await askWorker('/train', json({ x, y }));
  const others = [5, 50, 500].map((epochs) => askLambda('/train', json({ x: y.map((v) => [v]), y, epochs })));
  expect(await askLambda('/train', json({ x, y }))).toEqual(alone);
  await Promise.all(others);
});

test('the worker stops reading at the limit, whatever the length that was promised', async () => {
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(2 ** 16));
      sent += 2 ** 16;
    },
  });
  const init = { method: 'POST', body, duplex: 'half' };
  const answer = await worker.fetch(new Request('https://example.com/train', init as RequestInit));
  expect(answer.status).toBe(413);
  expect(sent).toBeLessThan(2 * LIMITS.bytes);
});

test('the lambda takes bodies in base64, and events of the older format', async () => {
  const body = Buffer.from(json({ x, y, epochs: 1 })).toString('base64');
  const answer = await handler({ httpMethod: 'POST', path: '/train', body, isBase64Encoded: true });
  expect(answer.statusCode).toBe(200);
});

test('a hundred requests leave the heap as large as two', async () => {
  const ask = () => askWorker('/train', json({ x, y, epochs: 2 }));
  await ask();
  await ask();
  const { heapBytes } = memory();
  for (let i = 0; i < 100; i++) await ask();
  expect(memory().heapBytes).toBe(heapBytes);
});
