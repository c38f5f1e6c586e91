import { eitherOf, rateOnly } from '../pair-specs.ts';
import type { SpecType } from '../spec-type.ts';
import {
  fitFlatCos,
  fitFlatCosProperties,
  fitOneCycle,
  fitOneCycleProperties,
  fitSgdr,
  fitSgdrProperties,
  lrFind,
  lrFindProperties,
  type FitFlatCosSpec,
  type FitOneCycleSpec,
  type FitSgdrSpec,
  type LrFindSpec,
} from './fit.ts';

/** The specifications of fastai's schedules. */
export type FastaiSpec = FitFlatCosSpec | FitOneCycleSpec | FitSgdrSpec | LrFindSpec;

/** fastai's schedules. */
export const fastaiSpecs: Readonly<Record<FastaiSpec['type'], SpecType>> = {
  'fastai.fitFlatCos': rateOnly(fitFlatCos, fitFlatCosProperties),
  'fastai.fitOneCycle': eitherOf(fitOneCycle, fitOneCycleProperties),
  'fastai.fitSgdr': rateOnly(fitSgdr, fitSgdrProperties),
  'fastai.lrFind': rateOnly(lrFind, lrFindProperties),
};
