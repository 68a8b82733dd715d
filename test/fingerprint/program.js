// Everything that the package computes, on fixed inputs, hashed to one line: the promise of the same bits in
// every engine is that this line is the same everywhere.
//
// It imports nothing, so that any runtime, page or bundle can run it on the package it has. A row of the
// tables below is an op or a variant of one; test/fingerprint.test.ts names the kernels and ops that no row
// reaches. Inputs come from integers and bit patterns alone, and start afresh in every row, so that a new row
// changes no other.

/** @typedef {typeof import('wasmgrad')} Wasmgrad */
/** @typedef {import('wasmgrad').Tensor} Tensor */
/** @typedef {'float32' | 'float64' | 'int32' | 'bool'} DataType */
/** @typedef {Record<string, (...args: any[]) => any>} Table */

/** @type {DataType[]} */
const FLOATS = ['float32', 'float64'];
/** @type {DataType[]} */
const NUMBERS = [...FLOATS, 'int32'];
/** @type {DataType[]} */
const EVERY = [...NUMBERS, 'bool'];

/** Where functions bend, overflow, lose their last bit or have a case of their own; see also {@link Source.wild}. */
const SPECIAL = [
  ...[0, -0, NaN, Infinity, -Infinity, 1, -1, 0.5, -0.5, 1.5, 2, -2, 2.5, -2.5, 3, 6, -3, 7, 10, -10, 100],
  ...[0.1, -0.1, 0.49999997, 0.99999994, 1.0000001, 1e-3, 1e-5, -1e-8, 1e-20, Math.PI, Math.PI / 2, -Math.PI / 4],
  ...[5e-324, -5e-324, 1.4e-45, -1.4e-45, 1.17549435e-38, 2.2250738585072014e-308, 1.1e-39, -3e-310, 3.40282347e38],
  ...[-3.40282347e38, 1.7976931348623157e308, 8388609, 16777217, 2147483648, -2147483648, 9007199254740991, 1e10],
  ...[88.7, 88.8, -87.3, -103.9, 709.7, 710, -745.2, 19.06, 1e5, 1e22, 33.3, -33.3],
];
const SPECIAL_INTEGERS = [0, 1, -1, 2, -2, 3, 7, -7, 31, 100, -100, 65536, 46341, 1073741824, 2147483647, -2147483648];

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };

/** A small generator of words (Marsaglia's xorshift) and of inputs made of them. */
class Source {
  word = 0x2545f491;

  next() {
    this.word ^= this.word << 13;
    this.word ^= this.word >>> 17;
    this.word ^= this.word << 5;
    return this.word >>> 0;
  }

  /**
   * Numbers of everyday size: floats in ±8, whole numbers in ±100.
   * @param {DataType} dtype
   * @param {number} n
   */
  plain(dtype, n) {
    const values = new ARRAYS[dtype](n);
    for (let i = 0; i < n; i++) {
      const word = this.next();
      if (dtype === 'bool') values[i] = word >>> 31;
      else values[i] = dtype === 'int32' ? (word % 201) - 100 : ((word >>> 12) - 524288) / 65536;
    }
    return values;
  }

  /**
   * The special numbers, as many of everyday size, then any bit pattern at all.
   * @param {DataType} dtype
   * @param {number} n
   */
  wild(dtype, n) {
    if (dtype === 'bool') return this.plain(dtype, n);
    const special = dtype === 'int32' ? SPECIAL_INTEGERS : SPECIAL;
    const words = Uint32Array.from({ length: dtype === 'float64' ? 2 * n : n }, () => this.next());
    const values = new ARRAYS[dtype](words.buffer);
    values.set([...special, ...this.plain(dtype, special.length)].slice(0, n));
    return values;
  }
}

/** 64 bits in two words, each a bijection of itself at every step: one changed word always shows. */
class Hash {
  a = 0x6a09e667;
  b = 0xbb67ae85;

  /** @param {number} word */
  word(word) {
    const a = Math.imul(this.a ^ word, 0x9e3779b1);
    const b = Math.imul((this.b + word) ^ 0x3c6ef372, 0x85ebca6b);
    this.a = a ^ (a >>> 15);
    this.b = (b << 13) | (b >>> 19);
  }

