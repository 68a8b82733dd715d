// V8 from Node 22 on rebuilds a v128.const at each turn of a loop: twice the time of exp. The build's passes put the
// constants of elementwise kernels into locals before their loops; this looks at what they left.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (module: string) => readFileSync(new URL(`../../build/${module}.wat`, import.meta.url), 'utf8');

/** The constants other than zero inside the loops of a function, whose text has an instruction a line. */
function constantsInLoops(text: string): number {
  const open: string[] = [];
  let count = 0;
  for (const line of text.split('\n').map((l) => l.trim())) {
    const block = /^(?:loop|block|if)\b/.exec(line)?.[0];
    if (block) open.push(block);
    else if (line === 'end') open.pop();
    else if (/^v128\.const i32x4 (?!(?:0x0{8} ?){4}$)/.test(line) && open.includes('loop')) count++;
  }
  return count;
}

/** The functions of float kernels by name. */
const kernels = (module: string) =>
  new Map(
    read(module)
      .split('\n (func ')
      .slice(1)
      .flatMap((text) => {
        const name = /^\$assembly\/(?:unary|activation)\/(\w+_f(?:32|64)) /.exec(text)?.[1];
        return name ? [[name, text]] : [];
      }),
  );

test('it finds a constant in a loop', () => {
  const constant = 'v128.const i32x4 0x3f800000 0x3f800000 0x3f800000 0x3f800000';
  expect(constantsInLoops(`loop\n${constant}\nblock\n${constant}\nend\nend\n${constant}`)).toBe(2);
});

// The compiler folds the 1 that atan gives as a side of its triangle; the call for the angle takes most of its time.
const ANGLE = ['atan_f32', 'atan_f64'];

test.each(['core', 'special'])('elementwise kernels of %s have their constants before their loops', (module) => {
  const found = kernels(module);
  expect(found.size).toBeGreaterThan(20);
  const inside = [...found].filter(([, text]) => constantsInLoops(text) > 0).map(([name]) => name);
  expect(inside.sort()).toEqual(module === 'special' ? ANGLE : []);
});
