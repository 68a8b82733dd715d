// Datasets by their TensorFlow.js names: data.csv(text).map(f).shuffle(100).batch(32).

export {
  type ColumnConfig,
  type CSVDataset,
  type CsvConfig,
  type CsvElement,
  type CsvRow,
  type CsvSource,
  csv,
} from './csv.js';
export { Dataset, type Source } from './dataset.js';
export type { Batched } from './elements.js';
export { array, from, generator, zip } from './sources.js';
