import type { Schedule } from '../schedule.ts';
import { listOf, scheduleSpec, type SpecType } from '../spec-type.ts';
import { constantProperties, constantSchedule, type ConstantScheduleSpec } from './constant.ts';
import { cosineDecayProperties, cosineDecaySchedule, type CosineDecayScheduleSpec } from './cosine-decay.ts';
import {
  exponentialDecay,
  exponentialDecayProperties,
  type ExponentialDecaySpec,
} from './exponential-decay.ts';
import {
  joinProperties,
  joinSchedules,
  sgdrProperties,
  sgdrSchedule,
  warmupCosineDecayProperties,
  warmupCosineDecaySchedule,
  warmupExponentialDecayProperties,
  warmupExponentialDecaySchedule,
  type JoinSchedulesSpec,
  type SgdrScheduleSpec,
  type WarmupCosineDecayScheduleSpec,
  type WarmupExponentialDecayScheduleSpec,
} from './join.ts';
import {
  cosineOnecycleProperties,
  cosineOnecycleSchedule,
  linearOnecycleProperties,
  linearOnecycleSchedule,
  type CosineOnecycleScheduleSpec,
  type LinearOnecycleScheduleSpec,
} from './onecycle.ts';
import {
  piecewiseConstantProperties,
  piecewiseConstantSchedule,
  piecewiseInterpolateProperties,
  piecewiseInterpolateSchedule,
  type PiecewiseConstantScheduleSpec,
  type PiecewiseInterpolateScheduleSpec,
} from './piecewise.ts';
import {
  linearProperties,
  linearSchedule,
  polynomialProperties,
  polynomialSchedule,
  warmupConstantSchedule,
  warmupProperties,
  type LinearScheduleSpec,
  type PolynomialScheduleSpec,
  type WarmupConstantScheduleSpec,
} from './polynomial.ts';

/** The specifications of optax's schedules. */
export type OptaxSpec =
  | ConstantScheduleSpec
  | CosineDecayScheduleSpec
  | CosineOnecycleScheduleSpec
  | ExponentialDecaySpec
  | JoinSchedulesSpec
  | LinearOnecycleScheduleSpec
  | LinearScheduleSpec
  | PiecewiseConstantScheduleSpec
  | PiecewiseInterpolateScheduleSpec
  | PolynomialScheduleSpec
  | SgdrScheduleSpec
  | WarmupConstantScheduleSpec
  | WarmupCosineDecayScheduleSpec
  | WarmupExponentialDecayScheduleSpec;

/** optax's schedules. */
export const optaxSpecs: Readonly<Record<OptaxSpec['type'], SpecType>> = {
  'optax.constantSchedule': { create: constantSchedule, properties: constantProperties },
  'optax.cosineDecaySchedule': { create: cosineDecaySchedule, properties: cosineDecayProperties },
  'optax.cosineOnecycleSchedule': { create: cosineOnecycleSchedule, properties: cosineOnecycleProperties },
  'optax.exponentialDecay': { create: exponentialDecay, properties: exponentialDecayProperties },
  'optax.joinSchedules': {
    create: ({ schedules, boundaries }: JoinSchedulesSpec, read): Schedule =>
      joinSchedules({ schedules: schedules.map(read), boundaries }),
    properties: { schedules: listOf(scheduleSpec), ...joinProperties },
  },
  'optax.linearOnecycleSchedule': { create: linearOnecycleSchedule, properties: linearOnecycleProperties },
  'optax.linearSchedule': { create: linearSchedule, properties: linearProperties },
  'optax.piecewiseConstantSchedule': {
    create: piecewiseConstantSchedule,
    properties: piecewiseConstantProperties,
  },
  'optax.piecewiseInterpolateSchedule': {
    create: piecewiseInterpolateSchedule,
    properties: piecewiseInterpolateProperties,
  },
  'optax.polynomialSchedule': { create: polynomialSchedule, properties: polynomialProperties },
  'optax.sgdrSchedule': {
    create: sgdrSchedule,
    properties: sgdrProperties,
  },
  'optax.warmupConstantSchedule': { create: warmupConstantSchedule, properties: warmupProperties },
  'optax.warmupCosineDecaySchedule': {
    create: warmupCosineDecaySchedule,
    properties: warmupCosineDecayProperties,
  },
  'optax.warmupExponentialDecaySchedule': {
    create: warmupExponentialDecaySchedule,
    properties: warmupExponentialDecayProperties,
  },
};
