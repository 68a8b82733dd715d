export { AdadeltaOptimizer } from './adadelta.js';
export { AdagradOptimizer } from './adagrad.js';
export { AdamOptimizer } from './adam.js';
export { AdamaxOptimizer } from './adamax.js';
export { MomentumOptimizer } from './momentum.js';
export { type NamedTensor, Optimizer } from './optimizer.js';
export { RMSPropOptimizer } from './rmsprop.js';
export { SGDOptimizer } from './sgd.js';
