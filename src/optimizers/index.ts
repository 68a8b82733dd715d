export { AdamOptimizer } from './adam.js';
export { MomentumOptimizer } from './momentum.js';
export { type NamedTensor, Optimizer } from './optimizer.js';
export { SGDOptimizer } from './sgd.js';
