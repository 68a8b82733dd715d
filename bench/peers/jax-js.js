/**
 * jax-js on its wasm backend. Its ops are lazy: each is jitted, and a call ends when its result is ready. An argument
 * is used up by a call unless it is passed as `.ref`.
 */

export async function open() {
  const load = (/** @type {string} */ name) => import(name);
  const jax = await load('@jax-js/jax');
  const { numpy: np, nn } = jax;
  await jax.init('wasm');
  jax.defaultDevice('wasm');

  /** @type {Record<string, (x: any, ...args: any[]) => any>} */
  const ops = {
    matMul: (a, b, transposeA, transposeB) => {
      return np.matmul(transposeA ? np.transpose(a) : a, transposeB ? np.transpose(b) : b);
    },
    exp: np.exp,
    log: np.log,
    tanh: np.tanh,
    sigmoid: nn.sigmoid,
    gelu: (x) => nn.gelu(x),
    softmax: (x) => nn.softmax(x, -1),
    relu: nn.relu,
    add: np.add,
    sum: (x, axis) => np.sum(x, axis),
    max: (x, axis) => np.max(x, axis),
    argMax: (x, axis) => np.argmax(x, axis),
  };

  return {
    name: 'jax-js',
    /** @type {import('../peers.js').Peer['op']} */
    async op(op, inputs, ...args) {
      if (!ops[op] || inputs[0].data instanceof Float64Array) return undefined;
      const arrays = inputs.map(({ data, shape }) => np.array(data, { shape }));
      const f = jax.jit((/** @type {any[]} */ ...xs) => ops[op](.../** @type {[any]} */ (xs), ...args));
      const call = () => f(...arrays.map((x) => x.ref));
      return {
        run: async () => {
          const y = call();
          await y.blockUntilReady();
          y.dispose();
        },
        read: () => call().data(),
        close: () => {
          for (const x of arrays) x.dispose();
        },
      };
    },

    /** @type {NonNullable<import('../peers.js').Peer['step']>} */
    async step({ sizes, images: pictures, recurrent, x, labels, weights }) {
      if (pictures || recurrent) return undefined; // its first step of such a network takes more than a minute
      const shapes = sizes.slice(1).flatMap((units, i) => [[sizes[i], units], [units]]);
      const [inputs, classes] = [sizes[0], sizes[sizes.length - 1]];
      const images = np.array(x, { shape: [labels.length, inputs] });
      const oneHot = new Float32Array(labels.length * classes);
      for (const [i, label] of labels.entries()) oneHot[i * classes + label] = 1;
      const targets = np.array(oneHot, { shape: [labels.length, classes] });

      const lossOf = (/** @type {any[]} */ params, /** @type {any} */ batch, /** @type {any} */ y) => {
        let h = batch;
        for (let i = 0; i < params.length; i += 2) {
          h = np.matmul(h, params[i]).add(params[i + 1]);
          if (i + 2 < params.length) h = nn.relu(h);
        }
        return nn
          .logSoftmax(h, -1)
          .mul(y)
          .sum()
          .mul(-1 / labels.length);
      };
      const gradient = jax.valueAndGrad(lossOf);
      const step = jax.jit(
        (
          /** @type {any} */ { params, ms, vs },
          /** @type {any} */ alpha,
          /** @type {any} */ b,
          /** @type {any} */ y,
        ) => {
          const [loss, grads] = gradient(
            params.map((/** @type {any} */ p) => p.ref),
            b,
            y,
          );
          const next = {
            params: /** @type {any[]} */ ([]),
            ms: /** @type {any[]} */ ([]),
            vs: /** @type {any[]} */ ([]),
          };
          for (let i = 0; i < params.length; i++) {
            const m = ms[i].mul(0.9).add(grads[i].ref.mul(0.1));
            const v = vs[i].mul(0.999).add(np.square(grads[i]).mul(0.001));
            next.params.push(params[i].sub(alpha.ref.mul(m.ref).div(np.sqrt(v.ref).add(1e-7))));
            next.ms.push(m);
            next.vs.push(v);
          }
          alpha.dispose();
          return [next, loss];
        },
      );

      let state = {
        params: weights.map((w, i) => np.array(w, { shape: shapes[i] })),
        ms: shapes.map((shape) => np.zeros(shape)),
        vs: shapes.map((shape) => np.zeros(shape)),
      };
      let t = 0;
      return {
        async run() {
          t++;
          const alpha = (0.001 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
          const [next, loss] = step(state, np.array(alpha), images.ref, targets.ref);
          state = next;
          await jax.blockUntilReady(state);
          return (await loss.data())[0];
        },
        close: () => jax.tree.dispose?.([state, images, targets]),
      };
    },
  };
}
