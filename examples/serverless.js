// What the worker and the lambda share: a small regression, trained on posted JSON.
//
//   POST /train    { "x": number[][], "y": number[], "epochs"?: number }  gives  { "model", "loss" }
//   POST /predict  { "model", "x": number[][] }                           gives  { "y": number[] }
//
// Nothing is kept between requests, since the next one may reach another machine: the client is given the
// model and posts it back. The same data gives the same model to the last bit, whichever machine trains it.
// Data that is refused gets status 400, or 413 where there is too much of it, and a sentence that says why.
// An error of another kind is a bug here: it goes on to the platform, which logs it and answers 500.

import { dispose, initializers, layers, moments, sequential, sqrt, tensor, tensor2d, tidy, train } from 'wasmgrad';

/** What one request may ask for: about a second of training at most. */
export const LIMITS = { bytes: 2 ** 20, rows: 1000, columns: 64, epochs: 500, magnitude: 1e15 };

const UNITS = 16;

class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message - one sentence
   * @param {Record<string, string>} [headers]
   */
  constructor(status, message, headers) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Refuses what is not nested arrays of numbers of this shape.
 *
 * @param {any} value
 * @param {number[]} shape
 * @param {string} name
 */
function checkNumbers(value, shape, name) {
  if (shape.length === 0) {
    if (typeof value !== 'number') throw new Refusal(400, `${name} must be a number.`);
    // Infinity too: JSON may say 1e999.
    if (Math.abs(value) > LIMITS.magnitude) throw new Refusal(400, `${name} must lie within ±${LIMITS.magnitude}.`);
    return;
  }
  if (!Array.isArray(value)) throw new Refusal(400, `${name} must be an array.`);
  if (value.length !== shape[0]) {
    throw new Refusal(400, `${name} must have length ${shape[0]}, but it has ${value.length}.`);
  }
  for (let i = 0; i < value.length; i++) checkNumbers(value[i], shape.slice(1), `${name}[${i}]`);
}

/**
 * Refuses what is not a table of numbers within the limits.
 *
 * @param {any} x
 * @returns {[rows: number, columns: number]}
 */
function checkTable(x) {
  if (!Array.isArray(x) || !Array.isArray(x[0]) || x[0].length === 0) {
    throw new Refusal(400, 'x must be an array of rows, each an array of numbers.');
  }
  const [rows, columns] = [x.length, x[0].length];
  if (rows > LIMITS.rows) throw new Refusal(413, `x may have ${LIMITS.rows} rows, but it has ${rows}.`);
  if (columns > LIMITS.columns) throw new Refusal(413, `x may have ${LIMITS.columns} columns, but it has ${columns}.`);
  checkNumbers(x, [rows, columns], 'x');
  return [rows, columns];
}

/** @param {number} columns */
const weightShapes = (columns) => [[columns, UNITS], [UNITS], [UNITS, 1], [1]];

/** @param {number} columns */
function build(columns) {
  const kernelInitializer = initializers.heUniform({ seed: 1 });
  return sequential({
    layers: [
      layers.dense({ units: UNITS, activation: 'relu', kernelInitializer, inputShape: [columns] }),
      layers.dense({ units: 1, kernelInitializer }),
    ],
  });
}

/** @typedef {{ x: number[][], y: number[][], weights: any[] }} Posted - x and y: means and deviations of a column */

/** @param {any} request */
async function trainModel({ x, y, epochs = 100 }) {
  const [rows, columns] = checkTable(x);
  checkNumbers(y, [rows], 'y');
  if (!Number.isInteger(epochs) || epochs < 1) throw new Refusal(400, 'epochs must be a whole number above 0.');
  if (epochs > LIMITS.epochs) throw new Refusal(413, `epochs may be ${LIMITS.epochs}, but it is ${epochs}.`);

  const model = build(columns);
  const optimizer = train.adam(0.01);
  /** @type {import('wasmgrad').Tensor[]} */
  let inputs = [];
  try {
    // Learning wants columns of mean 0 and deviation 1, whatever units the client measures in.
    const scaled = tidy(() =>
      [tensor2d(x), tensor2d(y, [rows, 1])].map((values) => {
        const { mean, variance } = moments(values, 0);
        const deviation = sqrt(variance);
        return { values: values.sub(mean).divNoNan(deviation), scale: [mean.arraySync(), deviation.arraySync()] };
      }),
    );
    inputs = scaled.map(({ values }) => values);
    model.compile({ optimizer, loss: 'meanSquaredError' });
    // All rows in one step: without a random order, requests that run side by side cannot change each other's.
    const options = /** @type {const} */ ({ epochs, batchSize: rows, shuffle: false, verbose: 0 });
    const { history } = await model.fit(inputs[0], inputs[1], options);
    const weights = model.getWeights().map((weight) => weight.arraySync());
    return { model: { x: scaled[0].scale, y: scaled[1].scale, weights }, loss: history.loss.at(-1) };
  } finally {
    dispose(inputs);
    optimizer.dispose();
    model.dispose();
  }
}

/** @param {any} request */
function predict({ model: posted, x }) {
  const [, columns] = checkTable(x);
  checkNumbers(posted?.x, [2, columns], 'model.x');
  checkNumbers(posted?.y, [2, 1], 'model.y');
  if (!Array.isArray(posted.weights)) throw new Refusal(400, 'model.weights must be an array.');
  const shapes = weightShapes(columns);
  shapes.forEach((shape, i) => {
    checkNumbers(posted.weights[i], shape, `model.weights[${i}]`);
  });

  const model = build(columns);
  try {
    const y = tidy(() => {
      model.setWeights(shapes.map((shape, i) => tensor(posted.weights[i], shape)));
      const scaled = tensor2d(x).sub(posted.x[0]).divNoNan(posted.x[1]);
      return [...model.predict(scaled).mul(posted.y[1]).add(posted.y[0]).dataSync()];
    });
    if (!y.every(Number.isFinite)) throw new Refusal(400, 'The model gives numbers beyond what float32 can hold.');
    return { y };
  } finally {
    model.dispose();
  }
}

/** @type {Record<string, (request: any) => unknown>} */
const ROUTES = { '/train': trainModel, '/predict': predict };

/**
 * @param {AsyncIterable<Uint8Array> | Iterable<Uint8Array>} chunks
 * @returns {Promise<object>}
 */
async function readJson(chunks) {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > LIMITS.bytes) throw new Refusal(413, `The body may have ${LIMITS.bytes} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  let value;
  try {
    value = JSON.parse(text + decoder.decode());
  } catch {
    throw new Refusal(400, 'The body must be JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(400, 'The body must be a JSON object.');
  }
  return value;
}

/**
 * The answer to a request.
 *
 * @param {string} method
 * @param {string} path
 * @param {AsyncIterable<Uint8Array> | Iterable<Uint8Array>} chunks - the body, read no further than the limit
 * @returns {Promise<{ status: number, headers: Record<string, string>, body: string }>}
 */
export async function respond(method, path, chunks) {
  const type = { 'content-type': 'application/json' };
  try {
    if (!Object.hasOwn(ROUTES, path)) throw new Refusal(404, 'There is /train and /predict.');
    if (method !== 'POST') throw new Refusal(405, `${path} needs the method POST.`, { allow: 'POST' });
    return { status: 200, headers: type, body: JSON.stringify(await ROUTES[path](await readJson(chunks))) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, message, headers } = error;
    return { status, headers: { ...type, ...headers }, body: JSON.stringify({ error: message }) };
  }
}
