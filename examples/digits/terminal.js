/** Small pictures and curves in the terminal, as plain text or in 256 colours. Nothing here prints: all return strings. */

import { stripVTControlCharacters } from 'node:util';

/** Whether standard output shows colours (https://no-color.org). */
const hasColour = () => Boolean(process.stdout.isTTY && !process.env.NO_COLOR);

/**
 * A grey picture in half-blocks: a character shows two pixels, one above the other.
 * In colour, both have one of the 24 greys of the terminal. Without, ▀ and ▄ show edges and ░▒▓█ their mean.
 *
 * @param {ArrayLike<number>} pixels row by row, in [0, 1], 0 is the background
 * @param {number} width
 * @param {number} height
 * @param {{ colour?: boolean }} [options] by default, colour if standard output is a terminal and `NO_COLOR` is not set
 * @returns {string} ⌈height / 2⌉ lines
 */
export function imageToText(pixels, width, height, { colour = hasColour() } = {}) {
  const lines = [];
  for (let y = 0; y < height; y += 2) {
    let line = '';
    for (let x = 0; x < width; x++) {
      const top = pixels[y * width + x];
      const bottom = y + 1 < height ? pixels[(y + 1) * width + x] : 0;
      line += colour ? greyBlock(top, bottom) : plainBlock(top, bottom);
    }
    lines.push(colour ? `${line}\x1b[0m` : line);
  }
  return lines.join('\n');
}

/** @param {number} top @param {number} bottom */
function greyBlock(top, bottom) {
  const grey = (/** @type {number} */ value) => 232 + Math.round(23 * value); // 232 is almost black, 255 almost white
  return `\x1b[38;5;${grey(top)};48;5;${grey(bottom)}m▀`;
}

/** @param {number} top @param {number} bottom */
function plainBlock(top, bottom) {
  if (top - bottom > 0.5) return '▀';
  if (bottom - top > 0.5) return '▄';
  return ' ░▒▓█'[Math.round(2 * (top + bottom))];
}

/**
 * Pictures in rows, each above its caption.
 *
 * @param {string[]} pictures of one or more lines
 * @param {string[]} captions one for each picture
 * @param {number} perRow
 * @returns {string}
 */
export function sideBySide(pictures, captions, perRow) {
  const cells = pictures.map((picture, i) => [...picture.split('\n'), captions[i]]);
  const width = Math.max(0, ...cells.flat().map(visibleWidth));
  const rows = [];
  for (let i = 0; i < cells.length; i += perRow) {
    const row = cells.slice(i, i + perRow);
    const height = Math.max(...row.map((cell) => cell.length));
    const lines = [];
    for (let l = 0; l < height; l++) {
      lines.push(
        row
          .map((cell) => pad(cell[l] ?? '', width))
          .join('  ')
          .trimEnd(),
      );
    }
    rows.push(lines.join('\n'));
  }
  return rows.join('\n\n');
}

/** @param {string} text */
const visibleWidth = (text) => [...stripVTControlCharacters(text)].length;

/** @param {string} text @param {number} width */
const pad = (text, width) => text + ' '.repeat(width - visibleWidth(text));

/**
 * A curve through `values` in braille dots, two across and four down in a character.
 * The axes say the least and the greatest value, and the number of the first and the last. Values that are not finite leave a gap.
 *
 * @param {number[]} values
 * @param {{ width?: number, height?: number, label?: string }} [options] the size of the plot in characters, and its title
 * @returns {string}
 */
export function lineChart(values, { width = 60, height = 8, label = '' } = {}) {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return `${label} (nothing to draw)`.trimStart();
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const [columns, rows] = [2 * width, 4 * height];

  const cells = new Uint8Array(width * height); // a bit for each dot
  let previous = Number.NaN;
  for (let x = 0; x < columns; x++) {
    const value = valueAt(values, x / (columns - 1));
    if (!Number.isFinite(value)) {
      previous = Number.NaN;
      continue;
    }
    const y = Math.round(((high - value) / (high - low || 1)) * (rows - 1));
    const from = Number.isNaN(previous) ? y : previous < y ? previous + 1 : previous > y ? previous - 1 : y;
    for (let dot = Math.min(from, y); dot <= Math.max(from, y); dot++) {
      cells[(dot >> 2) * width + (x >> 1)] |= DOTS[dot & 3][x & 1];
    }
    previous = y;
  }

  const names = [high, low].map((value) => String(Number(value.toPrecision(3))));
  const margin = Math.max(...names.map((name) => name.length));
  const lines = Array.from({ length: height }, (_, y) => {
    const name = y === 0 ? names[0] : y === height - 1 ? names[1] : '';
    const dots = Array.from(cells.subarray(y * width, (y + 1) * width), (bits) =>
      bits ? String.fromCharCode(0x2800 + bits) : ' ',
    );
    return `${name.padStart(margin)} ${name ? '┤' : '│'}${dots.join('')}`.trimEnd();
  });
  const indent = ' '.repeat(margin + 1);
  const last = String(values.length);
  return [
    ...(label ? [label] : []),
    ...lines,
    `${indent}└${'─'.repeat(width)}`,
    `${indent} 1${last.padStart(width - 1)}`,
  ].join('\n');
}

/** The bits of the dots in a braille character, from top to bottom, left and right. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/**
 * The value at `fraction` of the way from first to last, straight between neighbours.
 *
 * @param {number[]} values
 * @param {number} fraction in [0, 1]
 */
function valueAt(values, fraction) {
  const position = fraction * (values.length - 1);
  const i = Math.floor(position);
  const t = position - i;
  return t === 0 ? values[i] : values[i] + t * (values[i + 1] - values[i]);
}
