/**
 * Handwritten-looking digits, drawn here so that the example needs no download: grey images of 20 × 20 pixels.
 *
 * Only + − × / and sqrt are used, which every engine rounds alike, so a seed gives the same bytes everywhere
 * (`Math.sin` and its like differ between engines). Not a data set to publish numbers on; for that, use MNIST.
 */

import { mulberry32 } from './random.js';

/** Width and height of an image in pixels. */
export const SIZE = 20;

/** @typedef {[x: number, y: number]} Point */

/**
 * The ways to write each digit, stroke by stroke. A stroke is a smooth curve through points "x,y" of a grid 6 wide and
 * 10 high, y pointing down; two points are a line, equal ends close the curve, and a corner is where two strokes meet.
 */
// biome-ignore format: one way to write a digit is one line
const GLYPHS = [
  [ // 0
    ['3,0 0.5,3 0.5,7 3,10 5.5,7 5.5,3 3,0'], // round
    ['3,0 1.4,3 1.4,7 3,10 4.6,7 4.6,3 3,0'], // narrow
  ],
  [ // 1
    ['3,0 3,10'],
    ['1,2.6 3,0', '3,0 3,10'], // with a flag
    ['1,2.6 3,0', '3,0 3,10', '1,10 5,10'], // with a flag and a foot
  ],
  [ // 2
    ['0.5,2.4 1.6,0.3 4.3,0.4 5.2,2.8 3.2,6.4 0.5,10', '0.5,10 5.6,10'],
    ['0.5,2.4 1.6,0.3 4.3,0.4 5.2,2.8 3.2,6.6 1,9.6 0.4,8.4 2.2,8.4 5.8,9.8'], // with a loop
  ],
  [ // 3
    ['0.6,1.4 3,0 5.2,2.2 2.4,4.7', '2.4,4.7 5.6,7.3 3,10 0.4,8.6'],
    ['0.6,0 5.2,0', '5.2,0 2.6,4', '2.6,4 5.6,7 3,10 0.4,8.6'], // with a flat top
  ],
  [ // 4
    ['1,0 0.4,5.8', '0.4,5.8 5.8,5.8', '4.4,2.6 4.4,10'], // open
    ['4.2,0 0.2,6.6', '0.2,6.6 6,6.6', '4.2,0 4.2,10'], // closed
  ],
  [ // 5
    ['5.2,0 1.2,0', '1.2,0 0.8,4.4', '0.8,4.4 3.4,3.8 5.6,6.6 3.4,9.9 0.4,8.8'],
    ['5.2,0.4 1.4,0 0.9,4 3.6,4.2 5.3,7 3.2,9.9 0.4,9'], // in one go
  ],
  [ // 6
    ['4.8,0.2 1.6,3.4 0.4,7 2.8,10 5.5,7.4 3.2,5 0.6,7.2'],
    ['2.2,0 0.9,4 0.6,7.4 3,10 5.2,7.8 3.2,5.8 0.7,7.6'], // upright
  ],
  [ // 7
    ['0.4,0 5.6,0', '5.6,0 2.2,10'],
    ['0.4,0.3 5.6,0', '5.6,0 3.4,4.4 2.6,10'], // bent
    ['0.4,0 5.6,0', '5.6,0 2.2,10', '1.6,5 5.4,5'], // with a bar
  ],
  [ // 8
    ['3,4.7 0.8,2.3 3,0 5.2,2.3 3,4.7', '3,4.7 0.3,7.4 3,10 5.7,7.4 3,4.7'],
    ['5,1.4 2.6,0 1,2.2 3.2,4.8 5.2,7.6 3,10 0.6,7.8 3,4.8 5,1.4'], // in one go
  ],
  [ // 9
    ['5.3,2.8 3,0 0.6,2.8 2.8,5.4 5.3,2.8', '5.3,2.8 4.6,10'],
    ['5.3,2.4 3,0 0.6,2.8 2.8,5.4 5.3,2.4', '5.3,2.4 5,7.6 3.2,10 1,9.2'], // with a hook
  ],
];

/** Straight pieces per curve segment: at 20 pixels more cannot be seen. */
const PIECES = 5;

/**
 * How far the digits stray from the table. Set so that they are worth learning: a linear model stays behind
 * a small network (the test in test/examples/digits.test.ts says by how much).
 */
const VARIETY = {
  jitter: 0.3, // of a control point, in grid units
  turn: 0.2, // tangent of half the angle: about 22 degrees
  shear: 0.3,
  shift: 1.7, // pixels
  scale: [1.15, 1.6], // pixels per grid unit
  thickness: [2, 3], // pixels
  ink: [0.7, 1],
  noise: 0.05,
};

/**
 * Draws `n` images of random digits.
 *
 * @param {number} n
 * @param {number} seed an integer; the same seed gives the same images, bit for bit
 * @returns {{ images: Float32Array, labels: Int32Array }} n·400 grey values in [0, 1], row by row, 0 is paper; n labels 0–9
 */
