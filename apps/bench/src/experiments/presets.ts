import type { Plan } from './plan.ts';

/** A plan, and what it takes on two cores of a current server without a GPU. */
export interface Preset {
  readonly plan: Plan;
  readonly minutes: number;
}

/** All seeds are different, so that no run is judged by images or weights that it was chosen with. */
const quick: Preset = {
  minutes: 13,
  plan: {
    timing: { models: ['wrn-16-10', 'resnet-50-stem32', 'resnet-50-cifar'], batchSize: 64, iterations: 10 },
    rangeTest: {
      model: 'resnet-8',
      trainSize: 20_000,
      batchSize: 128,
      steps: 250,
      numPoints: 50,
      maxLearningRate: 3,
      seeds: [100, 101, 102, 103, 104],
    },
    comparison: {
      model: 'resnet-8',
      trainSize: 20_000,
      batchSize: 128,
      steps: 600,
      rates: [0.1, 0.3, 1, 3],
      searchSeed: 0,
      seeds: [1, 2, 3, 4, 5, 6],
    },
  },
};

/** Longer: the nets and the data of the papers, at lengths that a night or a GPU affords. */
const standard: Preset = {
  minutes: 900,
  plan: {
    timing: {
      models: ['wrn-16-10', 'resnet-50-stem32', 'resnet-50-cifar', 'resnet-50'],
      batchSize: 64,
      iterations: 10,
    },
    rangeTest: {
      model: 'resnet-20',
      trainSize: 45_000,
      batchSize: 128,
      steps: 1_000,
      numPoints: 100,
      maxLearningRate: 3,
      seeds: [100, 101, 102],
    },
    comparison: {
      model: 'resnet-20',
      trainSize: 45_000,
      batchSize: 128,
      steps: 5_000,
      rates: [0.1, 0.3, 1, 3],
      searchSeed: 0,
      seeds: [1, 2, 3, 4, 5],
    },
  },
};

/** The papers' own size, for a GPU: ResNet-56, 10,000 iterations of 1,000 images. */
const paper: Preset = {
  minutes: 100_000,
  plan: {
    timing: standard.plan.timing,
    rangeTest: { ...standard.plan.rangeTest, model: 'resnet-56', batchSize: 1_000, steps: 5_000 },
    comparison: { ...standard.plan.comparison, model: 'resnet-56', batchSize: 1_000, steps: 10_000 },
  },
};

export const presets = { quick, standard, paper } as const;
export const presetNames = [
  'quick',
  'standard',
  'paper',
] as const satisfies readonly (keyof typeof presets)[];
export type PresetName = (typeof presetNames)[number];

/** Fewest points that a range test's suggestion is made from, and steps that hold a cycle and its evaluations. */
const fewestSteps = 20;

/** The same experiments in about `minutes`: fewer or more iterations of the same nets, rates and seeds. */
export function scalePlan({ plan, minutes: planned }: Preset, minutes: number): Plan {
  const scale = minutes / planned;
  const steps = (count: number) => Math.max(fewestSteps, Math.round(count * scale));
  const rangeSteps = steps(plan.rangeTest.steps);
  return {
    timing: {
      ...plan.timing,
      iterations: Math.max(2, Math.min(plan.timing.iterations, Math.round(plan.timing.iterations * scale))),
    },
    rangeTest: {
      ...plan.rangeTest,
      steps: rangeSteps,
      numPoints: Math.min(plan.rangeTest.numPoints, rangeSteps),
    },
    comparison: { ...plan.comparison, steps: steps(plan.comparison.steps) },
  };
}