  /** @param {ArrayBufferView & ArrayLike<number>} values - NaN counts as one value, whatever its bits */
  values(values) {
    const wide = values instanceof Float64Array;
    const words = values instanceof Uint8Array ? values : new Uint32Array(values.buffer);
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) this.word(0x7fc00000);
      else if (wide) {
        this.word(words[2 * i]);
        this.word(words[2 * i + 1]);
      } else this.word(words[i]);
    }
  }

  /**
   * Tensors, numbers and typed arrays in any nesting.
   * @param {any} x
   */
  add(x) {
    if (typeof x === 'number') this.values(Float64Array.of(x));
    else if (ArrayBuffer.isView(x)) this.values(/** @type {any} */ (x));
    else if (typeof x?.dataSync === 'function') {
      this.word(EVERY.indexOf(x.dtype));
      for (const size of x.shape) this.word(size);
      this.values(x.dataSync());
    } else if (typeof x === 'object' && x !== null) for (const key in x) this.add(x[key]);
    else throw new TypeError(`fingerprint: cannot hash ${x}`);
  }

  toString() {
    return [this.a, this.b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

/**
 * The rows: a name, and what to run with the row's hash and inputs.
 *
 * @param {Wasmgrad} w
 * @returns {Generator<[string, (hash: Hash, source: Source) => void]>}
 */
function* rows(w) {
  /** @param {string} list */
  const named = (list) =>
    Object.fromEntries(list.split(' ').map((name) => [name, /** @type {Table} */ (/** @type {any} */ (w))[name]]));

  /** @type {(name: string, f: (x: any, axis: any) => any, axes: any[]) => Table} */
  const along = (name, f, axes) =>
    Object.fromEntries(axes.map((axis) => [`${name} ${axis}`, (/** @type {Tensor} */ x) => f(x, axis)]));

  /**
   * A namespace in the same order everywhere: bundlers have orders of their own.
   * @param {Table} namespace
   */
  const sorted = (namespace) => Object.entries(namespace).sort(([a], [b]) => (a < b ? -1 : 1));

  /**
   * Each function of a table for each dtype; where inputs are floats and the function is smooth, its gradients too.
   *
   * @param {Table} table
   * @param {DataType[]} dtypes
   * @param {string} shapes - of its arguments: '2x3 3' are a matrix and a vector
   * @param {{ wild?: boolean, smooth?: boolean }} [options]
   * @returns {Generator<[string, (hash: Hash, source: Source) => void]>}
   */
  function* each(table, dtypes, shapes, { wild = false, smooth = true } = {}) {
    const sizes = shapes.split(' ').map((shape) => (shape === 'scalar' ? [] : shape.split('x').map(Number)));
    for (const [name, f] of Object.entries(table)) {
      for (const dtype of dtypes) {
        yield [
          `${name} ${dtype} ${shapes}${wild ? ' wild' : ''}`,
          (hash, source) => {
            const inputs = sizes.map((shape) => {
              const n = shape.reduce((size, length) => size * length, 1);
              return w.tensor(wild ? source.wild(dtype, n) : source.plain(dtype, n), shape, dtype);
            });
            const y = f(...inputs);
            hash.add(y);
            if (smooth && FLOATS.includes(dtype)) {
              hash.add(w.grads(f)(inputs, w.tensor(source.plain(y.dtype, y.size), y.shape, y.dtype)));
            }
          },
        ];
      }
    }
  }

  // Elementwise.

  /** @type {Table} */
  const maps = {
    ...named('abs neg sign square sqrt rsqrt reciprocal exp expm1 log log1p sin cos tan asin acos atan'),
    ...named('sinh cosh tanh asinh acosh atanh erf floor ceil round step identity clone'),
    ...named('relu relu6 leakyRelu elu selu sigmoid logSigmoid softplus softsign silu swish mish gelu hardSigmoid'),
    ...named('celu hardSwish hardSilu hardTanh threshold'),
    'leakyRelu 0.1': (x) => w.leakyRelu(x, 0.1),
    'elu 0.5': (x) => w.elu(x, 0.5),
    'celu 0.5': (x) => w.celu(x, 0.5),
    'gelu by tanh': (x) => w.gelu(x, true),
    'step 0.3': (x) => w.step(x, 0.3),
    clipByValue: (x) => w.clipByValue(x, -2, 3),
  };
  yield* each(maps, EVERY, '2000', { wild: true });
  yield* each(named('isNaN isFinite isInf zerosLike onesLike'), EVERY, '300', { wild: true, smooth: false });
  /** @type {Table} */
  const casts = {
    ...named('toFloat toInt toBool'),
    'asType float64': (x) => w.asType(x, 'float64'),
    ...along('cast', w.cast, EVERY),
  };
  yield* each(casts, EVERY, '2000', { wild: true, smooth: false });

  const arithmetic = named('add sub mul div divNoNan floorDiv mod pow maximum minimum squaredDifference atan2');
  const comparisons = named('equal notEqual less lessEqual greater greaterEqual');
  const specials = `${SPECIAL.length}x1 1x${SPECIAL.length}`;
  yield* each(arithmetic, EVERY, '2000 2000', { wild: true });
  yield* each(arithmetic, EVERY, specials, { wild: true });
  yield* each(comparisons, EVERY, specials, { wild: true, smooth: false });
  for (const shapes of ['4x33 scalar', '33 4x33', '4x1x5 3x1', '2x1x3x1x2 4x1x5x1']) {
    yield* each(arithmetic, NUMBERS, shapes);
    yield* each(comparisons, EVERY, shapes, { smooth: false });
  }
  yield* each(named('prelu'), EVERY, '3x700 700', { wild: true });
  yield* each({ addN: (a, b) => w.addN([a, b, a]) }, NUMBERS, '300 300', { wild: true });
  /** @type {Table} */
  const mixed = {
    'add float64': (x) => w.add(x, w.tensor1d(Float64Array.of(0.1, 0.2, 0.3))),
    'mul number': (x) => w.mul(0.1, x),
  };
  yield* each(mixed, EVERY, '5x3');
  yield* each(named('logicalAnd logicalOr logicalXor'), ['bool'], '3x40 40');
  yield* each(named('logicalNot'), ['bool'], '100');
  yield* each(named('bitwiseAnd'), ['int32'], '100 100', { wild: true });
  /** @type {Table} */
  const choices = {
    where: (a, b) => w.where(w.tensor1d(new Source().plain('bool', 300), 'bool'), a, b),
    'where, broadcast': (a, b) => w.where(w.tensor2d([[true], [false]]), a, b),
  };
  yield* each(choices, EVERY, '300 300', { wild: true });

  // Reductions and running sums.

  const reductions = named('sum mean prod max min logSumExp euclideanNorm');
  const extremes = named('argMax argMin');
  const running = named('cumsum cumprod');
  for (const shape of ['3x5x7', '10000', '3x2500', '2500x3']) {
    const axes = [...shape.split('x').keys()];
    for (const [name, f] of Object.entries(reductions)) {
      yield* each(along(name, f, [null, ...axes, ...(axes.length > 2 ? [[0, 2]] : [])]), EVERY, shape);
    }
    for (const [name, f] of Object.entries(extremes)) {
      yield* each(along(name, f, axes), NUMBERS, shape, { smooth: false });
    }
    for (const [name, f] of Object.entries(running)) yield* each(along(name, f, axes), NUMBERS, shape);
  }
  for (const [name, f] of Object.entries(named('any all'))) yield* each(along(name, f, [null, 0, 1]), ['bool'], '5x40');
  yield* each(reductions, NUMBERS, '9x20', { wild: true });
  yield* each(extremes, NUMBERS, '9x20', { wild: true, smooth: false });
  /** @type {Table} */
  const variants = {
    'max, kept': (x) => w.max(x, -1, true),
    'min, kept': (x) => w.min(x, 0, true),
    'cumsum, exclusive': (x) => w.cumsum(x, 1, true),
    'cumsum, reverse': (x) => w.cumsum(x, 0, false, true),
    'cumprod, both': (x) => w.cumprod(x, 1, true, true),
    'mean of moments': (x) => w.moments(x, 0).mean,
    'variance of moments': (x) => w.moments(x, [0, 1], true).variance,
    'norm 1': (x) => w.norm(x, 1, 0),
    'norm 2': (x) => w.norm(x, 2, 1),
    'norm ∞': (x) => w.norm(x, Infinity),
    'norm −∞': (x) => w.norm(x, -Infinity, 1, true),
    'norm fro': (x) => w.norm(x, 'fro', [0, 1]),
    norm: (x) => w.norm(x),
    l2Loss: (x) => w.l2Loss(x),
  };
  yield* each(variants, FLOATS, '12x17');

  // Products.

  const { matMul } = w;
  for (const shapes of ['1x1 1x1', '3x5 5x7', '1x300 300x40', '64x64 64x64', '70x300 300x90', '130x20 20x17']) {
    yield* each({ matMul }, NUMBERS, shapes);
  }
  yield* each({ matMul }, NUMBERS, '2x3x10x12 3x12x9');
  yield* each({ matMul }, NUMBERS, '3x10x12 12x8');
  yield* each({ matMul }, NUMBERS, '20x9 9x20', { wild: true });
  yield* each({ 'matMul, transposed': (a, b) => matMul(a, b, true, true) }, NUMBERS, '33x21 19x33');
  yield* each({ 'matMul, b transposed': (a, b) => matMul(a, b, false, true) }, NUMBERS, '2x30x21 2x19x21');
  yield* each(named('dot outerProduct'), NUMBERS, '50 50');
  yield* each({ einsum: (a, b) => w.einsum('bij,bjk->ki', a, b) }, FLOATS, '3x5x7 3x7x4');
  /** @type {Table} */
  const matrices = {
    bandPart: (x) => w.linalg.bandPart(x, 1, 3),
    gramSchmidt: (x) => w.linalg.gramSchmidt(x),
    qr: (x) => w.linalg.qr(x),
  };
  yield* each(matrices, FLOATS, '9x9', { smooth: false });

  // Convolutions: of every kind of step, of few and many channels, of sizes that fill vectors and that do not.

  /** @type {Table} */
  const convolutions = {
    'conv2d valid': (x, f) => w.conv2d(x, f, 1, 'valid'),
    'conv2d same': (x, f) => w.conv2d(x, f, 1, 'same'),
    'conv2d same, strides 2 1': (x, f) => w.conv2d(x, f, [2, 1], 'same'),
    'conv2d pad 2, strides 3': (x, f) => w.conv2d(x, f, 3, 2),
    'conv2d same, dilations 1 2': (x, f) => w.conv2d(x, f, 1, 'same', 'NHWC', [1, 2]),
  };
  for (const shapes of ['2x12x12x1 3x3x1x32', '3x9x8x5 3x2x5x7', '2x10x10x16 3x3x16x24', '1x6x7x33 1x1x33x18']) {
    yield* each(convolutions, FLOATS, shapes);
  }
  /** @type {Table} */
  const grouped = {
    'conv2d in 4 groups': (x, f) => w.conv2d(x, f, 2, 'same', 'NHWC', 1, undefined, 4),
    'conv2d in 4 groups, channels first': (x, f) =>
      w.transpose(w.conv2d(w.transpose(x, [0, 3, 1, 2]), f, 1, 1, 'NCHW', 1, 'ceil', 4), [0, 2, 3, 1]),
  };
  yield* each(grouped, FLOATS, '2x7x9x12 3x3x3x8');
  yield* each({ 'conv2d wild': convolutions['conv2d same'] }, FLOATS, '1x8x9x5 3x3x5x6', { wild: true });
  yield* each({ conv1d: (x, f) => w.conv1d(x, f, 1, 'same', 'NWC', 3) }, FLOATS, '2x50x6 5x6x9');
  yield* each(
    { conv2dTranspose: (x, f) => w.conv2dTranspose(x, f, [2, 11, 14, 6], 2, 'same') },
    FLOATS,
    '2x6x7x10 3x3x6x10',
  );
  /** @type {Table} */
  const separable = { separableConv2d: (x, d, p) => w.separableConv2d(x, d, p, 1, 'valid') };
  yield* each(separable, FLOATS, '2x9x8x6 3x3x6x2 1x1x12x5');
  /** @type {Table} */
  const fused = {
    'fused.conv2d': (x, filter, bias) => w.fused.conv2d({ x, filter, strides: 1, pad: 1, bias, activation: 'relu6' }),
    'fused.depthwiseConv2d': (x, filter, bias) =>
      w.fused.depthwiseConv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'sigmoid' }),
  };
  yield* each(fused, FLOATS, '2x9x8x6 3x3x6x1 1');
  yield* each(
    { 'fused.matMul': (a, b, bias) => w.fused.matMul({ a, b, bias, activation: 'elu' }) },
    FLOATS,
    '5x6 6x7 7',
  );
  for (const [name, resize] of sorted(w.image)) {
    if (!name.startsWith('resize')) continue;
    /** @type {Table} */
    const table = {
      [name]: (x) => resize(x, [7, 12]),
      [`${name}, corners aligned`]: (x) => resize(x, [9, 4], true),
      [`${name}, half-pixel centres`]: (x) => resize(x, [3, 13], false, true),
      [`${name}, doubled`]: (x) => resize(x, [10, 12]),
    };
    yield* each(table, FLOATS, '2x5x6x3');
  }

  // Images moved and recolored, and boxes in them.

  const turns = [0.9, -0.4, 0.7, 0.3, 0.8, -0.6, 0.01, -0.02, -1, 0.2, 9.2, 0.1, 1.3, -8.1, 0, 0];
  /** @type {Table} */
  const moved = {
    flipLeftRight: (x) => w.image.flipLeftRight(x),
    rotateWithOffset: (x) => w.image.rotateWithOffset(x, 0.7, 0.5, [0.3, 0.8]),
  };
  for (const interpolation of /** @type {const} */ (['nearest', 'bilinear'])) {
    for (const mode of /** @type {const} */ (['constant', 'reflect', 'wrap', 'nearest'])) {
      moved[`transform, ${interpolation} and ${mode}`] = (x) =>
        w.image.transform(x, w.tensor2d(turns, [2, 8]), interpolation, mode, 0.3, [9, 7]);
    }
    moved[`cropAndResize, ${interpolation}`] = (x) =>
      w.image.cropAndResize(
        ...[
          x,
          [
            [0.1, 0.2, 0.8, 1.3],
            [0.9, 0.7, 0, 0.1],
            [0, 0, 1, 1],
          ],
          [1, 0, 1],
          /** @type {[number, number]} */ ([5, 7]),
        ],
        ...[interpolation, -1],
      );
  }
  for (const shape of ['2x6x8x3', '2x5x4x9']) yield* each(moved, FLOATS, shape);
  yield* each({ 'rotateWithOffset, color': (x) => w.image.rotateWithOffset(x, -2, [1, 2, 3]) }, FLOATS, '2x6x8x4');
  /** @type {Table} */
  const colored = {
    rgbToGrayscale: (x) => w.image.rgbToGrayscale(x),
    'grayscaleToRGB of rgbToGrayscale': (x) => w.image.grayscaleToRGB(w.image.rgbToGrayscale(x)),
  };
  yield* each(colored, NUMBERS, '2x6x8x3');
  /** @type {Table} */
  const blackAndWhite = {
    threshold: (x) => w.image.threshold(w.add(w.mul(x, 10), 100), 'binary', false, 0.4),
    'threshold by Otsu': (x) => w.image.threshold(w.add(w.mul(w.abs(x), 10), 20), 'otsu', true),
  };
  yield* each(blackAndWhite, FLOATS, '12x10x3', { smooth: false });
  yield [
    'image.nonMaxSuppression',
    (hash, source) => {
      for (const dtype of FLOATS) {
        const boxes = w.tensor2d(source.plain(dtype, 200), [50, 4], dtype);
        const scores = w.tensor1d(source.plain(dtype, 50), dtype);
        hash.add(w.image.nonMaxSuppression(boxes, scores, 20, 0.4));
        hash.add(w.image.nonMaxSuppressionWithScore(boxes, scores, 30, 0.9, 0.1, 0.5));
        hash.add(w.image.nonMaxSuppressionPadded(boxes, scores, 40, 0.1, 0, true));
      }
    },
  ];

  // Pools, and depthwise convolutions by kernels of their own.

  /** @type {Table} */
  const pools = {
    'maxPool, halves': (x) => w.maxPool(x, 2, 2, 'valid'),
    'maxPool, overlapping': (x) => w.maxPool(x, 3, 2, 'same'),
    'avgPool, halves': (x) => w.avgPool(x, 2, 2, 'valid'),
    'avgPool, overlapping': (x) => w.avgPool(x, [3, 2], 1, 1),
    'pool, max, gaps': (x) => w.pool(x, 2, 'max', 'same', [2, 3]),
    'pool, avg, gaps': (x) => w.pool(x, 2, 'avg', 'valid', [3, 2]),
    'maxPoolWithArgmax, result': (x) => w.maxPoolWithArgmax(x, 3, 1, 'same').result,
    maxPool3d: (x) => w.maxPool3d(x, [2, 3, 2], 2, 'same'),
    avgPool3d: (x) => w.avgPool3d(x, [2, 3, 2], 2, 'same'),
    'slope of maxPool': (x) => w.grad((t) => w.square(w.maxPool(t, 3, 2, 'same')))(x),
  };
  for (const shape of ['2x9x8x5', '3x7x6x24', '2x12x11x1']) {
    yield* each(pools, FLOATS, shape);
    yield* each(pools, FLOATS, shape, { wild: true });
    yield* each({ indexes: (x) => w.maxPoolWithArgmax(x, 3, 2, 'same', true).indexes }, FLOATS, shape, {
      smooth: false,
    });
  }
  /** @type {Table} */
  const depthwise = {
    depthwiseConv2d: (x, f) => w.depthwiseConv2d(x, f, 1, 'same'),
    'depthwiseConv2d, strides': (x, f) => w.depthwiseConv2d(x, f, [2, 3], 'same'),
    'depthwiseConv2d, dilations': (x, f) => w.depthwiseConv2d(x, f, 1, 2, 'NHWC', [2, 3]),
  };
  for (const shapes of ['2x9x8x5 3x3x5x1', '1x30x40x24 2x4x24x1', '2x6x7x3 3x2x3x4']) {
    yield* each(depthwise, FLOATS, shapes);
  }
  yield* each(depthwise, FLOATS, '2x9x8x5 3x3x5x1', { wild: true });

  const sequencePools = ['maxPooling1d', 'averagePooling1d', 'globalMaxPooling1d', 'globalAveragePooling1d'];
  const imagePools = ['maxPooling2d', 'averagePooling2d', 'globalMaxPooling2d', 'globalAveragePooling2d'];
  for (const [names, shape] of /** @type {[string[], number[]][]} */ ([
    [sequencePools, [2, 9, 5]],
    [imagePools, [2, 6, 7, 5]],
  ])) {
    for (const name of names) {
      yield [
        `layers.${name}`,
        (hash, source) => {
          const n = shape.reduce((size, length) => size * length, 1);
          hash.add(/** @type {any} */ (w.layers)[name]().apply(w.tensor(source.plain('float32', n), shape)));
        },
      ];
    }
  }
  yield [
    'layers.depthwiseConv2d',
    (hash, source) => {
      const layer = w.layers.depthwiseConv2d({
        ...{ kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'relu' },
        depthwiseInitializer: (shape) => w.tensor(source.plain('float32', 72), shape),
      });
      hash.add(layer.apply(w.tensor(source.plain('float32', 336), [2, 7, 6, 4])));
      layer.dispose();
    },
  ];

  // Layers that draw random numbers in training, and those that prepare data.

  const drawing = {
    dropout: () => w.layers.dropout({ rate: 0.3, noiseShape: [null, 1, null, 1], seed: 1 }),
    spatialDropout1d: () => w.layers.spatialDropout1d({ rate: 0.4, seed: 2 }),
    spatialDropout2d: () => w.layers.spatialDropout2d({ rate: 0.4 }),
    spatialDropout3d: () => w.layers.spatialDropout3d({ rate: 0.4, seed: 3 }),
    gaussianDropout: () => w.layers.gaussianDropout({ rate: 0.4, seed: 4 }),
    alphaDropout: () => w.layers.alphaDropout({ rate: 0.4 }),
    gaussianNoise: () => w.layers.gaussianNoise({ stddev: 0.4, seed: 5 }),
    randomFlip: () => w.layers.randomFlip({ seed: 6 }),
    randomTranslation: () => w.layers.randomTranslation({ heightFactor: 0.3, widthFactor: [-0.2, 0.5] }),
    randomRotation: () => w.layers.randomRotation({ factor: 0.2, fillMode: 'wrap', seed: 7 }),
    randomZoom: () => w.layers.randomZoom({ heightFactor: 0.4, fillMode: 'constant', fillValue: 0.5, seed: 8 }),
    randomContrast: () => w.layers.randomContrast({ factor: 0.6, valueRange: [-5, 5], seed: 9 }),
    randomBrightness: () => w.layers.randomBrightness({ factor: 0.2, valueRange: [-5, 5] }),
    randomHeight: () => w.layers.randomHeight({ factor: 0.5, seed: 12 }),
    randomWidth: () => w.layers.randomWidth({ factor: [-0.2, 0.6], interpolation: 'nearest' }),
    randomCrop: () => w.layers.randomCrop({ height: 3, width: 5, seed: 10 }),
    centerCrop: () => w.layers.centerCrop({ height: 3, width: 5 }),
    resizing: () => w.layers.resizing({ height: 3, width: 5, cropToAspectRatio: true }),
    rescaling: () => w.layers.rescaling({ scale: 0.3, offset: -0.1 }),
    normalization: () => w.layers.normalization({ axis: [1, -1], invert: true }),
    discretization: () => w.layers.discretization({ numBins: 7, outputMode: 'multiHot' }),
  };
  for (const [name, make] of Object.entries(drawing)) {
    yield [
      `layers.${name}, in training and after it`,
      (hash, source) => {
        w.setSeed(11);
        const shape = name.endsWith('1d') ? [8, 42, 2] : name.endsWith('3d') ? [4, 2, 6, 7, 2] : [4, 6, 7, 4];
        const x = w.tensor(source.plain('float32', 672), shape);
        const layer = make();
        if ('adapt' in layer) layer.adapt(x);
        for (let call = 0; call < 3; call++) hash.add(layer.apply(x, { training: true }));
        hash.add(layer.apply(x));
        layer.dispose();
      },
    ];
  }
  yield [
    'layers.categoryEncoding',
    (hash, source) => {
      const x = w.tensor2d(
        source.plain('int32', 60).map((v) => (v + 100) % 7),
        [12, 5],
        'int32',
      );
      const countWeights = w.tensor2d(source.plain('float32', 60), [12, 5]);
      hash.add(w.layers.categoryEncoding({ numTokens: 7, outputMode: 'oneHot' }).apply(x));
      hash.add(w.layers.categoryEncoding({ numTokens: 7, outputMode: 'count' }).apply(x, { countWeights }));
      hash.add(w.layers.categoryEncoding({ numTokens: 7 }).apply(x));
    },
  ];

  // Recurrent layers: of units that fill vectors and that do not, with each kind of gate, and with masks.

  /** @type {(op: string, options?: object) => (...xs: Tensor[]) => Tensor} */
  const recurrent = (op, options) => (x, kernel, recurrentKernel, bias) => {
    const mask = w.tensor2d(
      Uint8Array.from({ length: 15 }, (_, i) => +(i % 4 !== 1)),
      [3, 5],
      'bool',
    );
    const small = [kernel, recurrentKernel, bias].map((t) => w.mul(t, 0.1));
    const [y, ...states] = /** @type {any} */ (w)[op](x, ...small, { returnSequences: true, mask, ...options });
    return w.concat([y, w.stack(states, 1)], 1);
  };
  /** @type {Table} */
  const fourGates = {
    lstm: recurrent('lstm'),
    'lstm, hard': recurrent('lstm', { recurrentActivation: 'hardSigmoid' }),
  };
  /** @type {Table} */
  const threeGates = { gru: recurrent('gru'), 'gru, hard': recurrent('gru', { recurrentActivation: 'hardSigmoid' }) };
  for (const n of [8, 7, 33]) {
    yield* each({ simpleRNN: recurrent('simpleRNN') }, FLOATS, `3x5x6 6x${n} ${n}x${n} ${n}`);
    yield* each(fourGates, FLOATS, `3x5x6 6x${4 * n} ${n}x${4 * n} ${4 * n}`);
    yield* each(threeGates, FLOATS, `3x5x6 6x${3 * n} ${n}x${3 * n} 2x${3 * n}`);
  }
  /** @type {Table} */
  const steps = {
    basicLSTMCell: (...xs) => w.concat(/** @type {any} */ (w.basicLSTMCell)(0.7, ...xs)),
    multiRNNCell: (k, b, x, c, h) => {
      /** @type {any} */
      const cell = (/** @type {Tensor[]} */ ...xs) => /** @type {any} */ (w.basicLSTMCell)(1, k, b, ...xs);
      return w.concat(w.multiRNNCell([cell, cell], x, [c, h], [h, c]).flat());
    },
  };
  yield* each(steps, FLOATS, '10x20 20 3x5 3x5 3x5');
  /** @type {Record<string, [layer: any, shape: number[]]>} */
  const sequenceLayers = {
    simpleRNN: [{ units: 9, dropout: 0.2, seed: 1 }, [2, 5, 6]],
    lstm: [{ units: 9, activation: 'softsign', returnSequences: true }, [2, 5, 6]],
    gru: [{ units: 9, resetAfter: false, goBackwards: true }, [2, 5, 6]],
    masking: [{ maskValue: 0 }, [2, 5, 6]],
    embedding: [{ inputDim: 12, outputDim: 5, embeddingsInitializer: 'glorotUniform' }, [2, 5]],
  };
  for (const [name, [options, shape]] of Object.entries(sequenceLayers)) {
    yield [
      `layers.${name}`,
      (hash, source) => {
        w.setSeed(2);
        const layer = /** @type {any} */ (w.layers)[name](options);
        const n = shape.reduce((size, length) => size * length, 1);
        const x =
          name === 'embedding'
            ? w.tensor1d(source.plain('int32', n)).abs().mod(12)
            : w.tensor1d(source.plain('float32', n));
        hash.add(layer.apply(w.reshape(x, shape), { training: true }));
        layer.dispose();
      },
    ];
  }
  yield [
    'layers of layers, over sequences',
    (hash, source) => {
      w.setSeed(2);
      const { simpleRNNCell, gruCell, lstmCell } = w.layers;
      const cell = w.layers.stackedRNNCells({
        cells: [simpleRNNCell({ units: 4, activation: 'relu' }), gruCell({ units: 5 })],
      });
      const layer = w.layers.rnn({ cell: [cell, lstmCell({ units: 3, recurrentDropout: 0.3, seed: 4 })] });
      const both = w.layers.bidirectional({ layer, mergeMode: 'ave' });
      const each = w.layers.timeDistributed({ layer: both });
      hash.add(each.apply(w.tensor(source.plain('float32', 240), [2, 4, 5, 6]), { training: true }));
      each.dispose();
    },
  ];

  // Softmax and what is fused with it.

  const classes = Int32Array.from({ length: 40 }, (_, i) => (i * 7) % 10);
  /** @type {Table} */
  const crossEntropies = {
    sparseSoftmaxCrossEntropyWithLogits: (x) => w.sparseSoftmaxCrossEntropyWithLogits(w.tensor1d(classes), x),
    ...named('softmax logSoftmax'),
  };
  for (const wild of [false, true]) {
    yield* each(crossEntropies, FLOATS, '40x10', { wild });
    yield* each(named('softmaxCrossEntropyWithLogits sigmoidCrossEntropyWithLogits'), FLOATS, '40x10 40x10', { wild });
  }

  // Normalization and attention.

  /** @type {Table} */
  const normalized = {
    layerNormalization: (x, gamma, beta) => w.layerNormalization(x, { gamma, beta }),
    rmsNormalization: (x, scale, y) => w.add(w.rmsNormalization(x, { scale }), y),
    groupNormalization: (x, gamma, beta) => w.groupNormalization(x, { groups: 3, gamma, beta }),
    batchNorm: (x, offset, scale) => w.batchNorm(x, w.mul(scale, 0.3), w.square(offset), offset, scale),
    'slopes of layerNormalization': (x, gamma, y) =>
      w.add(w.grad((z) => w.square(w.layerNormalization(z, { gamma })))(x), y),
  };
  for (const shapes of ['3x5x9 9 9', '300x66 66 66', '2x700x3 3 3', '4x1200 1200 1200']) {
    yield* each(normalized, FLOATS, shapes);
  }
  yield* each(normalized, FLOATS, '20x12 12 12', { wild: true });
  yield* each(
    {
      batchNorm2d: (x, y) => w.batchNorm2d(x, y, w.square(y), y, y),
      batchNorm3d: (x, y) => w.batchNorm3d(w.as3D(x, 2, 4, 5), w.as3D(y, 2, 4, 5), w.square(w.as3D(y, 2, 4, 5))),
      batchNorm4d: (x, y) => w.batchNorm4d(w.reshape(x, [2, 2, 2, 5]), w.mean(y, 0), w.mean(w.square(y), 0)),
      localResponseNormalization: (x, y) =>
        w.localResponseNormalization(w.as3D(w.mul(x, y), 2, 2, 10), 3, 1, 0.1, 0.75),
    },
    FLOATS,
    '8x5 8x5',
  );
  for (const dtype of FLOATS) {
    yield [
      `layers.batchNormalization ${dtype}`,
      (hash, source) => {
        const layer = w.layers.batchNormalization({ dtype: /** @type {'float32'} */ (dtype), momentum: 0.7 });
        const x = w.tensor(source.plain(dtype, 300 * 70), [10, 30, 70], dtype);
        /** @type {(y: Tensor) => Tensor} */
        const train = (y) => w.square(/** @type {Tensor} */ (layer.apply(y, { training: true })));
        for (let step = 0; step < 3; step++) hash.add(w.grad(train)(w.mul(x, step + 1)));
        hash.add([layer.apply(x), layer.getWeights()]);
        layer.dispose();
      },
    ];
  }
  /** @type {Table} */
  const attended = {
    dotProductAttention: (q, k, v) => w.dotProductAttention(q, k, v, { bias: w.slice(w.sum(q, [0, 2, 3]), [1], [5]) }),
    'dotProductAttention, causal': (q, k, v) => w.dotProductAttention(q, k, v, { isCausal: true, scale: 0.1 }),
    'dotProductAttention, masked': (q, k, v) =>
      w.dotProductAttention(q, k, v, { mask: w.tensor1d(new Source().plain('bool', 5), 'bool') }),
  };
  yield* each(attended, FLOATS, '2x6x3x8 2x5x3x8 2x5x3x7');

  // Moving elements.

  /** @type {Table} */
  const moves = {
    ...named('transpose reverse flatten as1D'),
    'transpose 1 0 2': (x) => w.transpose(x, [1, 0, 2]),
    'transpose 0 2 1': (x) => w.transpose(x, [0, 2, 1]),
    'transpose 2 0 1': (x) => w.transpose(x, [2, 0, 1]),
    'reverse 1': (x) => w.reverse(x, 1),
    reshape: (x) => w.reshape(x, [7, -1]),
    reshapeAs: (x) => w.reshapeAs(x, w.zeros([63, 5])),
    as2D: (x) => w.as2D(x, 35, 9),
    as3D: (x) => w.as3D(x, 3, 3, 35),
    as4D: (x) => w.as4D(x, 3, 3, 5, 7),
    as5D: (x) => w.as5D(x, 3, 3, 1, 5, 7),
    expandDims: (x) => w.expandDims(x, 1),
    squeeze: (x) => w.squeeze(w.expandDims(x)),
    asScalar: (x) => w.asScalar(w.sum(x)),
    broadcastTo: (x) => w.broadcastTo(x, [2, 9, 5, 7]),
    'gather rows': (x) => w.gather(x, w.tensor2d([8, 0, 3, 3], [2, 2], 'int32')),
    'gather columns': (x) => w.gather(x, w.tensor1d([6, 0, 6], 'int32'), 2),
    'gather batches': (x) => w.gather(x, w.tensor2d(new Int32Array(18).fill(2), [9, 2]), 1, 1),
  };
  yield* each(moves, EVERY, '9x5x7');
  /** @type {(...numbers: number[]) => any} */
  const pairs = (...numbers) => numbers.flatMap((first, i) => (i % 2 ? [] : [[first, numbers[i + 1]]]));
  /** @type {Table} */
  const pieces = {
    slice: (x) => w.slice(x, [1, 2, 0], [3, -1, 5]),
    slice1d: (x) => w.slice1d(w.flatten(x), 7, 100),
    slice2d: (x) => w.slice2d(w.as2D(x, 35, 9), [3, 1], [20, 5]),
    slice3d: (x) => w.slice3d(x, [0, 1, 1], [9, 3, 6]),
    slice4d: (x) => w.slice4d(w.as4D(x, 3, 3, 5, 7), [1, 0, 1, 0], [2, 3, 1, 7]),
    stridedSlice: (x) => w.stridedSlice(x, [8, 0, 1], [0, 5, 7], [-3, 2, 2]),
    reverse1d: (x) => w.reverse1d(w.flatten(x)),
    reverse2d: (x) => w.reverse2d(w.as2D(x, 35, 9), [0]),
    reverse3d: (x) => w.reverse3d(x, [0, 2]),
    reverse4d: (x) => w.reverse4d(w.as4D(x, 3, 3, 5, 7), [1, 3]),
    concat: (x) => w.concat([x, w.reverse(x), x], 1),
    concat1d: (x) => w.concat1d([w.flatten(x), w.as1D(x)]),
    concat2d: (x) => w.concat2d([w.as2D(x, 9, 35), w.as2D(x, 9, 35)], 1),
    concat3d: (x) => w.concat3d([x, x], 2),
    concat4d: (x) => w.concat4d([w.as4D(x, 3, 3, 5, 7), w.as4D(x, 3, 3, 5, 7)], 2),
    stack: (x) => w.stack([x, w.reverse(x)], 1),
    'split, part': (x) => w.split(x, [2, 4, 1], 2)[1],
    'unstack, part': (x) => w.unstack(x, 1)[3],
    pad: (x) => w.pad(x, pairs(1, 2, 0, 0, 3, 1), 2),
    pad1d: (x) => w.pad1d(w.flatten(x), [3, 4]),
    pad2d: (x) => w.pad2d(w.as2D(x, 35, 9), pairs(1, 2, 0, 3), 1),
    pad3d: (x) => w.pad3d(x, pairs(1, 1, 0, 1, 2, 0)),
    pad4d: (x) => w.pad4d(w.as4D(x, 3, 3, 5, 7), pairs(0, 1, 1, 0, 1, 1, 0, 0)),
    'mirrorPad, reflect': (x) => w.mirrorPad(x, pairs(2, 1, 0, 4, 6, 0), 'reflect'),
    'mirrorPad, symmetric': (x) => w.mirrorPad(x, pairs(2, 1, 0, 5, 7, 0), 'symmetric'),
    tile: (x) => w.tile(x, [2, 1, 3]),
    ensureShape: (x) => w.ensureShape(x, [null, 5, 7]),
    gatherND: (x) => w.gatherND(x, w.tensor2d([8, 0, 3, 3], [2, 2], 'int32')),
    'diag, square': (x) => w.diag(w.slice(w.flatten(x), 0, 30)),
    spaceToBatchND: (x) => w.spaceToBatchND(w.as4D(x, 1, 9, 5, 7), [3, 2], pairs(0, 0, 1, 0)),
    batchToSpaceND: (x) => w.batchToSpaceND(w.as4D(x, 9, 5, 7, 1), [3, 3], pairs(1, 0, 0, 2)),
    depthToSpace: (x) => w.depthToSpace(w.slice4d(w.as4D(x, 1, 9, 5, 7), [0, 0, 0, 0], [1, 9, 5, 4]), 2),
  };
  yield* each(pieces, EVERY, '9x5x7');
  /** @type {Table} */
  const sets = {
    'topk, values': (x) => w.topk(x, 4).values,
    'topk, indices': (x) => w.topk(x, 3).indices,
    unique: (x) => w.unique(w.flatten(x)),
    'unique, rows': (x) => w.unique(w.as2D(x, 63, 5)),
    meshgrid: (x) => w.meshgrid(w.slice(w.flatten(x), 0, 9), w.slice(w.flatten(x), 9, 4), { indexing: 'ij' }),
    scatterND: (x) => w.scatterND(w.tensor2d([0, 3, 1, 3, 0, 5, 2, 2, 3], [9, 1], 'int32'), x, [6, 5, 7]),
  };
  yield* each(sets, NUMBERS, '9x5x7', { smooth: false });
  /** @type {(x: Tensor, updates: Tensor) => Tensor} */
  const update = (x, updates) => w.tensorScatterUpdate(x, w.tensor2d([3, 0], [2, 1], 'int32'), updates);
  yield* each({ tensorScatterUpdate: update }, EVERY, '5x7 2x7', { smooth: false });
  yield [
    'counts, shapes',
    (hash) => {
      const classes = w.tensor1d([1, 0, 2, 1, 1, 3], 'int32');
      hash.add(w.bincount(classes, [1, 2, 3, 0.1, 0.2, 6], 5));
      hash.add(w.denseBincount(w.tensor2d([1, 0, 2, 1, 1, 3], [2, 3], 'int32'), [], 4, true));
      hash.add(w.broadcastArgs([2, 1, 3], [4, 1]));
      hash.add(w.math.confusionMatrix(classes, w.reverse(classes), 4));
    },
  ];
  const segments = Int32Array.from({ length: 50 }, (_, i) => (i * i) % 7);
  yield* each({ segmentSum: (x) => w.unsortedSegmentSum(x, w.tensor1d(segments), 7) }, NUMBERS, '50x6');

  // From nothing.

  for (const dtype of EVERY) {
    yield [
      `creation ${dtype}`,
      (hash, source) => {
        for (const value of [0, -0, 1, 0.1, -3.7, 300]) hash.add(w.fill([3, 30], value, dtype));
        hash.add([w.zeros([2, 3], dtype), w.ones([33], dtype), w.eye(3, 5, [2], dtype), w.scalar(1, dtype)]);
        hash.add(w.oneHot(w.tensor1d([0, 3, -1, 9], 'int32'), 4, 1, 0, dtype));
        const values = source.plain(dtype, 64);
        hash.add([w.tensor1d(values, dtype), w.tensor2d(values, [8, 8], dtype), w.tensor3d(values, [4, 4, 4], dtype)]);
        hash.add([w.tensor4d(values, [2, 2, 4, 4], dtype), w.tensor5d(values, [2, 2, 2, 2, 4], dtype)]);
        hash.add(w.tensor6d(values, [2, 2, 2, 2, 2, 2], dtype));
        const buffer = w.buffer([2, 2], dtype);
        buffer.set(1, 0, 1);
        hash.add(buffer.toTensor());
      },
    ];
  }
  yield [
    'range, linspace',
    (hash) => {
      for (const dtype of FLOATS) hash.add(w.range(-3, 50, 0.7, dtype));
      hash.add([w.range(90, -50, -3, 'int32'), w.linspace(-1, 2, 77)]);
    },
  ];

  // Random numbers. The default global seed is set by hand: a program may have called setSeed before this one.

  for (const seed of [87654321, 42, 0]) {
    yield [
      `random ops after setSeed(${seed})`,
      (hash) => {
        w.setSeed(seed);
        for (const s of [undefined, 1, undefined, 1099511627779, 0]) {
          for (const dtype of EVERY) hash.add(w.randomUniform([1001], -1, 3, dtype, s));
          for (const dtype of NUMBERS) hash.add(w.randomNormal([1001], 0.5, 2, dtype, s));
          for (const dtype of NUMBERS) hash.add(w.truncatedNormal([1001], 0.5, 2, dtype, s));
          for (const dtype of FLOATS) hash.add(w.randomStandardNormal([77], dtype, s));
          for (const alpha of [0.3, 1, 4.5]) hash.add(w.randomGamma([501], alpha, 2, 'float32', s));
          hash.add([w.randomGamma([50], 9, 1, 'int32', s), w.randomUniformInt([501], -5, 20, s)]);
          hash.add(w.multinomial(w.tensor2d([0.1, -1, 2, 0.3, 1, 2, 3, -80], [2, 4]), 60, s));
          hash.add(w.multinomial([0.2, 0.3, 0.5], 60, s, true));
          hash.add(w.dropout(w.ones([20, 30]), 0.3, [20, 1], s));
          hash.add(w.dropout(w.ones([600], 'float64'), 0.7, null, s));
        }
      },
    ];
  }
  yield [
    'rrelu',
    (hash) => {
      w.setSeed(7);
      const x = w.linspace(-3, 3, 601);
      for (const s of [undefined, 1]) hash.add([w.rrelu(x), w.rrelu(x, 0.1, 0.4, true, s)]);
      hash.add(w.rrelu(x.cast('float64'), -1, 1, true));
    },
  ];
  for (const seed of [0, 1, 4294967295]) {
    yield [
      `RandomState ${seed}`,
      (hash) => {
        const random = new w.random.RandomState(seed);
        for (let i = 0; i < 5; i++) {
          hash.add([random.rand(), random.randn(), random.uniform(-2, 5), random.normal(3, 0.1), random.randint(7)]);
        }
        hash.add([random.rand(700), random.randn(30, 51), random.uniform(-1, 1, [9, 9]), random.normal(1, 9, 101)]);
        hash.add([
          random.randint(-5, 1000, [300]),
          random.randint(-2147483648, 2147483648, 9),
          random.permutation(100),
        ]);
        const list = [5, 4, 3, 2, 1];
        random.shuffle(list);
        hash.add([list, random.permutation(list), random.shuffle(w.range(0, 60).reshape([20, 3]))]);
        hash.add(w.rand([5], () => random.rand(), 'float64'));
      },
    ];
  }
  for (const seeds of [{ seed: 1 }, { seed: -7, globalSeed: 42 }, { seed: 1099511627776 }]) {
    yield [
      `PhiloxRandom ${seeds.seed}`,
      (hash) => {
        const random = new w.random.PhiloxRandom(seeds);
        for (const n of [1, 3, 1000]) {
          for (const dtype of EVERY) hash.add(random.uniform([n], -1, 3, dtype));
          for (const dtype of NUMBERS) hash.add(random.normal([n], 1, 2, dtype));
          for (const dtype of NUMBERS) hash.add(random.truncatedNormal([n], 1, 2, dtype));
        }
        hash.add(w.dropout(w.ones([40]), 0.5, null, random));
        random.dispose();
      },
    ];
  }
  for (const [name, make] of sorted(w.initializers)) {
    yield [
      `initializers.${name}`,
      (hash) => {
        const initializer = make({ value: 0.3, seed: 3 });
        for (const dtype of FLOATS) hash.add(initializer([20, 30], dtype));
      },
    ];
  }

  for (const [name, make] of sorted(w.regularizers)) {
    yield* each({ [`regularizers.${name}`]: make() }, FLOATS, '12x17');
  }
  yield* each({ 'regularizers.orthogonal, columns': w.regularizers.orthogonal({ mode: 'columns' }) }, FLOATS, '12x17');
  for (const [name, make] of sorted(w.constraints)) {
    yield* each({ [`constraints.${name}`]: make() }, FLOATS, '12x17', { smooth: false });
    yield* each({ [`constraints.${name}, axis 1`]: make({ axis: 1, rate: 0.3 }) }, FLOATS, '12x17', { smooth: false });
  }

  // Training.

  const oneHot = [0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0];
  // Of three classes and rows of any values; those that take something else have rows of their own.
  const { circle, ctc, triplet, tripletMargin, iouLoss, giouLoss, diouLoss, ciouLoss, ...ordinary } = w.metrics;
  for (const [name, metric] of sorted(/** @type {any} */ (ordinary))) {
    if (/^[A-Z]/.test(name)) continue;
    const isSparse = name.startsWith('sparse') || name === 'categoricalGeneralizedCrossEntropy';
    /** @param {Tensor} x */
    const labels = (x) => (isSparse ? w.tensor1d([1, 2, 0, 2, 1], 'int32') : w.tensor2d(oneHot, [5, 3], x.dtype));
    /** @type {Table} */
    const table = {
      [name]: (x) => metric(labels(x), w.softmax(x)),
      [`${name}, logits`]: (x) => metric(labels(x), x, { fromLogits: true, labelSmoothing: 0.1, k: 2, axis: -1 }),
    };
    yield* each(table, FLOATS, '5x3', { smooth: !/Accuracy$|^precision$|^recall$/.test(name) });
  }
  /** @type {Table} */
  const embedded = {
    circle: (x) => circle([1, 2, 1, 2, 3], w.mul(x, 0.1), { gamma: 7 }),
    triplet: (x) => triplet([1, 2, 1, 2, 3], x),
    tripletMargin: (x) => tripletMargin(x, w.sin(x), w.cos(x)),
    'sparseCategoricalCrossentropy, ignored': (x) =>
      w.metrics.sparseCategoricalCrossentropy([1, 2, 9, 0, 9], x, { fromLogits: true, ignoreClass: 9 }),
    binaryFocalCrossentropy: (x) =>
      w.metrics.binaryFocalCrossentropy(w.tensor2d(oneHot, [5, 3], x.dtype), w.sigmoid(x), {
        applyClassBalancing: true,
      }),
  };
  yield* each(embedded, FLOATS, '5x3');
  /** @type {Table} */
  const sequences = {
    ctc: (x) => ctc(w.tensor2d([1, 2, 2, 3, 0, 0, 1, 1, 1], [3, 3]), x),
    weightedCrossEntropyWithLogits: (x) => w.weightedCrossEntropyWithLogits(w.sigmoid(x), x, 3),
  };
  yield* each(sequences, FLOATS, '3x6x4');
  for (const [name, loss] of Object.entries({ iouLoss, giouLoss, diouLoss, ciouLoss })) {
    /** @type {(x: Tensor) => Tensor} */
    const box = (x) => w.concat([x, w.add(x, w.exp(w.mul(w.reverse(x), 0.3)))], 1);
    yield* each({ [name]: (a, b) => loss(box(a), box(b)) }, FLOATS, '20x2 20x2');
  }
  /** @type {Record<string, () => import('wasmgrad').metrics.Metric>} */
  const accumulated = {
    Accuracy: () => new w.metrics.Accuracy(),
    AUC: () => new w.metrics.AUC(),
    'AUC, PR': () => new w.metrics.AUC({ curve: 'PR', fromLogits: true }),
    'AUC, PRGAIN': () => new w.metrics.AUC({ curve: 'PRGAIN', numThresholds: 20 }),
    BinaryIoU: () => new w.metrics.BinaryIoU(),
    FBetaScore: () => new w.metrics.FBetaScore({ beta: 2 }),
    ConfusionMatrix: () => new w.metrics.ConfusionMatrix({ numClasses: 3, sparseYTrue: false, sparseYPred: false }),
    MeanIoU: () => new w.metrics.MeanIoU({ numClasses: 3, sparseYTrue: false, sparseYPred: false }),
    MeanOf: () => new w.metrics.MeanOf(w.metrics.huber, { delta: 0.2 }),
    Precision: () => new w.metrics.Precision({ thresholds: [0.2, 0.5] }),
    'Precision, topK': () => new w.metrics.Precision({ topK: 2 }),
    R2Score: () => new w.metrics.R2Score(),
    RecallAtPrecision: () => new w.metrics.RecallAtPrecision({ precision: 0.4 }),
    RootMeanSquaredError: () => new w.metrics.RootMeanSquaredError(),
  };
  for (const [name, make] of Object.entries(accumulated)) {
    yield [
      `metrics.${name}`,
      (hash, source) => {
        const metric = make();
        for (const dtype of FLOATS) {
          const p = w.softmax(w.tensor2d(source.plain(dtype, 15), [5, 3], dtype));
          metric.update(w.tensor2d(oneHot, [5, 3]), p, [0.1, 1, 2, 0.7, 3]);
          hash.add(metric.result());
        }
      },
    ];
  }
  for (const [name, loss] of sorted(/** @type {any} */ (w.losses))) {
    if (typeof loss !== 'function') continue;
    const target = () => w.tensor2d(oneHot, [5, 3]);
    /** @type {(x: Tensor, ...rest: any[]) => Tensor} */
    const call = (x, ...rest) => (name === 'computeWeightedLoss' ? loss(x, ...rest) : loss(target(), x, ...rest));
    const axis = name === 'cosineDistance' ? [1] : [];
    const weights = () => w.tensor1d(name === 'softmaxCrossEntropy' ? [1, 0, 3, 2, 0.1] : [0, 1, 2]);
    /** @type {Table} */
    const table = { [`losses.${name}`]: (x) => call(w.sigmoid(x), ...axis) };
    if (axis.length === 0) table[`losses.${name}, weighted`] = (x) => call(w.sigmoid(x), weights());
    yield* each(table, FLOATS, '5x3');
  }
  yield* each({ movingAverage: (v, x) => w.movingAverage(v, x, 0.9, 3) }, FLOATS, '7 7', { smooth: false });
  yield* each({ jit: w.jit((/** @type {Tensor} */ x) => w.softmax(w.mul(x, x))) }, FLOATS, '9x11', { smooth: false });
  const { exponentialDecay, constant } = w.schedules;
  const decay = exponentialDecay({ initialLearningRate: 0.1, decaySteps: 7, decayRate: 0.9 });
  // One object with the options of them all; these two have their own.
  const { chain, fromConfig, constant: _, ...schedules } = w.schedules;
  const common = {
    ...{ initialLearningRate: 0.1, decaySteps: 30, decayRate: 0.9, power: 0.7, alpha: 0.01, boundaries: [9, 50] },
    ...{ values: [0.1, 0.03, 0.02], warmupTarget: 0.3, warmupSteps: 13, firstDecaySteps: 11, tMul: 1.5, mMul: 0.9 },
    ...{ maxLearningRate: 0.7, totalSteps: 60, modelSize: 300, learningRate: 0.2 },
  };
  const made = Object.fromEntries(sorted(schedules).map(([name, make]) => [name, make(common)]));
  made.chain = fromConfig(chain({ learningRates: [made.cosineDecay, made.noam], boundaries: [20] }).getConfig());
  for (const [name, schedule] of Object.entries(made)) {
    yield [
      `schedules.${name}`,
      (hash) => {
        for (let step = 0; step < 90; step++) hash.add(schedule.at(step));
      },
    ];
  }
  /** @type {Record<string, () => import('wasmgrad').Optimizer>} */
  const optimizers = {
    'train.sgd': () => w.train.sgd(0.05),
    'train.sgd, decaying': () => w.train.sgd(decay),
    'train.sgd, constant': () => w.train.sgd(constant(0.07)),
    'train.momentum': () => w.train.momentum(0.01, 0.9),
    'train.momentum, Nesterov': () => w.train.momentum(0.01, 0.9, true),
    'train.adam': () => w.train.adam(0.01),
    'train.adam, other decays': () => w.train.adam(0.01, 0.8, 0.99, 1e-4),
    'train.adagrad': () => w.train.adagrad(0.1),
    'train.adadelta': () => w.train.adadelta(1),
    'train.rmsprop': () => w.train.rmsprop(0.01, 0.8, 0.5, 1e-4, true),
    'train.adamax': () => w.train.adamax(0.01, 0.8, 0.9, 1e-4, 0.1),
  };
  const { lbfgs, ...updates } = w.optimizers;
  const asked = {
    plain: { learningRate: 0.01 },
    clipped: { learningRate: 0.01, clipValue: 0.1, weightDecay: 0.01, gradientAccumulationSteps: 3 },
    averaged: { learningRate: decay, globalClipNorm: 0.1, useEma: true, emaMomentum: 0.7, emaOverwriteFrequency: 4 },
  };
  for (const [name, make] of sorted(updates)) {
    for (const [label, options] of Object.entries(asked)) optimizers[`${name}, ${label}`] = () => make(options);
  }
  optimizers['sgd, Nesterov'] = () => w.optimizers.sgd({ momentum: 0.8, nesterov: true, clipNorm: 0.2 });
  optimizers.amsgrad = () => w.optimizers.adam({ amsgrad: true, beta2: 0.8 });
  optimizers['ftrl, another power'] = () =>
    w.optimizers.ftrl({ learningRate: 0.1, learningRatePower: -0.3, l1RegularizationStrength: 0.001, beta: 0.1 });
  for (const [name, make] of Object.entries(optimizers)) {
    for (const dtype of FLOATS) {
      yield [
        `${name} ${dtype}`,
        (hash, source) => {
          const weights = w.variable(w.tensor2d(source.plain(dtype, 77), [7, 11], dtype));
          const target = w.tensor2d(source.plain(dtype, 77), [7, 11], dtype);
          const optimizer = make();
          const loss = () =>
            /** @type {import('wasmgrad').Scalar} */ (w.mean(w.squaredDifference(w.sin(weights), target)));
          for (let step = 0; step < 20; step++) hash.add(optimizer.minimize(loss, true));
          hash.add(weights);
          weights.dispose();
          optimizer.dispose();
        },
      ];
    }
  }
  for (const dtype of FLOATS) {
    yield [
      `lbfgs ${dtype}`,
      (hash, source) => {
        const weights = w.variable(w.tensor1d(source.plain(dtype, 7), dtype));
        const optimizer = lbfgs({ maxIterations: 9, historySize: 4 });
        const { value, iterations, evaluations } = optimizer.minimize(() => {
          const [a, b] = [w.slice(weights, [0], [6]), w.slice(weights, [1], [6])];
          return w.sum(w.add(w.mul(w.square(w.sub(b, w.square(a))), 10), w.square(w.sub(a, 1))));
        });
        hash.add([value, iterations, evaluations, weights]);
        weights.dispose();
        optimizer.dispose();
      },
    ];
  }
}

