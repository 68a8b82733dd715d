// wasmgrad/plot: pictures of what training did, as SVG in any runtime, and some of them as text for a terminal.
//
// The pictures stand on d3-scale, d3-shape and @dagrejs/dagre, which a program that draws installs beside wasmgrad;
// they are loaded when the first picture asks for them, which is why functions that draw are asynchronous.

export { confusionMatrix } from './confusion-matrix.js';
export { type ActivationPlotOptions, activation, type Figures, history, schedule } from './curves.js';
export { type GraphPlotOptions, graph } from './graph.js';
export type { Matrix } from './matrix.js';
export type { PictureOptions } from './svg.js';
export { confusionMatrixText, historyText } from './text.js';
