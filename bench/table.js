/** Results on the terminal. */

const NAME = 42;

/** @param {string} section @param {string[]} columns */
export function printHead(section, columns) {
  console.log(`\n${section.padEnd(NAME)}${'ours'.padStart(11)}${'of limit'.padStart(10)}   others' time ÷ ours`);
  console.log(`${''.padEnd(NAME + 21)}${columns.map((name) => shortName(name).padStart(12)).join('')}`);
}

/** @param {string} name */
const shortName = (name) =>
  name
    .replace('TensorFlow.js', 'TF.js')
    .replace('plain JavaScript', 'plain JS')
    .replace('onnxruntime-web', 'ORT web')
    .replace('wasmgrad, ', '');

/** A time in the unit that suits it. @param {number} ms */
export const time = (ms) => (ms < 0.1 ? `${(1000 * ms).toPrecision(3)} µs` : `${ms.toPrecision(3)} ms`);

/** @param {import('./main.js').Result} result @param {string[]} columns */
export function printRow({ name, ms, ofCeiling, memcpy, ratios, leftOut }, columns) {
  const limit = ofCeiling ? `${(100 * ofCeiling).toFixed(0)} %` : memcpy ? `${(100 / memcpy).toFixed(0)} %` : '';
  const cells = columns.map((column) => {
    if (leftOut?.includes(column)) return 'wrong'.padStart(12);
    return (ratios[column] ? ratios[column].toFixed(2) : '').padStart(12);
  });
  console.log(`${name.padEnd(NAME)}${time(ms).padStart(11)}${limit.padStart(10)}${cells.join('')}`);
}
