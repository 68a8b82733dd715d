// Vercel's edge runtime compiles what a bundle imports with `?module`, and nothing at run time.

// @ts-expect-error: the platform gives a compiled module
import module from '../wasmgrad.wasm?module';

export { module };
