// Turns of the event loop, so that a page draws and answers, and timers and requests come through. Imports nothing.

/**
 * One turn of the event loop. A timer is the last resort: in a page it takes 4 ms, and a second in one that nobody sees.
 */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else if (typeof MessageChannel === 'function') {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    } else setTimeout(resolve);
  });

/**
 * Resolves when a page is about to draw its next frame; where there are none, after a turn of the event loop. For loops
 * of one's own: `fit` pauses by itself, see `yieldEvery` of {@link FitOptions}. A page that nobody sees draws nothing.
 *
 * @example
 * const w = variable(scalar(3));
 * for (let step = 0; step < 5; step++) {
 *   train.sgd(0.1).minimize(() => w.square());
 *   await nextFrame();
 * }
 * w.print();  // 0.9830399751663208
 */
export const nextFrame = (): Promise<void> =>
  typeof requestAnimationFrame === 'function'
    ? new Promise((resolve) => {
        requestAnimationFrame(() => resolve());
      })
    : turn();