/**
 * Ops that give promises.
 *
 * @param {Wasmgrad} w
 * @param {Hash} hash
 * @param {Source} source
 */
async function promises(w, hash, source) {
  const x = w.tensor2d(source.plain('float32', 120), [30, 4]);
  const mask = w.tensor1d(source.plain('bool', 30), 'bool');
  const y = w.tensor1d(source.plain('int32', 30), 'int32');
  const few = w.tensor1d(source.plain('int32', 30), 'int32');
  const targets = w.argMax(x, 1);
  const scores = w.tensor1d(source.plain('float32', 30));
  const results = [
    await w.whereAsync(mask),
    await w.booleanMaskAsync(x, mask),
    await w.setdiff1dAsync(y, few),
    await w.inTopKAsync(x, targets, 2),
    await w.image.nonMaxSuppressionAsync(x, scores, 20, 0.4),
    await w.image.nonMaxSuppressionWithScoreAsync(x, scores, 30, 0.9, 0.1, 0.5),
    await w.image.nonMaxSuppressionPaddedAsync(x, scores, 40, 0.1, 0, true),
  ];
  hash.add(results);
  w.dispose([x, mask, y, few, targets, scores, results]);
}

/**
 * Dense layers with dropout.
 *
 * @param {Wasmgrad} w
 */
