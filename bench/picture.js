/** Results as a picture: for each row a bar per contestant, as long as the logarithm of its time ÷ ours. */

import { shownRows } from './report.js';

const COLORS = {
  'TensorFlow.js wasm': '#e8710a',
  'jax-js': '#2f7ed8',
  'onnxruntime-web': '#8256d0',
  'TensorFlow.js cpu': '#c9a227',
  'plain JavaScript': '#7d8590',
};
const [LEFT, WIDTH, RIGHT] = [250, 400, 60];
const [BAR, GAP] = [11, 16];
const LONGEST = Math.log(300);

/** @param {string} s */
const escape = (s) => s.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** @param {import('./report.js').Results} results @returns {string} */
export function picture(results) {
  const parts = [];
  const entries = Object.entries(COLORS).filter(([name]) => results.peers.some((peer) => peer.name === name));
  entries.forEach(([name, color], i) => {
    const x = 20 + 135 * i;
    parts.push(`<rect x="${x}" y="40" width="10" height="10" rx="2" fill="${color}"/>`);
    parts.push(`<text x="${x + 15}" y="49" class="small">${escape(name)}</text>`);
  });
  const top = 74;
  let y = top;
  for (const { label, result } of shownRows(results)) {
    const bars = entries.filter(([name]) => result.ratios[name]);
    parts.push(
      `<text x="${LEFT - 10}" y="${y + (bars.length * BAR) / 2 + 4}" text-anchor="end">${escape(label)}</text>`,
    );
    for (const [name, color] of bars) {
      const times = result.ratios[name];
      const width = Math.max(2, (WIDTH * Math.log(Math.max(times, 1))) / LONGEST);
      parts.push(
        `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 2}" rx="1.5" fill="${color}"/>`,
      );
      const figure = times < 10 ? times.toFixed(1) : times.toFixed(0);
      parts.push(`<text x="${(LEFT + width + 5).toFixed(1)}" y="${y + 8}" class="small">${figure} ×</text>`);
      y += BAR;
    }
    y += GAP;
  }
  const ticks = [1, 3, 10, 30, 100].map((times) => {
    const x = (LEFT + (WIDTH * Math.log(times)) / LONGEST).toFixed(1);
    return `<line x1="${x}" x2="${x}" y1="${top - 6}" y2="${y - GAP + 6}"/><text x="${x}" y="${y + 6}" text-anchor="middle" class="small">${times} ×</text>`;
  });
  const [width, height] = [LEFT + WIDTH + RIGHT, y + 36];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">
<title>Time divided by wasmgrad’s</title>
<style>
text { fill: #1f2328 } .small { font-size: 10.5px; fill: #59636e } .title { font-size: 15px; font-weight: 600 } line { stroke: #8886; stroke-width: 1 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .small { fill: #9198a1 } }
</style>
<text x="20" y="24" class="title">Time divided by wasmgrad’s (longer is slower)</text>
${[...ticks, ...parts].join('\n')}
<text x="20" y="${height - 10}" class="small">${escape(`${results.machine?.cpu}, Node ${results.machine?.node}, one thread; logarithmic scale`)}</text>
</svg>
`;
}
