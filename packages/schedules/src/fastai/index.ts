export type { RateAndMomentum, RateOnly } from '../define-schedule.ts';
export {
  fineTune,
  fitFlatCos,
  fitOneCycle,
  fitSgdr,
  lrFind,
  type FineTuneOptions,
  type FitFlatCosOptions,
  type FitFlatCosSpec,
  type FitOneCycleOptions,
  type FitOneCycleSpec,
  type FitSgdrOptions,
  type FitSgdrSpec,
  type LrFindOptions,
  type LrFindSpec,
} from './fit.ts';
export {
  combineScheds,
  paramScheduler,
  schedCos,
  schedExp,
  schedLin,
  schedNo,
  schedPoly,
  type ParamSchedulerOptions,
  type PositionFunction,
} from './position.ts';
export { fastaiSpecs, type FastaiSpec } from './specs.ts';
