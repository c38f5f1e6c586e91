import fc from 'fast-check';
import type { Schedule } from '../index.ts';
import { arbitraryCaffe } from './arbitrary-caffe.ts';
import { arbitraryCombinators, arbitraryNested } from './arbitrary-combinators.ts';
import { arbitraryFastai } from './arbitrary-fastai.ts';
import { arbitraryKeras } from './arbitrary-keras.ts';
import { arbitraryOptax } from './arbitrary-optax.ts';
import { arbitrarySchedules } from './arbitrary-schedules.ts';
import { arbitraryTorch } from './arbitrary-torch.ts';

const core = fc.oneof(...Object.values(arbitrarySchedules));

/** One arbitrary for each `type` that a specification may have. */
export const arbitraryOfEveryType: Readonly<Record<string, fc.Arbitrary<Schedule>>> = {
  ...arbitrarySchedules,
  ...arbitraryCaffe,
  ...arbitraryFastai,
  ...arbitraryKeras,
  ...arbitraryOptax,
  ...arbitraryTorch,
  ...Object.fromEntries(Object.entries(arbitraryCombinators).map(([type, make]) => [type, make(core)])),
};

/** Combinators of combinators. */
export const arbitraryNesting: fc.Arbitrary<Schedule> = arbitraryNested(core);
