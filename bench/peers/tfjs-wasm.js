import { openTensorflow } from './tfjs.js';

export const open = () => openTensorflow('wasm');