const dropouts = (w) => [
  w.layers.dense({ units: 24, activation: 'tanh', inputShape: [8] }),
  w.layers.dropout({ rate: 0.25 }),
  w.layers.dense({ units: 16, kernelInitializer: 'heNormal' }),
  w.layers.activation({ activation: 'gelu' }),
  w.layers.dropout({ rate: 0.1, seed: 3 }),
  w.layers.flatten(),
  w.layers.dense({ units: 3, activation: 'softmax' }),
];

/**
 * Dense layers with regularizers and constraints.
 *
 * @param {Wasmgrad} w
 */
const restrained = (w) => [
  w.layers.dense({
    units: 24,
    activation: 'tanh',
    inputShape: [8],
    kernelRegularizer: 'l2',
    kernelConstraint: 'unitNorm',
  }),
  w.layers.dense({ units: 16, activation: 'relu', kernelInitializer: 'orthogonal', kernelRegularizer: 'orthogonal' }),
  w.layers.dense({ units: 9, activityRegularizer: 'l1l2', biasRegularizer: 'l1', biasConstraint: 'nonNeg' }),
  w.layers.dense({ units: 3, activation: 'softmax', kernelConstraint: 'minMaxNorm' }),
];

/**
 * Dense layers with normalization between them.
 *
 * @param {Wasmgrad} w
 */