export function drawDigits(n, seed) {
  const random = mulberry32(seed);
  const images = new Float32Array(n * SIZE * SIZE);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    labels[i] = Math.floor(10 * random());
    const ways = GLYPHS[labels[i]];
    const strokes = ways[Math.floor(ways.length * random())];
    drawStrokes(strokes, images.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE), random);
  }
  return { images, labels };
}

/**
 * Draws one glyph by its own random hand into `image`, which is zero before.
 *
 * @param {string[]} strokes
 * @param {Float32Array} image
 * @param {() => number} random
 */
function drawStrokes(strokes, image, random) {
  const between = (/** @type {number} */ low, /** @type {number} */ high) => low + (high - low) * random();
  const about = (/** @type {number} */ spread) => between(-spread, spread);

  // The rational points of the circle turn without sine and cosine.
  const t = about(VARIETY.turn);
  const cos = (1 - t * t) / (1 + t * t);
  const sin = (2 * t) / (1 + t * t);
  const shear = about(VARIETY.shear);
  const [scaleX, scaleY] = [between(VARIETY.scale[0], VARIETY.scale[1]), between(VARIETY.scale[0], VARIETY.scale[1])];
  const [centreX, centreY] = [SIZE / 2 + about(VARIETY.shift), SIZE / 2 + about(VARIETY.shift)];
  const radius = between(VARIETY.thickness[0], VARIETY.thickness[1]) / 2;
  const ink = between(VARIETY.ink[0], VARIETY.ink[1]);

  /** Where each point of the table lands: once per point, so that strokes which meet there still meet. @type {Map<string, Point>} */
  const places = new Map();
  const place = (/** @type {string} */ point) => {
    const known = places.get(point);
    if (known) return known;
    const [gridX, gridY] = point.split(',').map(Number);
    const y = scaleY * (gridY - 5 + about(VARIETY.jitter));
    const x = scaleX * (gridX - 3 + about(VARIETY.jitter)) - shear * y;
    /** @type {Point} */
    const placed = [centreX + cos * x - sin * y, centreY + sin * x + cos * y];
    places.set(point, placed);
    return placed;
  };

  for (const stroke of strokes) {
    const path = smooth(stroke.split(' ').map(place));
    for (let i = 1; i < path.length; i++) drawLine(image, path[i - 1], path[i], radius);
  }
  for (let i = 0; i < image.length; i++) {
    image[i] = Math.min(1, Math.max(0, ink * image[i] + about(VARIETY.noise)));
  }
}

/**
 * The points of a Catmull–Rom curve through `points`: each piece leaves a point in the direction from its
 * neighbour before to its neighbour after. At an open end the end itself stands in for the missing neighbour.
 *
 * @param {Point[]} points
 * @returns {Point[]}
 */
function smooth(points) {
  const last = points.length - 1;
  if (last === 1) return points;
  const closed = points[0] === points[last];
  const path = [points[0]];
  for (let i = 0; i < last; i++) {
    const [b, c] = [points[i], points[i + 1]];
    const a = i > 0 ? points[i - 1] : closed ? points[last - 1] : b;
    const d = i + 1 < last ? points[i + 2] : closed ? points[1] : c;
    for (let piece = 1; piece <= PIECES; piece++) {
      const t = piece / PIECES;
      path.push([cubic(t, a[0], b[0], c[0], d[0]), cubic(t, a[1], b[1], c[1], d[1])]);
    }
  }
  return path;
}

/** One coordinate of the cubic from `b` (t = 0) to `c` (t = 1). */
const cubic = (
  /** @type {number} */ t,
  /** @type {number} */ a,
  /** @type {number} */ b,
  /** @type {number} */ c,
  /** @type {number} */ d,
) => b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));

/**
 * Darkens the pixels within `radius` of the line from `a` to `b`, with a soft edge one pixel wide.
 * Lines that overlap do not add up: a pixel keeps the darkest.
 *
 * @param {Float32Array} image
 * @param {Point} a
 * @param {Point} b
 * @param {number} radius
 */
function drawLine(image, [ax, ay], [bx, by], radius) {
  const reach = radius + 0.5;
  const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
  const right = Math.min(SIZE - 1, Math.floor(Math.max(ax, bx) + reach));
  const top = Math.max(0, Math.floor(Math.min(ay, by) - reach));
  const bottom = Math.min(SIZE - 1, Math.floor(Math.max(ay, by) + reach));
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy || 1; // a line of length 0 is a dot
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const [px, py] = [column + 0.5 - ax, row + 0.5 - ay]; // the middle of the pixel, seen from a
      const t = Math.min(1, Math.max(0, (px * dx + py * dy) / length2)); // how far along the line it is nearest
      const [qx, qy] = [px - t * dx, py - t * dy];
      const grey = Math.min(1, reach - Math.sqrt(qx * qx + qy * qy));
      const i = row * SIZE + column;
      if (grey > image[i]) image[i] = grey;
    }
  }
}
