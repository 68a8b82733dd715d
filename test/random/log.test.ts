import { expect, test } from 'vitest';
import { log } from '../../src/random/log.js';
import { MT19937 } from '../../src/random/mt19937.js';

// Python 3: decimal, 40 digits: float(Decimal(x).ln()).
test.each([
  [0.5, -Math.LN2],
  [0.9999999999999999, -1.1102230246251565e-16],
  [2 ** -104, -72.0873067782343],
  [0.3, -1.2039728043259361],
  [Math.SQRT1_2, -0.3465735902799726],
  [1e-300, -690.7755278982137],
])('log %d is correctly rounded', (x, y) => {
  expect(log(x)).toBe(y);
});

test('log is within one unit in the last place of Math.log', () => {
  const random = MT19937.fromSeed(1);
  for (let i = 0; i < 10000; i++) {
    const x = random.nextDouble();
    expect(Math.abs(log(x) / Math.log(x) - 1)).toBeLessThan(3e-16);
  }
});
