// `wasmgrad/threads` where a platform has no threads: Cloudflare Workers and Vercel's edge runtime.

import type * as threads from './index.js';

export const getThreads: typeof threads.getThreads = () => 1;

export const setThreads: typeof threads.setThreads = async (n) => {
  if (n !== 1)
    throw new Error(
      'setThreads: there can be no threads here: Cloudflare Workers and the edge runtime of Vercel have none',
    );
};