const normal = (w) => [
  w.layers.dense({ units: 24, activation: 'tanh', inputShape: [8] }),
  w.layers.batchNormalization({ momentum: 0.9, gammaRegularizer: 'l2' }),
  w.layers.dense({ units: 16 }),
  w.layers.layerNormalization(),
  w.layers.activation({ activation: 'relu' }),
  w.layers.groupNormalization({ groups: 4 }),
  w.layers.dense({ units: 7 }),
  w.layers.rmsNormalization(),
  w.layers.unitNormalization(),
  w.layers.dense({ units: 3, activation: 'softmax' }),
];

/**
 * Dense layers with every activation that is a layer between them.
 *
 * @param {Wasmgrad} w
 */
const rectified = (w) => [
  w.layers.dense({ units: 24, inputShape: [8] }),
  w.layers.reLU({ maxValue: 4, negativeSlope: 0.1, threshold: 0.1 }),
  w.layers.leakyReLU(),
  w.layers.dense({ units: 16 }),
  w.layers.elu({ alpha: 1.5 }),
  w.layers.prelu({ alphaInitializer: 'randomUniform' }),
  w.layers.dense({ units: 12 }),
  w.layers.rrelu({ seed: 3 }),
  w.layers.celu({ alpha: 2 }),
  w.layers.gelu({ approximate: true }),
  w.layers.dense({ units: 9 }),
  w.layers.hardTanh({ minValue: -3, maxValue: 3 }),
  w.layers.threshold({ theta: -1, value: -0.5 }),
  w.layers.dense({ units: 7 }),
  w.layers.thresholdedReLU({ theta: 0.01 }),
  w.layers.dense({ units: 3 }),
  w.layers.softmax(),
];

