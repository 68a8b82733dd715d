import { matMul, tensor2d } from 'wasmgrad';

matMul(tensor2d([[1, 2]]), tensor2d([[3], [4]])).dataSync();
console.log(performance.now());
