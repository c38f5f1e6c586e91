import { eitherOf, rateOnly } from '../pair-specs.ts';
import type { SpecType } from '../spec-type.ts';
import {
  cyclicLR,
  cyclicLRProperties,
  oneCycleLR,
  oneCycleLRProperties,
  type CyclicLRSpec,
  type OneCycleLRSpec,
} from './callbacks.ts';
import {
  cosineDecay,
  cosineDecayProperties,
  cosineDecayRestarts,
  cosineDecayRestartsProperties,
  exponentialDecay,
  exponentialDecayProperties,
  inverseTimeDecay,
  piecewiseConstantDecay,
  piecewiseConstantDecayProperties,
  polynomialDecay,
  polynomialDecayProperties,
  type CosineDecayRestartsSpec,
  type CosineDecaySpec,
  type ExponentialDecaySpec,
  type InverseTimeDecaySpec,
  type PiecewiseConstantDecaySpec,
  type PolynomialDecaySpec,
} from './decays.ts';

/** The specifications of Keras's schedules and of two callbacks for Keras. */
export type KerasSpec =
  | CosineDecayRestartsSpec
  | CosineDecaySpec
  | CyclicLRSpec
  | ExponentialDecaySpec
  | InverseTimeDecaySpec
  | OneCycleLRSpec
  | PiecewiseConstantDecaySpec
  | PolynomialDecaySpec;

/** Keras's schedules, and two callbacks for Keras. */
export const kerasSpecs: Readonly<Record<KerasSpec['type'], SpecType>> = {
  'keras.cosineDecay': rateOnly(cosineDecay, cosineDecayProperties),
  'keras.cosineDecayRestarts': rateOnly(cosineDecayRestarts, cosineDecayRestartsProperties),
  'keras.cyclicLR': rateOnly(cyclicLR, cyclicLRProperties),
  'keras.exponentialDecay': rateOnly(exponentialDecay, exponentialDecayProperties),
  'keras.inverseTimeDecay': rateOnly(inverseTimeDecay, exponentialDecayProperties),
  'keras.oneCycleLR': eitherOf(oneCycleLR, oneCycleLRProperties),
  'keras.piecewiseConstantDecay': rateOnly(piecewiseConstantDecay, piecewiseConstantDecayProperties),
  'keras.polynomialDecay': rateOnly(polynomialDecay, polynomialDecayProperties),
};
