// The public surface of wasmgrad: that of ./core.ts, and ops as methods of tensors.

import './ops/methods.js';

export * from './core.js';
