export type { RateAndMomentum, RateOnly } from '../define-schedule.ts';
export {
  cyclicLR,
  oneCycleLR,
  type CyclicLROptions,
  type CyclicLRSpec,
  type OneCycleLROptions,
  type OneCycleLRSpec,
} from './callbacks.ts';
export {
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  inverseTimeDecay,
  piecewiseConstantDecay,
  polynomialDecay,
  type CosineDecayOptions,
  type CosineDecayRestartsOptions,
  type CosineDecayRestartsSpec,
  type CosineDecaySpec,
  type ExponentialDecayOptions,
  type ExponentialDecaySpec,
  type InverseTimeDecayOptions,
  type InverseTimeDecaySpec,
  type PiecewiseConstantDecayOptions,
  type PiecewiseConstantDecaySpec,
  type PolynomialDecayOptions,
  type PolynomialDecaySpec,
} from './decays.ts';
export { kerasSpecs, type KerasSpec } from './specs.ts';
