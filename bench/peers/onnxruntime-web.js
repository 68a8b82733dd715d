/** onnxruntime-web on its wasm backend, one thread: products alone, as a model of one Gemm. */

/** @param {number} field @param {number[]} bytes a message or string */
const message = (field, bytes) => [...varint((field << 3) | 2), ...varint(bytes.length), ...bytes];
/** @param {number} field @param {number} n */
const number = (field, n) => [...varint(field << 3), ...varint(n)];
/** @param {number} field @param {string} s */
const string = (field, s) => message(field, [...new TextEncoder().encode(s)]);
/** @param {number} n @returns {number[]} */
const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)]);

/** y = Gemm(a, b), as the bytes of an ONNX model.
 *
 * @param {number[][]} shapes of a, b and y
 * @param {boolean} transposeA
 * @param {boolean} transposeB
 */
function gemm(shapes, transposeA, transposeB) {
  const flag = (/** @type {string} */ name, /** @type {boolean} */ on) => {
    return message(5, [...string(1, name), ...number(3, Number(on)), ...number(20, 2)]);
  };
  const value = (/** @type {number} */ field, /** @type {string} */ name, /** @type {number[]} */ shape) => {
    const dimensions = shape.flatMap((size) => message(1, number(1, size)));
    return message(field, [
      ...string(1, name),
      ...message(2, message(1, [...number(1, 1), ...message(2, dimensions)])),
    ]);
  };
  const node = [...string(1, 'a'), ...string(1, 'b'), ...string(2, 'y'), ...string(4, 'Gemm')];
  const graph = [
    ...message(1, [...node, ...flag('transA', transposeA), ...flag('transB', transposeB)]),
    ...string(2, 'product'),
    ...value(11, 'a', shapes[0]),
    ...value(11, 'b', shapes[1]),
    ...value(12, 'y', shapes[2]),
  ];
  return new Uint8Array([...number(1, 8), ...message(7, graph), ...message(8, number(2, 13))]);
}

export async function open() {
  const load = (/** @type {string} */ name) => import(name);
  const ort = await load('onnxruntime-web');
  ort.env.wasm.numThreads = 1;
  return {
    name: 'onnxruntime-web',
    /** @type {import('../peers.js').Peer['op']} */
    async op(op, inputs, ...args) {
      if (op !== 'matMul' || inputs[0].data instanceof Float64Array) return undefined;
      const [transposeA, transposeB] = args;
      const [a, b] = inputs;
      const shape = [a.shape[transposeA ? 1 : 0], b.shape[transposeB ? 0 : 1]];
      const model = gemm([a.shape, b.shape, shape], transposeA, transposeB);
      const { Worker } = globalThis;
      const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
      // Its loader puts a Worker where Node has none, by which jax-js would take itself to be in a browser.
      globalThis.Worker = Worker;
      const feeds = {
        a: new ort.Tensor('float32', a.data, a.shape),
        b: new ort.Tensor('float32', b.data, b.shape),
      };
      return {
        run: () => session.run(feeds),
        read: async () => (await session.run(feeds)).y.data,
        close: () => session.release(),
      };
    },
  };
}
