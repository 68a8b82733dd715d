// Files of models that are damaged or hostile: one sentence, and nothing is left behind.

import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  disposeVariables,
  model as graph,
  input,
  type io,
  layers,
  modelFromJSON,
  sequential,
  setSeed,
  tensor1d,
  tensor2d,
} from '../../src/index.js';
import { checkPath, readModel } from '../../src/io/artifacts.js';
import { parseJSON } from '../../src/io/json.js';
import { leavesNothing } from '../support/heap.js';
import { load, saved } from './saved.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Artifacts = Required<Pick<io.ModelArtifacts, 'modelTopology' | 'weightSpecs'>> & io.ModelArtifacts;

let chain: Artifacts;
let branches: Artifacts;

beforeAll(async () => {
  setSeed(2);
  const a = sequential({
    name: 'chain',
    layers: [
      layers.dense({ units: 3, activation: 'relu', inputShape: [2], name: 'first', kernelRegularizer: 'l2' }),
      layers.dropout({ rate: 0.5, name: 'noise' }),
      layers.dense({ units: 1, name: 'last', kernelConstraint: 'nonNeg' }),
    ],
  });
  a.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });
  await a.trainOnBatch(tensor2d([[1, 2]]), tensor2d([[1]]));
  chain = (await saved(a, { includeOptimizer: true })) as Artifacts;
  const x = input({ shape: [2], name: 'x' });
  const shared = layers.dense({ units: 2, name: 'shared' });
  const b = graph({ inputs: x, outputs: shared.apply(shared.apply(x)), name: 'branches' });
  branches = (await saved(b)) as Artifacts;
  a.dispose();
  b.dispose();
});

afterEach(() => disposeVariables());

const copy = <T>(value: T): T => structuredClone(value);

/** Loads what may be damaged: a model, or one sentence; either way nothing is left behind. */
async function expectSentence(artifacts: unknown): Promise<string> {
  let message = '';
  await leavesNothing(async () => {
    try {
      (await load(artifacts as Artifacts)).dispose();
    } catch (error) {
      expect(error instanceof RangeError || error instanceof TypeError, String(error)).toBe(true);
      message = (error as Error).message;
      expect(message).toMatch(/^(loadLayersModel|fromMemory): ./);
    }
  });
  return message;
}

/** A part of the chain's topology. */
const at = (artifacts: Artifacts, layer: number) =>
  (artifacts.modelTopology as { config: { layers: { class_name: string; config: Record<string, Json> }[] } }).config
    .layers[layer]!;

const state = (artifacts: Artifacts) =>
  artifacts.userDefinedMetadata!.wasmgrad as {
    optimizer: { className: string; config: Record<string, Json> };
    random: { stream: Json; layers: Json; globalSeed: Json };
    objectives: Record<string, Json>;
  };

const spec = (artifacts: Artifacts, i: number) => artifacts.weightSpecs[i] as unknown as Record<string, Json>;