/**
 * 10 epochs of 20 steps by fit: shuffling, validation, metrics.
 *
 * @param {Wasmgrad} w
 * @param {Hash} hash
 * @param {Source} source
 * @param {(w: Wasmgrad) => import('wasmgrad').layers.Layer[]} layers
 */
async function training(w, hash, source, layers) {
  w.setSeed(7);
  const x = w.tensor2d(source.plain('float32', 400 * 8), [400, 8]);
  const y = w.tidy(() => w.argMax(w.matMul(x, w.tensor2d(source.plain('float32', 24), [8, 3])), 1));
  const model = w.sequential({ layers: layers(w) });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(x, y, { epochs: 10, batchSize: 18, validationSplit: 0.1, verbose: 0 });
  const outputs = w.tidy(() => [model.predict(x), model.evaluate(x, y)]);
  hash.add([history, model.getWeights(), outputs]);
  w.dispose([x, y, outputs]);
  model.dispose();
}

/**
 * 12 steps of a small convolutional network by fit.
 *
 * @param {Wasmgrad} w
 * @param {Hash} hash
 * @param {Source} source
 */
async function convolutionalTraining(w, hash, source) {
  w.setSeed(7);
  const x = w.tensor4d(source.plain('float32', 24 * 100), [24, 10, 10, 1]);
  const y = w.tensor1d(Int32Array.from({ length: 24 }, () => source.next() % 3));
  const model = w.sequential({
    layers: [
      w.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [10, 10, 1] }),
      w.layers.separableConv2d({ filters: 6, kernelSize: 3, depthMultiplier: 2, activation: 'relu' }),
      w.layers.zeroPadding2d({
        padding: [
          [1, 0],
          [0, 1],
        ],
      }),
      w.layers.conv2d({ filters: 4, kernelSize: 2, strides: 2, groups: 2 }),
      w.layers.upSampling2d({ interpolation: 'bilinear' }),
      w.layers.cropping2D({ cropping: 1 }),
      w.layers.conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, activation: 'relu' }),
      w.layers.flatten(),
      w.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const { history } = await model.fit(x, y, { epochs: 4, batchSize: 8, verbose: 0 });
  const causal = w.layers.conv1d({ filters: 4, kernelSize: 3, padding: 'causal' });
  const rows = w.tidy(() => causal.apply(w.reshape(x, [24, 10, 10])));
  hash.add([history, model.getWeights(), rows]);
  w.dispose([x, y, rows]);
  model.dispose();
  causal.dispose();
}

