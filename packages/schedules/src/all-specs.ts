import { caffeSpecs } from './caffe/specs.ts';
import { combinatorSpecs } from './combinators/specs.ts';
import { coreSpecs } from './core-specs.ts';
import { fastaiSpecs } from './fastai/specs.ts';
import { kerasSpecs } from './keras/specs.ts';
import { optaxSpecs } from './optax/specs.ts';
import type { SpecTypes } from './spec-type.ts';
import { torchSpecs } from './torch/specs.ts';

/** Every `type` that a specification may have, those of all libraries among them: `fromSpec(spec, allSpecs)`. */
export const allSpecs: SpecTypes = {
  ...coreSpecs,
  ...combinatorSpecs,
  ...caffeSpecs,
  ...fastaiSpecs,
  ...kerasSpecs,
  ...optaxSpecs,
  ...torchSpecs,
};