describe('loadLayersModel', () => {
  it.each<[string, (a: Artifacts) => unknown, string]>([
    ['no topology', (a) => delete (a as io.ModelArtifacts).modelTopology, "needed a model's topology, got undefined"],
    ['a topology of text', (a) => (a.modelTopology = 'x' as never), `needed a model's topology, got "x"`],
    ['no class', (a) => (a.modelTopology = { config: {} }), "needed a layer's class_name and config"],
    ['a layer in place of a model', (a) => (a.modelTopology = at(a, 0)), 'needed a model, got the layer "Dense"'],
    ['an unknown class', (a) => (at(a, 0).class_name = 'Mystery'), 'unknown layer "Mystery"; register its class'],
    ['an inherited class', (a) => (at(a, 0).class_name = 'constructor'), 'unknown layer "constructor"'],
    ['the prototype', (a) => (at(a, 0).class_name = '__proto__'), 'unknown layer "__proto__"'],
    ['the class of all layers', (a) => (at(a, 0).class_name = 'Layer'), 'unknown layer "Layer"'],
    ['an unknown activation', (a) => (at(a, 0).config.activation = 'loud'), "unknown activation 'loud'"],
    ['no units', (a) => delete at(a, 0).config.units, 'units must be a whole number'],
    ['units of text', (a) => (at(a, 0).config.units = 'many'), 'units must be a whole number, got string'],
    ['far more weights', (a) => (at(a, 0).config.units = 2 ** 40), 'more than there are in the file'],
    ['fewer weights', (a) => (at(a, 0).config.units = 2), "'first/kernel' needs [2, 2] float32, got [2, 3] float32"],
    ['an unknown regularizer', (a) => (at(a, 0).config.kernel_regularizer = { class_name: 'L9', config: {} }), '"L9"'],
    ['a layer twice', (a) => (at(a, 2).config.name = 'first'), 'a layer named first is there already'],
    ['another name', (a) => (at(a, 2).config.name = 'end'), 'Provided weight data has no target variable: last/kernel'],
    [
      'no list of layers',
      (a) => ((a.modelTopology as never as { config: Json }).config = { layers: 1 }),
      'the layers of',
    ],
    ['no specs', (a) => delete (a as io.ModelArtifacts).weightSpecs, 'the model has weight data, but no weight specs'],
    ['specs of text', (a) => (a.weightSpecs = 'x' as never), 'needs a list of specs, got string'],
    ['a spec of null', (a) => (a.weightSpecs[0] = null as never), "needed a weight's name, shape and dtype, got null"],
    ['a name twice', (a) => (spec(a, 1).name = 'first/kernel'), "the name 'first/kernel' is there twice"],
    ['a weight too few', (a) => a.weightSpecs.shift(), 'bytes for'],
    ['a negative size', (a) => (spec(a, 0).shape = [-2, -3]), "needed a weight's name, shape and dtype"],
    ['endless elements', (a) => (spec(a, 0).shape = [2 ** 50, 2 ** 50]), 'fewer than 2^53 elements'],
    ['another order of sizes', (a) => (spec(a, 0).shape = [3, 2]), "'first/kernel' needs [2, 3] float32, got [3, 2]"],
    ['another dtype', (a) => (spec(a, 0).dtype = 'int32'), "'first/kernel' needs [2, 3] float32, got [2, 3] int32"],
    ['an unknown dtype', (a) => (spec(a, 0).dtype = 'string'), "Unsupported dtype in weight 'first/kernel': string"],
    ['half the bytes', (a) => (a.weightData = (a.weightData as ArrayBuffer).slice(4)), 'weights, got'],
    ['more bytes', (a) => (a.weightData = [a.weightData as ArrayBuffer, new ArrayBuffer(4)]), 'weights, got'],
    ['bytes of text', (a) => (a.weightData = 'x' as never), 'needs ArrayBuffers, got string'],
    ['metadata of text', (a) => (a.userDefinedMetadata = 'x' as never), 'needed an object of metadata, got "x"'],
    ['an unknown optimizer', (a) => (state(a).optimizer.className = 'Magic'), 'needed an optimizer'],
    ['an optimizer of another kind', (a) => (state(a).optimizer.className = 'Optimizer'), 'needed an optimizer'],
    ['an unknown option', (a) => (state(a).optimizer.config.speed = 1), "unknown option 'speed'"],
    [
      'weights that do not decay of another kind',
      (a) => ((state(a).optimizer as Record<string, Json>).undecayed = [null]),
      'needed the names of weights that do not decay, got [null]',
    ],
    ['an unknown loss', (a) => (state(a).objectives.loss = 'pain'), "unknown name 'pain'"],
    ['no loss', (a) => delete state(a).objectives.loss, 'needs a loss'],
    ['half a stream', (a) => (state(a).random.stream = 'AAAA'), 'the state of a stream of random numbers'],
    [
      'a stream beyond its end',
      (a) => (state(a).random.stream = btoa('\xff'.repeat(4 * 631))),
      'the state of a stream',
    ],
    ['a stream that is no text', (a) => (state(a).random.stream = '%'), 'needed base64'],
    ['a seed of text', (a) => (state(a).random.globalSeed = 'x'), 'the state of a stream of random numbers'],
    ["other layers' streams", (a) => (state(a).random.layers = { noise: [[1, 2, 3, 4, 5, 6]] }), "numbers of 'noise'"],
    ["an optimizer's state of another weight", (a) => (spec(a, 5).name = 'none/kernel/m'), 'not that of the model'],
    [
      "an optimizer's state of another shape",
      (a) => {
        const found = a.weightSpecs.find(({ name }) => name === 'first/kernel/m')!;
        found.shape = [3, 2];
      },
      "'first/kernel",
    ],
  ])('refuses %s', async (_, damage, message) => {
    const artifacts = copy(chain);
    damage(artifacts);
    expect(await expectSentence(artifacts)).toContain(message);
  });

  it.each<[string, (layer: Record<string, Json>, config: Record<string, Json>) => unknown, string]>([
    [
      'a layer that needs itself',
      (layer) => (layer.inbound_nodes = [[['shared', 0, 0, {}]]]),
      "'shared' needs what no",
    ],
    [
      'a layer that is not there',
      (layer) => (layer.inbound_nodes = [[['y', 0, 0, {}]]]),
      "'shared' needs what no layer",
    ],
    ['an application beyond the end', (layer) => (layer.inbound_nodes = [[['x', 7, 0, {}]]]), 'needs what no layer'],
    ['half an application', (layer) => (layer.inbound_nodes = [[['x', 0.5, 0, {}]]]), 'needs what no layer gives'],
    ['the prototype', (layer) => (layer.inbound_nodes = [[['x', '__proto__', 0, {}]]]), 'needs what no layer gives'],
    ['nodes of text', (layer) => (layer.inbound_nodes = 'x'), "needed a layer's inbound_nodes"],
    ['a node of numbers', (layer) => (layer.inbound_nodes = [[1]]), 'needed an inbound node, got [1]'],
    ['a node of nothing', (layer) => (layer.inbound_nodes = [[]]), 'needed an inbound node, got []'],
    ['an input of nothing', (_, config) => (config.input_layers = [null]), 'there is no input or output null'],
    ['an output that is not there', (_, config) => (config.output_layers = [['shared', 9, 0]]), 'no input or output'],
    ['no outputs', (_, config) => (config.output_layers = []), 'needs outputs'],
    ['no list of inputs', (_, config) => (config.input_layers = null), 'needed layers, input_layers and output_layers'],
    ['a layer twice', (layer) => (layer.name = 'x'), 'needed layers of different names, got "x"'],
  ])('refuses a graph with %s', async (_, damage, message) => {
    const artifacts = copy(branches);
    const { config } = artifacts.modelTopology as { config: { layers: Record<string, Json>[] } & Record<string, Json> };
    damage(config.layers[1]!, config);
    expect(await expectSentence(artifacts)).toContain(message);
  });

  it('says one sentence, or loads, whatever is changed anywhere', async () => {
    const values = fc.constantFrom<Json>(
      ...[
        null,
        true,
        0,
        -1,
        0.5,
        2 ** 31,
        1e300,
        '',
        'x',
        'relu',
        '__proto__',
        'Dense',
        [],
        {},
        [null],
        [[['x', 0, 0]]],
      ],
      { class_name: 'Dense', config: { units: 2 } },
      { constructor: 1 },
    );
    /** Replaces, removes or repeats what a walk by these numbers leads to. */
    const change = (root: Json, steps: number[], value: Json, how: number): void => {
      let parent = root as Record<string, Json>;
      for (const step of steps) {
        const keys = Object.keys(parent);
        if (keys.length === 0) return;
        const key = keys[step % keys.length]!;
        const next = parent[key];
        if (typeof next === 'object' && next !== null && step !== steps.at(-1)) parent = next as Record<string, Json>;
        else if (how === 0) delete parent[key];
        else if (how === 1 && Array.isArray(parent)) parent.push(structuredClone(next!));
        else {
          parent[key] = value;
          return;
        }
      }
    };
    const damage = fc.record({
      steps: fc.array(fc.nat(30), { minLength: 1, maxLength: 9 }),
      value: values,
      how: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(damage, { minLength: 1, maxLength: 3 }), async (isChain, damages) => {
        const artifacts = copy(isChain ? chain : branches);
        const { weightData, ...rest } = artifacts;
        for (const { steps, value, how } of damages) change(rest as never, steps, value, how);
        await expectSentence({ ...rest, weightData });
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  it('takes what is in both where it is not strict', async () => {
    const artifacts = copy(chain);
    spec(artifacts, 0).name = 'gone/kernel';
    setSeed(4);
    const model = await load(artifacts, { strict: false, includeOptimizer: false });
    expect(model.weights).toHaveLength(4);
    model.dispose();
  });
});

describe('modelFromJSON', () => {
  it('refuses what is no JSON, and what describes no model', async () => {
    await expect(modelFromJSON('{')).rejects.toThrow('modelFromJSON: needed JSON');
    await expect(modelFromJSON('{"a":1,"a":2}')).rejects.toThrow('modelFromJSON: the key "a" is there twice');
    await expect(modelFromJSON({})).rejects.toThrow("modelFromJSON: needed a layer's class_name and config");
    const dense = { class_name: 'Dense', config: { units: 2, batch_input_shape: [null, 3] } };
    for (const config of [{ name: 'r' }, { name: 'r', cell: 3 }]) {
      const list = [dense, { class_name: 'RNN', config }];
      await leavesNothing(async () => {
        const loading = modelFromJSON({ class_name: 'Sequential', config: { layers: list } });
        await expect(loading).rejects.toThrow('modelFromJSON: r: cell must be a cell or an array of cells, got');
      });
    }
    await expect(modelFromJSON(`${'['.repeat(300)}${']'.repeat(300)}`)).rejects.toThrow('nested more than 200 deep');
  });
});

describe('JSON', () => {
  it('may have strings of any length and with any escapes, and each key once', () => {
    const long = { a: 'x'.repeat(2e7), b: '\\n'.repeat(1e6), 'c"\\': ['"', '\\', '{', '\\"'] };
    expect(parseJSON(JSON.stringify(long), 'x')).toEqual(long);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseJSON(JSON.stringify(value), 'x')).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(() => parseJSON('{"a\\"":1,"b":{"a\\"":2,"\\u0061\\"":3}}', 'x')).toThrow(
      'x: the key "a\\"" is there twice',
    );
  });
});

describe('weight files', () => {
  it.each([
    '../w.bin',
    'a/../../w.bin',
    '/etc/passwd',
    'C:w.bin',
    'a\\b',
    'a//b',
    '.',
    '',
    'http://x/w.bin',
    'a\0b',
    7,
  ])('may not lie elsewhere: %s', (path) => {
    expect(() => checkPath(path, 'x')).toThrow('x: needed a weight file beside model.json');
  });

  it('may lie in folders beside model.json, each once', async () => {
    expect(checkPath('./model.weights.bin', 'x')).toBe('model.weights.bin');
    expect(checkPath('shards/group1-shard1of2.bin', 'x')).toBe('shards/group1-shard1of2.bin');
    const json = { modelTopology: {}, weightsManifest: [{ paths: ['a.bin', './a.bin'], weights: [] }] };
    const read = async () => new ArrayBuffer(0);
    await expect(readModel(json, read, 'x')).rejects.toThrow('x: a weight file is in the manifest twice');
    await expect(readModel({ modelTopology: 1 }, read, 'x')).rejects.toThrow("x: needed a model's JSON");
    await expect(readModel({ modelTopology: {}, weightsManifest: [1] }, read, 'x')).rejects.toThrow('weightsManifest');
  });
});

describe('loadWeights', () => {
  it('changes nothing if one tensor does not fit', () => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], name: 'line' })] });
    const before = model.getWeights().map((w) => [...w.dataSync()]);
    const [kernel, bias] = [tensor2d([[2]]), tensor1d([1])];
    const load = (tensors: Record<string, unknown>) => () => model.loadWeights(tensors as never);
    expect(load({ 'line/kernel': kernel })).toThrow('loadWeights: 1 of 2 weights are not set: line/bias');
    expect(load({ 'line/kernel': kernel, 'line/bias': kernel })).toThrow("'line/bias' needs [1] float32, got [1, 1]");
    expect(load({ 'line/kernel': kernel, 'line/bias': bias, more: bias })).toThrow('has no target variable: more');
    expect(load({ 'line/kernel': kernel, 'line/cell/kernel': kernel })).toThrow('two tensors are for the weight');
    expect(model.getWeights().map((w) => [...w.dataSync()])).toEqual(before);
    model.loadWeights({ 'line/bias': bias, more: bias }, false);
    expect(model.getWeights()[1]!.dataSync()).toEqual(Float32Array.of(1));
  });

  it('takes nothing that is for a layer of another name', () => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], name: 'head' })] });
    const before = model.getWeights().map((w) => [...w.dataSync()]);
    const kernel = tensor2d([[2]]);
    model.loadWeights({ 'body/kernel': kernel, 'neck/kernel': kernel, 'body/dense/kernel': kernel }, false);
    expect(model.getWeights().map((w) => [...w.dataSync()])).toEqual(before);
    const load = () => model.loadWeights({ 'body/kernel': kernel, 'body/bias': tensor1d([1]) });
    expect(load).toThrow('no target variable: body/kernel');
  });
});
