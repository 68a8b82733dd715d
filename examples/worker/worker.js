// A Cloudflare Worker that trains a small model on posted JSON and predicts with it: `npx wrangler dev`, then
//
//   curl localhost:8787/train -d '{"x": [[1], [2], [3], [4]], "y": [3, 5, 7, 9]}'
//
// The free plan allows 10 ms of processor time per request: enough for some thousand numbers and 100 epochs.

import { respond } from '../serverless.js';

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const { status, headers, body } = await respond(request.method, pathname, request.body ?? []);
    return new Response(body, { status, headers });
  },
};