/**
 * 12 steps of a graph of two inputs and two outputs, fed by a dataset.
 *
 * @param {Wasmgrad} w
 * @param {Hash} hash
 * @param {Source} source
 */
async function graphTraining(w, hash, source) {
  w.setSeed(7);
  const [a, b] = [w.layers.inputLayer({ inputShape: [6] }).placeholder, w.input({ shape: [6], name: 'b' })];
  const shared = w.layers.dense({ units: 8, activation: 'tanh' });
  const score = w.layers.dense({ units: 1, name: 'score' }).apply(shared.apply(a));
  const kind = w.layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(shared.apply(b));
  const model = w.model({ inputs: [a, b], outputs: [score, kind] });
  const loss = { score: 'meanSquaredError', kind: 'sparseCategoricalCrossentropy' };
  model.compile({ optimizer: 'sgd', loss, lossWeights: [0.5, 2], metrics: { kind: 'accuracy' } });
  const batches = Array.from({ length: 4 }, () => ({
    xs: [w.tensor2d(source.plain('float32', 48), [8, 6]), w.tensor2d(source.plain('float32', 48), [8, 6])],
    ys: [
      w.tensor2d(source.plain('float32', 8), [8, 1]),
      w.tensor1d(Int32Array.from({ length: 8 }, () => source.next() % 3)),
    ],
  }));
  const { history } = await model.fitDataset(batches, { epochs: 3, verbose: 0 });
  const outputs = model.predict(batches[0].xs);
  hash.add([history, model.getWeights(), outputs]);
  w.dispose([batches, outputs]);
  model.dispose();
}

