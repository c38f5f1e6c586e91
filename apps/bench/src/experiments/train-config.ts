import { z } from 'zod';
import { networkConfigShape } from './create-network.ts';
import { dataConfigShape } from './data.ts';
import { modelNameSchema } from './model-name.ts';

/** Factors of each weight's learning rate and weight decay: `published` are those of the network's source. */
export const multiplierNames = ['kernels', 'all', 'published'] as const;

/** What batch norm normalises with in a test: its moving averages, or the batch's own statistics. */
export const statisticsNames = ['running', 'batch'] as const;

export const scheduleNames = ['one-cycle', 'multi-step', 'triangular', 'constant'] as const;

/** Everything that decides the outcome of a training run. */
export const trainConfigSchema = z.strictObject({
  model: modelNameSchema,
  ...networkConfigShape,
  ...dataConfigShape,
  schedule: z.enum(scheduleNames),
  maxLearningRate: z.number().positive(),
  /** Ends of the cycle (`one-cycle`, `triangular`); the others have none. */
  minLearningRate: z.number().nonnegative(),
  /** Share of the steps that the one cycle takes. */
  cycleShare: z.number().gt(0).max(1),
  /** Highest and lowest momentum of `one-cycle`. The other schedules use `constantMomentum`. */
  maxMomentum: z.number().min(0).lt(1),
  minMomentum: z.number().min(0).lt(1),
  constantMomentum: z.number().min(0).lt(1),
  weightDecay: z.number().nonnegative(),
  /** Default: `kernels`, weight decay on the kernels of convolutions and dense layers alone. */
  multipliers: z.enum(multiplierNames).optional(),
  batchSize: z.int().positive(),
  steps: z.int().positive(),
  trainSize: z.int().positive(),
  validationShare: z.number().min(0).lt(1),
  augmentation: z.boolean(),
  /** Each step as one TensorFlow graph; runs of before there was a choice have none. */
  compile: z.boolean().default(false),
  seed: z.int().nonnegative(),
  /** Batches that batch norm's averages are computed anew from before the scores; default: they stay as they are. */
  recalibrate: z.int().positive().optional(),
  /** What batch norm normalises with when the network is scored. Default: `running`, its moving averages. */
  testStatistics: z.enum(statisticsNames).optional(),
  /** What the trained network is scored on. A search looks at validation images only. */
  scoreOn: z.array(z.enum(['validation', 'test'])),
  /** Steps between evaluations on the validation images; 0: only at the end. */
  evaluateEvery: z.int().nonnegative(),
  /** Steps between checkpoints. */
  checkpointEvery: z.int().positive(),
});

export type TrainConfig = z.infer<typeof trainConfigSchema>;

/** The defaults of `bench train`. */
export const trainDefaults = {
  cycleShare: 0.87,
  maxMomentum: 0.95,
  minMomentum: 0.85,
  constantMomentum: 0.9,
  weightDecay: 5e-4,
  trainSize: 50_000,
  validationShare: 0,
  augmentation: true,
  compile: true,
  evaluateEvery: 0,
  checkpointEvery: 100,
} as const satisfies Partial<TrainConfig>;
