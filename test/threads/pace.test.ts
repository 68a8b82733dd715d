import { describe, expect, test } from 'vitest';
import { Pace } from '../../src/threads/pace.js';

/** How many of so many runs were by all threads, where a run takes so long. */
function runs(pace: Pace, count: number, times: { alone: number; together: number }): number {
  let together = 0;
  for (let i = 0; i < count; i++) {
    if (pace.together) together++;
    if (pace.isTimed()) pace.took(pace.together ? times.together : times.alone);
  }
  return together;
}

describe('a program', () => {
  test('of less than a millisecond is never run by threads', () => {
    expect(runs(new Pace(), 5000, { alone: 0.9, together: 0.1 })).toBe(0);
  });

  test('that threads speed up is run by them but for a few trials', () => {
    const pace = new Pace();
    expect(runs(pace, 20, { alone: 10, together: 6 })).toBe(16);
    expect(runs(pace, 10_000, { alone: 10, together: 6 })).toBeGreaterThan(9900);
  });

  test('that threads slow down is run alone but for a few trials', () => {
    expect(runs(new Pace(), 10_000, { alone: 10, together: 11 })).toBeLessThan(80);
  });

  test('goes back to one thread soon after the others are needed elsewhere', () => {
    const pace = new Pace();
    runs(pace, 10_000, { alone: 10, together: 6 });
    expect(runs(pace, 1000, { alone: 10, together: 30 })).toBeLessThan(50);
  });

  test('goes back to threads when they are free again', () => {
    const pace = new Pace();
    runs(pace, 10_000, { alone: 10, together: 30 });
    expect(runs(pace, 2000, { alone: 10, together: 6 })).toBeGreaterThan(1400);
  });

  test('is tried with threads once it has grown', () => {
    const pace = new Pace();
    runs(pace, 1000, { alone: 0.5, together: 0.3 });
    expect(runs(pace, 100, { alone: 5, together: 3 })).toBeGreaterThan(60);
  });
});