/**
 * 12 steps of a graph with attention and every way to merge.
 *
 * @param {Wasmgrad} w
 * @param {Hash} hash
 * @param {Source} source
 */
async function attentiveTraining(w, hash, source) {
  w.setSeed(7);
  const { layers } = w;
  const x = w.tensor3d(source.plain('float32', 24 * 48), [24, 6, 8]);
  const y = w.tensor1d(Int32Array.from({ length: 24 }, () => source.next() % 3));
  const inputs = w.input({ shape: [6, 8] });
  const options = { numHeads: 2, keyDim: 3, dropout: 0.2, useCausalMask: true };
  const heads = layers.multiHeadAttention(options).apply([inputs, inputs]);
  const a = layers.layerNormalization().apply(layers.add([inputs, heads]));
  const b = layers.attention({ useScale: true, dropout: 0.1, seed: 3 }).apply([a, inputs]);
  const c = layers.attention({ scoreMode: 'concat' }).apply([a, b]);
  const merged = layers.concatenate([
    layers.subtract([a, b]),
    layers.multiply([b, c]),
    layers.average([a, b, c]),
    layers.maximum([a, c]),
    layers.minimum([b, c]),
  ]);
  const turned = layers.permute({ dims: [2, 1] }).apply(layers.dense({ units: 5, activation: 'tanh' }).apply(merged));
  const products = layers.dot({ axes: [2, 1], normalize: true }).apply([turned, b]);
  const flat = layers.dense({ units: 4 }).apply(layers.reshape({ targetShape: [-1] }).apply(products));
  const steps = layers.flatten().apply(layers.repeatVector({ n: 2 }).apply(flat));
  const model = w.model({ inputs, outputs: layers.dense({ units: 3, activation: 'softmax' }).apply(steps) });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const { history } = await model.fit(x, y, { epochs: 4, batchSize: 8, verbose: 0 });
  hash.add([history, model.getWeights()]);
  w.dispose([x, y]);
  model.dispose();
}

/**
 * The fingerprint of the package: 16 hexadecimal digits.
 *
 * @param {Wasmgrad} wasmgrad - its namespace
 * @param {(row: string, hash: string) => void} [report] - is told each row's own hash, to find where two runs part
 * @returns {Promise<string>}
 */
export async function fingerprint(wasmgrad, report) {
  const total = new Hash();
  /** @type {(name: string, run: (hash: Hash, source: Source) => void | Promise<void>) => Promise<void>} */
  const row = async (name, run) => {
    const hash = new Hash();
    try {
      await run(hash, new Source());
    } catch (error) {
      throw new Error(`fingerprint: ${name}: ${/** @type {Error} */ (error).message}`, { cause: error });
    }
    total.word(hash.a);
    total.word(hash.b);
    report?.(name, `${hash}`);
  };
  for (const [name, run] of rows(wasmgrad)) await row(name, (...args) => wasmgrad.tidy(() => run(...args)));
  await row('promises', (hash, source) => promises(wasmgrad, hash, source));
  await row('200 steps of a network with dropout', (hash, source) => training(wasmgrad, hash, source, dropouts));
  await row('200 steps with regularizers and constraints', (hash, source) =>
    training(wasmgrad, hash, source, restrained),
  );
  await row('200 steps of a network with normalization', (hash, source) => training(wasmgrad, hash, source, normal));
  await row('200 steps of a network of many activations', (hash, source) =>
    training(wasmgrad, hash, source, rectified),
  );
  await row('12 steps of a convolutional network', (hash, source) => convolutionalTraining(wasmgrad, hash, source));
  await row('12 steps of a graph', (hash, source) => graphTraining(wasmgrad, hash, source));
  await row('12 steps of a graph with attention', (hash, source) => attentiveTraining(wasmgrad, hash, source));
  return `${total}`;
}
