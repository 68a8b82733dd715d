// Cloudflare Workers compile what a bundle imports, and nothing at run time.

// @ts-expect-error: the platform gives a compiled module
import module from '../wasmgrad.wasm';

export { module };
