// Products over the steps of a training, such as the powers of Adam's decays.

/**
 * t ↦ factor(1) · … · factor(t), rounded after each product. Asked for one t after the other it costs one product; it
 * depends on t alone, so that a training that stopped and goes on has the same bits.
 */
export function product(factor: (i: number) => number, round = (x: number): number => x): (t: number) => number {
  let at = 0;
  let value = 1;
  return (t) => {
    if (t < at) {
      at = 0;
      value = 1;
    }
    while (at < t) value = round(value * factor(++at));
    return value;
  };
}
