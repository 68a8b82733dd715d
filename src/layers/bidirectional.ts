import { add, concat, mul, reverse } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { type CallOptions, Layer, type LayerOptions, type LayerShape, type OneOrMore } from './layer.js';
import { firstMask, RNN } from './rnn.js';

/** How the outputs of both directions become one; with null both are given. */
export type MergeMode = 'concat' | 'sum' | 'ave' | 'mul' | null;

/** What {@link bidirectional} takes. */
export interface BidirectionalOptions extends LayerOptions {
  /** What layers of both directions are made of: it has no part in this one itself. */
  layer: RNN;
  /** The layer in the other direction; if absent, one made as `layer` was, the other way round. */
  backwardLayer?: RNN;
  /** 'concat' if absent. */
  mergeMode?: MergeMode;
}

const MERGES = {
  concat: (a: Tensor, b: Tensor): Tensor => concat([a, b], -1),
  sum: (a: Tensor, b: Tensor): Tensor => add(a, b),
  ave: (a: Tensor, b: Tensor): Tensor => mul(add(a, b), 0.5),
  mul: (a: Tensor, b: Tensor): Tensor => mul(a, b),
};

/** A recurrent layer over sequences in both directions. */
export class Bidirectional extends Layer {
  override supportsMasking = true;
  readonly forwardLayer: RNN;
  readonly backwardLayer: RNN;
  private readonly mergeMode: MergeMode;

  constructor(options: BidirectionalOptions) {
    super(options);
    const { layer, backwardLayer, mergeMode = 'concat' } = options;
    const op = 'layers.bidirectional';
    if (!(layer instanceof RNN)) throw new TypeError(`${op}: layer must be a recurrent layer, got ${typeof layer}`);
    if (mergeMode !== null && !Object.hasOwn(MERGES, mergeMode)) {
      throw new RangeError(
        `${op}: mergeMode must be one of ${Object.keys(MERGES).join(', ')} or null, got '${mergeMode}'`,
      );
    }
    // Their names are those of TensorFlow.js and Keras, by which files find their weights.
    this.forwardLayer = layer.remade(`forward_${layer.name}`, layer.goBackwards);
    this.backwardLayer = backwardLayer ?? layer.remade(`backward_${layer.name}`, !layer.goBackwards);
    this.mergeMode = mergeMode;
    const [a, b] = [this.forwardLayer, this.backwardLayer];
    if (a.goBackwards === b.goBackwards) throw new RangeError(`${op}: the layers must go in different directions`);
    for (const option of ['returnSequences', 'returnState', 'stateful'] as const) {
      if (a[option] !== b[option]) throw new RangeError(`${op}: ${option} must be the same of both layers`);
    }
  }

  override getClassName(): string {
    return 'Bidirectional';
  }

  override get layers(): readonly Layer[] {
    return [this.forwardLayer, this.backwardLayer];
  }

  override build(inputShape: OneOrMore<LayerShape>): void {
    for (const layer of this.layers) layer.ensureBuilt(inputShape);
  }

  override computeOutputShape(inputShape: OneOrMore<LayerShape>): OneOrMore<LayerShape> {
    const { returnState } = this.forwardLayer;
    const shapes = [this.forwardLayer, this.backwardLayer].map((layer) => {
      const shape = layer.computeOutputShape(inputShape);
      return (returnState ? shape : [shape]) as LayerShape[];
    });
    const [[a, ...statesA], [b, ...statesB]] = shapes as [[LayerShape, ...LayerShape[]], [LayerShape, ...LayerShape[]]];
    const width = a.at(-1)! + (this.mergeMode === 'concat' ? b.at(-1)! : 0);
    const outputs = this.mergeMode === null ? [a, b] : [[...a.slice(0, -1), width]];
    return returnState || outputs.length > 1 ? [...outputs, ...statesA, ...statesB] : outputs[0]!;
  }

  override countMultiplyAdds(inputShape: OneOrMore<LayerShape>): number {
    return this.forwardLayer.countMultiplyAdds(inputShape) + this.backwardLayer.countMultiplyAdds(inputShape);
  }

  override computeMask(
    _inputs: OneOrMore<Tensor>,
    mask: CallOptions['mask'],
  ): OneOrMore<Tensor | undefined> | undefined {
    const output = this.forwardLayer.returnSequences ? firstMask(mask) : undefined;
    return output && this.mergeMode === null ? [output, output] : output && [output];
  }

  /**
   * The outputs of both directions, merged, and with returnState the states of the one and of the other.
   *
   * @param options.initialState - those of the one direction, then those of the other
   */
  call(inputs: OneOrMore<Tensor>, options: CallOptions): OneOrMore<Tensor> {
    const [x, ...following] = [inputs].flat() as [Tensor, ...Tensor[]];
    const asked = options.initialState as OneOrMore<Tensor> | undefined;
    const initial = asked ? ([asked].flat() as Tensor[]) : following;
    const half = initial.length / 2;
    if (!Number.isInteger(half)) {
      throw new RangeError(
        `${this.name}: initialState must be as many tensors for each direction, got ${initial.length}`,
      );
    }
    const [[a, ...statesA], [b, ...statesB]] = [this.forwardLayer, this.backwardLayer].map((layer, i) => {
      const initialState = half > 0 ? initial.slice(i * half, (i + 1) * half) : undefined;
      return [layer.run(x, { ...options, initialState })].flat();
    }) as [[Tensor, ...Tensor[]], [Tensor, ...Tensor[]]];
    // Outputs of all steps come in the order in which they were made.
    const { returnSequences, returnState, goBackwards } = this.forwardLayer;
    const turned = returnSequences ? reverse(goBackwards ? a : b, 1) : b;
    const [one, other] = returnSequences && goBackwards ? [turned, b] : [a, turned];
    const outputs = this.mergeMode === null ? [one, other] : [MERGES[this.mergeMode](one, other)];
    return returnState || outputs.length > 1 ? [...outputs, ...statesA, ...statesB] : outputs[0]!;
  }
}

/**
 * A recurrent layer over sequences in both directions (Schuster & Paliwal 1997): the outputs of a layer made as `layer` was
 * and of one that goes the other way, one after the other unless mergeMode says something else. With returnState the
 * states follow, those of the first one first.
 *
 * @throws TypeError unless layer is a recurrent layer; RangeError for an unknown mergeMode, or a backwardLayer of the
 *   same direction or of other outputs
 * @example
 * layers.bidirectional({ layer: layers.gru({ units: 4 }) }).apply(ones([2, 5, 3])).shape;  // [2, 8]
 */
export const bidirectional = (options: BidirectionalOptions): Bidirectional => new Bidirectional(options);
