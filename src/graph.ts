// The picture of back-propagation in textbooks: what a function of tensors computes, op by op, with the value of each
// and the derivative of the result with respect to it. For looking at small things; nothing here is on the way of
// training.

import { convert, whileListening } from './convert.js';
import { type DataType, isFloat, type TypedArray } from './dtype.js';
import { figures } from './figures.js';
import { type ArgumentsOf, type Inputs, partsOf } from './inputs.js';
import { tidy } from './scope.js';
import { alias, type Node, Tape } from './tape.js';
import { scopes, Tensor } from './tensor.js';
import { Variable } from './variable.js';

/** An input, a variable, a constant or an op in a {@link Graph}. */
export interface GraphNode {
  /** Its place among the graph's nodes, which is behind that of its inputs. */
  readonly id: number;
  /** Whether it was given to f, is a trainable variable that f read, is any other tensor, or was computed. */
  readonly kind: 'input' | 'parameter' | 'constant' | 'op';
  /** What the op, the input or the variable is called; a constant has no name. */
  readonly name: string;
  /** The ids of what an op was given, in order. */
  readonly inputs: readonly number[];
  /** The sizes of its axes. */
  readonly shape: readonly number[];
  /** The type of its elements. */
  readonly dtype: DataType;
  /** The elements. */
  readonly value: TypedArray;
  /** The derivatives of the output by each element; undefined for constants and for what is no float. */
  readonly gradient: TypedArray | undefined;
}

/**
 * What `f` computed for some inputs: see {@link graph}.
 *
 * @example
 * const drawn = graph((x) => x.square().neg(), 3);
 * drawn instanceof Graph;  // true
 * String(drawn).split('\n')[1];  // 'neg        -9     1'
 */
export class Graph {
  /** What leads to the output, and the output last: each behind what it is made of. */
  readonly nodes: readonly GraphNode[];

  constructor(nodes: readonly GraphNode[]) {
    this.nodes = nodes;
  }

  /** What `f` returned. */
  get output(): GraphNode {
    return this.nodes.at(-1)!;
  }

  /** The graph in the language of Graphviz: `dot -Tsvg`. */
  toDot(): string {
    const quote = (lines: readonly string[]) => `"${lines.map((line) => line.replace(/["\\]/g, '\\$&')).join('\\n')}"`;
    const shapes = { input: 'ellipse', parameter: 'box', constant: 'plaintext', op: 'box, style=rounded' };
    const nodes = this.nodes.map((node) => {
      const lines = [node.name, figures(node.value, node.shape), ...derivative(node)].filter((line) => line !== '');
      return `  n${node.id} [label=${quote(lines)}, shape=${shapes[node.kind]}];`;
    });
    const edges = this.nodes.flatMap(({ id, inputs }) => inputs.map((from) => `  n${from} -> n${id};`));
    return ['digraph {', '  rankdir=LR;', ...nodes, ...edges, '}', ''].join('\n');
  }

  /** The graph as a tree, the output at its root; what is used twice is drawn once and then referred to. */
  toString(): string {
    const rows: [label: string, value: string, gradient: string][] = [['', 'value', 'gradient']];
    const drawn = new Set<number>();
    const draw = (id: number, before: string, behind: string): void => {
      const { kind, name, inputs, shape, value, gradient } = this.nodes[id]!;
      const isAgain = drawn.has(id) && inputs.length > 0;
      drawn.add(id);
      const label = kind === 'constant' ? 'constant' : name;
      rows.push(
        isAgain
          ? [`${before}${label} (above)`, '', '']
          : [before + label, figures(value, shape), gradient ? figures(gradient, shape) : ''],
      );
      if (isAgain) return;
      inputs.forEach((input, i) => {
        const isLast = i === inputs.length - 1;
        draw(input, `${behind}${isLast ? '└─ ' : '├─ '}`, `${behind}${isLast ? '   ' : '│  '}`);
      });
    };
    draw(this.output.id, '', '');
    const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
    return rows
      .map(([label, value, gradient]) => `${label.padEnd(widths[0]!)}  ${value.padEnd(widths[1]!)}  ${gradient}`)
      .map((line) => line.trimEnd())
      .join('\n');
  }
}

const derivative = ({ gradient, shape }: GraphNode): string[] => (gradient ? [`∂ ${figures(gradient, shape)}`] : []);

type Draft = { -readonly [K in keyof GraphNode]: GraphNode[K] };

/** A tape that takes down values and the names of ops, where plain ones keep to what derivatives need. */
class GraphTape extends Tape {
  readonly drafts: Draft[] = [];
  /** What is to have a gradient. */
  readonly sources = new Map<Tensor, Draft>();
  private readonly known = new Map<Tensor, Draft>();
  /**
   * The op that took arguments last in each open scope, and the arguments. An op takes its arguments in a scope of its
   * own, the one in which it then leaves its node.
   */
  private readonly taken = new Map<Tensor[] | undefined, { op: string; args: Set<Tensor> }>();

  constructor() {
    super(true);
  }

