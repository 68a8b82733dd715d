// Where the windows of convolutions and pools lie: along each axis of an image a window of `filter` taps, `dilation`
// apart, moves by `stride` over the `size` elements and what is padded around them. Pure functions of plain numbers.

/** A number for both axes of an image, or [height, width]. */
export type Pair = number | readonly number[];

/** [before, after] for each axis; those of batch and channels mean nothing, as in TensorFlow.js. */
export type ExplicitPadding = readonly (readonly number[])[];

/**
 * 'valid': windows stay inside; 'same': as many windows as elements, divided by the stride; a number: so many elements
 * are padded on every side; or explicit, [[0, 0], [top, bottom], [left, right], [0, 0]].
 */
export type Padding = 'valid' | 'same' | number | ExplicitPadding;

/** How a window that fits only in part counts; cut off if absent. */
export type RoundingMode = 'floor' | 'round' | 'ceil';

/** Where the channels of images stand: 'NHWC' last, [batch, height, width, channels]; 'NCHW' after the batch. */
export type DataFormat = 'NHWC' | 'NCHW';

/** The windows along one axis. */
export interface Windows {
  /** Elements of the input. */
  readonly size: number;
  /** Taps of a window. */
  readonly filter: number;
  readonly stride: number;
  readonly dilation: number;
  /** How far the first window begins before the first element. */
  readonly before: number;
  /** How many windows there are. */
  readonly count: number;
}

/**
 * A whole number from 1 up for each of `axes` axes; one number is meant for all.
 * @throws TypeError or RangeError for anything else
 */
export function toSizes(x: number | readonly number[], axes: number, name: string, op: string): number[] {
  const sizes = typeof x === 'number' ? new Array<number>(axes).fill(x) : x;
  const what = `${op}: ${name} must be a whole number from 1 up, or ${axes} of them, got ${JSON.stringify(x)}`;
  if (!Array.isArray(sizes) || sizes.some((n) => typeof n !== 'number')) throw new TypeError(what);
  if (sizes.length !== axes || sizes.some((n) => !Number.isSafeInteger(n) || n < 1)) throw new RangeError(what);
  return [...sizes];
}

/** @throws TypeError unless it is 'NHWC' or 'NCHW' */
export function checkDataFormat(dataFormat: unknown, op: string): asserts dataFormat is DataFormat {
  if (dataFormat !== 'NHWC' && dataFormat !== 'NCHW') {
    throw new TypeError(`Error in ${op}: dataFormat must be 'NHWC' or 'NCHW', got ${dataFormat}.`);
  }
}

const ROUND = { floor: Math.floor, round: Math.round, ceil: Math.ceil };

function round(x: number, mode: RoundingMode | undefined, op: string): number {
  if (mode === undefined || mode === null) return Math.trunc(x);
  if (!Object.hasOwn(ROUND, mode)) {
    throw new RangeError(`Error in ${op}: dimRoundingMode must be 'floor', 'round' or 'ceil', got ${mode}.`);
  }
  return ROUND[mode](x);
}

/** Elements that a window of `filter` taps reaches over. */
export const reach = (filter: number, dilation: number): number => (filter - 1) * dilation + 1;

/**
 * The windows along one axis.
 * @param pad - 'valid', 'same', or how many elements are padded [before, after]
 * @throws RangeError if not even one window fits
 */
export function windowsAlong(
  size: number,
  filter: number,
  stride: number,
  dilation: number,
  pad: 'valid' | 'same' | readonly [before: number, after: number],
  mode: RoundingMode | undefined,
  op: string,
): Windows {
  const extent = reach(filter, dilation);
  if (pad === 'same') {
    const count = Math.ceil(size / stride);
    const before = Math.floor(Math.max(0, (count - 1) * stride + extent - size) / 2);
    return { size, filter, stride, dilation, before, count };
  }
  const [before, after] = pad === 'valid' ? [0, 0] : pad;
  const room = size + before + after - extent;
  if (room < 0) {
    throw new RangeError(
      `Error in ${op}: the window must fit the padded input, but ${extent} does not into ${size + before + after}.`,
    );
  }
  // A valid window lies inside, so that dimRoundingMode means nothing to it.
  const count = (pad === 'valid' ? Math.floor(room / stride) : round(room / stride, mode, op)) + 1;
  return { size, filter, stride, dilation, before, count };
}

const isWhole = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;

/** What is padded along height and width, in the form that {@link windowsAlong} takes. */
export function paddingOf(
  pad: Padding,
  dataFormat: DataFormat,
  mode: RoundingMode | undefined,
  op: string,
): ['valid', 'valid'] | ['same', 'same'] | [readonly [number, number], readonly [number, number]] {
  if (mode !== undefined && mode !== null && typeof pad === 'string') {
    throw new RangeError(
      `Error in ${op}: pad must be an integer when using dimRoundingMode ${mode} but got pad ${pad}.`,
    );
  }
  if (pad === 'valid') return ['valid', 'valid'];
  if (pad === 'same') return ['same', 'same'];
  if (isWhole(pad)) {
    const both = [pad as number, pad as number] as const;
    return [both, both];
  }
  if (Array.isArray(pad) && pad.length === 4 && pad.every((p) => Array.isArray(p) && p.length === 2)) {
    const values = pad.flat() as number[];
    if (!values.every(isWhole)) {
      throw new RangeError(`Error in ${op}: pad must be whole numbers from 0 up, got ${JSON.stringify(pad)}.`);
    }
    return dataFormat === 'NHWC' ? [pad[1], pad[2]] : [pad[2], pad[3]];
  }
  throw new RangeError(
    `Error in ${op}: pad must be 'valid', 'same', a whole number from 0 up or [before, after] for each axis, got ${JSON.stringify(pad)}.`,
  );
}

/**
 * The windows along height and width.
 *
 * @param image - [height, width] of the input
 * @param filter - [height, width] of a window
 * @param dataFormat - which axes an explicit padding means
 * @throws TypeError or RangeError for bad strides, dilations or padding, for strides and dilations both above 1, or if
 * not even one window fits
 */
export function windowsOf(
  image: readonly number[],
  filter: readonly number[],
  strides: Pair,
  dilations: Pair,
  pad: Padding,
  dataFormat: DataFormat,
  dimRoundingMode: RoundingMode | undefined,
  op: string,
): [height: Windows, width: Windows] {
  const stride = toSizes(strides, 2, 'strides', `Error in ${op}`);
  const dilation = toSizes(dilations, 2, 'dilations', `Error in ${op}`);
  if (stride.some((n) => n > 1) && dilation.some((n) => n > 1)) {
    throw new RangeError(
      `Error in ${op}: Either strides or dilations must be 1. Got strides ${strides} and dilations '${dilations}'`,
    );
  }
  checkDataFormat(dataFormat, op);
  const padding = paddingOf(pad, dataFormat, dimRoundingMode, op);
  const along = (axis: 0 | 1) =>
    windowsAlong(image[axis]!, filter[axis]!, stride[axis]!, dilation[axis]!, padding[axis], dimRoundingMode, op);
  return [along(0), along(1)];
}
