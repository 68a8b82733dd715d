// A Cloudflare Worker that trains a small model on posted JSON and predicts with it: `npx wrangler dev`, then
//
//   curl localhost:8787/train -d '{"x": [[1], [2], [3], [4]], "y": [3, 5, 7, 9]}'
//
// 100 epochs take 0.05 to 0.2 s of processor time, so the free plan's 10 ms are too little to train, though enough to
// predict.

import { respond } from '../serverless.js';

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const { status, headers, body } = await respond(request.method, pathname, request.body ?? []);
    return new Response(body, { status, headers });
  },
};