  readonly listen = (op: string, x: Tensor): void => {
    const scope = scopes.at(-1);
    const last = this.taken.get(scope);
    if (last?.op === op) last.args.add(x);
    else this.taken.set(scope, { op, args: new Set([x]) });
  };

  override add(node: Node): void {
    super.add(node);
    const { output, inputs, gradients } = node;
    if (!this.watches(output)) return;
    const first = inputs[0]!;
    // A reading of a variable is the variable.
    if (first instanceof Variable && output.storage === first.storage) {
      this.known.set(output, this.draftOf(first));
      return;
    }
    const taken = this.taken.get(scopes.at(-1));
    const isCast = inputs.length === 1 && output.dtype !== first.dtype;
    // What an op keeps for its gradient stands among its inputs too.
    const given = inputs.filter((x, i) => gradients[i] || taken?.args.has(x));
    const ids = given.map((x) => this.draftOf(x).id);
    this.enter(output, 'op', isCast ? 'cast' : (taken?.op ?? 'derivative'), ids);
  }

  /** What stands for a tensor; one that is unknown comes from outside. */
  draftOf(x: Tensor): Draft {
    const known = this.known.get(x);
    if (known) return known;
    return x instanceof Variable ? this.enter(x, 'parameter', x.name) : this.enter(x, 'constant', '');
  }

  enter(x: Tensor, kind: Draft['kind'], name: string, inputs: number[] = []): Draft {
    const id = this.drafts.length;
    const draft = { id, kind, name, inputs, shape: x.shape, dtype: x.dtype, value: x.dataSync(), gradient: undefined };
    this.drafts.push(draft);
    this.known.set(x, draft);
    if (kind !== 'constant' && isFloat(x.dtype)) this.sources.set(x, draft);
    return draft;
  }
}

/** The nodes that lead to one of them, renumbered. */
function leadingTo(output: Draft, drafts: readonly Draft[]): Draft[] {
  const leading = new Set([output.id]);
  for (let id = output.id; id >= 0; id--)
    if (leading.has(id)) for (const input of drafts[id]!.inputs) leading.add(input);
  const kept = drafts.filter(({ id }) => leading.has(id));
  const places = new Map(kept.map(({ id }, place) => [id, place]));
  return kept.map((draft, id) => ({ ...draft, id, inputs: draft.inputs.map((input) => places.get(input)!) }));
}

/**
 * Runs a function of tensors and returns what it computed, op by op: the value of each, and the derivative of f(x) with
 * respect to it; for an f that returns more than a number, that of the sum.
 *
 * Nodes are the inputs, the trainable variables that f reads, the ops that lead from them to what f returns, and
 * constants beside them. Ops are those that have derivatives of their own: `mean` may show as the ops it is made of. What
 * no derivative goes through is a constant.
 *
 * `toString` draws the graph as a tree, `toDot` for Graphviz, and `plot.graph` of `wasmgrad/plot` as a picture.
 *
 * @param x - one tensor; an array of tensors, which become the arguments of f; or an object, which becomes its one
 *   argument and gives the inputs their names; absent: f takes none
 * @throws TypeError if f is no function or returns no tensor of floats, Error if no input or variable leads to it
 * @example
 * const { nodes, output } = graph(({ w, x, b }) => w.mul(x).add(b).tanh(), { w: -3, x: 2, b: 6.5 });
 * output.name;  // 'tanh'
 * nodes.map(({ name }) => name).join(' ');  // w x mul b add tanh
 * nodes[0].gradient;  // [1.5728954]
 */
export function graph<X extends Inputs = Record<string, never>>(
  f: (...args: ArgumentsOf<X>) => Tensor,
  x: X = {} as X,
): Graph {
  if (typeof f !== 'function') throw new TypeError(`graph: needs a function, got ${typeof f}`);
  const { names, values, call } = partsOf(x);
  return tidy(() => {
    // Each a tensor of its own, also where one is given twice.
    const inputs = values.map((value, i) => alias(convert(value, names[i]!, 'graph')));
    const tape = new GraphTape();
    try {
      inputs.forEach((input, i) => {
        if (isFloat(input.dtype)) tape.watch(input);
        tape.enter(input, 'input', names[i]!);
      });
      tape.start();
      const y = whileListening(tape.listen, () => call(f, inputs));
      tape.stop();
      if (!(y instanceof Tensor)) throw new TypeError(`graph: f must return a tensor, got ${typeof y}`);
      if (!isFloat(y.dtype)) throw new TypeError(`graph: f must return floats, got ${y.dtype}`);
      const output = tape.draftOf(y);
      if (output.kind === 'constant')
        throw new Error('graph: no input and no trainable variable leads to what f returns');
      const sources = [...tape.sources];
      const gradients = tape.gradient(y, [...tape.sources.keys()]);
      sources.forEach(([, draft], i) => {
        draft.gradient = gradients[i]?.dataSync();
      });
      return new Graph(leadingTo(output, tape.drafts));
    } finally {
      tape.close();
    }
  });
}
