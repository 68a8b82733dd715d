// Figures as a program printed them.

import { expect } from 'vitest';

/** Each number rounds to the digits that were printed. */
export function expectPrinted(numbers: readonly number[], printed: readonly string[]): void {
  expect(numbers.map((x, i) => round(x, printed[i]))).toEqual(printed);
}

function round(x: number, like: string): string {
  const digits = (text: string) => text.split('.')[1]?.length ?? 0;
  const [mantissa] = like.split('e');
  if (mantissa === like) return x.toFixed(digits(like));
  return x.toExponential(digits(mantissa)).replace(/e([+-])(\d)$/, 'e$10$2');
}
