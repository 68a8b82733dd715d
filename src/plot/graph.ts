import { figures } from '../figures.js';
import type { Graph, GraphNode } from '../graph.js';
import { graphLibraries } from './peers.js';
import { AXIS, COLORS, element, headline, INK, label, MUTED, type PictureOptions, picture, widthOf } from './svg.js';

/** What {@link graph} takes. */
export interface GraphPlotOptions extends Omit<PictureOptions, 'width' | 'height'> {
  /** Which way the values flow: 'right' if absent. */
  direction?: 'right' | 'down';
}

const KINDS = {
  input: { fill: '#e7f1fa', stroke: COLORS[0] },
  parameter: { fill: '#e4f4ee', stroke: COLORS[2] },
  constant: { fill: '#f6f8fa', stroke: '#d0d7de' },
  op: { fill: '#ffffff', stroke: '#8c959f' },
} as const;

const LINE = 16;

interface Line {
  text: string;
  fill: string;
  isBold?: boolean;
}

/** What stands in a node's box. */
function linesOf({ name, value, gradient, shape }: GraphNode): Line[] {
  return [
    ...(name ? [{ text: name, fill: INK, isBold: true }] : []),
    { text: figures(value, shape), fill: name ? MUTED : INK },
    ...(gradient ? [{ text: `∂ ${figures(gradient, shape)}`, fill: COLORS[1] }] : []),
  ];
}

// What another copy of the package made is a graph too.
const isGraph = (x: unknown): boolean => Array.isArray((x as Graph | undefined)?.nodes);

/**
 * A computation graph: each op with its value and, behind ∂, the derivative of the output with respect to it.
 *
 * @param graph - what `graph(f, x)` returned
 * @returns an SVG document, as large as the graph needs
 * @throws TypeError for what is no graph, RangeError for another direction; Error if @dagrejs/dagre or d3-shape is not
 *   installed
 * @example
 * const svg = await plot.graph(graph(({ w, x }) => w.mul(x).tanh(), { w: 2, x: 0.5 }));
 * svg.includes('tanh');  // true
 */
export async function graph(graph: Graph, { direction = 'right', title }: GraphPlotOptions = {}): Promise<string> {
  if (!isGraph(graph)) throw new TypeError(`plot.graph: needs a graph, got ${typeof graph}`);
  if (direction !== 'right' && direction !== 'down') {
    throw new RangeError(`plot.graph: direction must be right or down, got ${direction}`);
  }
  const { dagre, line, curveBasis } = await graphLibraries();
  const { nodes } = graph;

  const plan = new dagre.graphlib.Graph();
  plan.setGraph({
    rankdir: direction === 'right' ? 'LR' : 'TB',
    nodesep: 22,
    ranksep: direction === 'right' ? 46 : 34,
  });
  plan.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) {
    const lines = linesOf(node);
    const width = Math.max(...lines.map(({ text, isBold }) => widthOf(text, isBold ? 13 : 12, isBold))) + 26;
    plan.setNode(String(node.id), { width: Math.max(44, width), height: lines.length * LINE + 14 });
  }
  for (const { id, inputs } of nodes) for (const from of inputs) plan.setEdge(String(from), String(id));
  dagre.layout(plan);

  const top = title ? 46 : 16;
  const path = line<{ x: number; y: number }>()
    .x(({ x }) => x + 16)
    .y(({ y }) => y + top)
    .curve(curveBasis);
  const edges = (plan.edges() as { v: string; w: string }[]).map((edge) =>
    element('path', {
      d: path(plan.edge(edge).points as { x: number; y: number }[]) ?? '',
      fill: 'none',
      stroke: '#8c959f',
      'stroke-width': 1.4,
      'marker-end': 'url(#arrow)',
    }),
  );
  const boxes = nodes.flatMap((node) => {
    const { x, y, width, height } = plan.node(String(node.id)) as Record<'x' | 'y' | 'width' | 'height', number>;
    const isOutput = node.id === graph.output.id;
    const { fill, stroke } = KINDS[node.kind];
    const [left, up] = [x - width / 2 + 16, y - height / 2 + top];
    const box = element('rect', {
      x: left,
      y: up,
      width,
      height,
      rx: node.kind === 'op' ? 8 : height / 2.6,
      fill,
      stroke: isOutput ? INK : stroke,
      'stroke-width': isOutput ? 2 : 1.4,
    });
    const texts = linesOf(node).map(({ text, fill, isBold }, i) =>
      label(x + 16, up + 19 + i * LINE, text, {
        'text-anchor': 'middle',
        fill,
        ...(isBold ? { 'font-size': 13, 'font-weight': 600 } : {}),
      }),
    );
    return [box, ...texts];
  });

  const { width: w = 0, height: h = 0 } = plan.graph() as { width?: number; height?: number };
  const kinds = (['input', 'parameter', 'constant'] as const).filter((kind) =>
    nodes.some((node) => node.kind === kind),
  );
  let at = 18;
  const bottom = top + h + 30;
  const legend = kinds.flatMap((kind) => {
    const x = at;
    at += 20 + widthOf(kind) + 18;
    const swatch = { x, y: bottom - 10, width: 14, height: 12, rx: 5, ...KINDS[kind] };
    return [element('rect', swatch), label(x + 20, bottom, kind, { fill: MUTED })];
  });
  const meaning = '∂ derivative of the output';
  legend.push(label(at, bottom, meaning, { fill: COLORS[1] }));
  const width = Math.max(w + 32, at + widthOf(meaning) + 18, title ? widthOf(title, 16, true) + 40 : 0);
  const arrow = element(
    'marker',
    { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' },
    element('path', { d: 'M0.5,1 L7,4 L0.5,7 z', fill: '#8c959f' }),
  );
  return picture(width, bottom + 14, title ?? 'computation graph', [
    element('defs', {}, arrow),
    ...(title ? [headline(title)] : []),
    ...edges,
    ...boxes,
    element('line', { x1: 16, x2: width - 16, y1: bottom - 20, y2: bottom - 20, stroke: AXIS, 'stroke-width': 0.6 }),
    ...legend,
  ]);
}
