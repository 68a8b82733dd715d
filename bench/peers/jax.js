// @ts-nocheck: types come with `npm ci --prefix bench/peers` only
import { numpy } from '@jax-js/jax';

numpy.matmul(numpy.array([[1, 2]]), numpy.array([[3], [4]])).dataSync();
console.log(performance.now());
