/**
 * 1cycle against a step schedule at the same number of iterations.
 *
 * The claim: Smith (arXiv 1803.09820, Table 2) reports for a wide 32-layer ResNet on CIFAR-10 91.9 % after 100 epochs of
 * 1cycle and 86.7 % after 100 epochs of a step schedule. Here each arm's highest rate is chosen by the same search on
 * validation images, and the arms differ in nothing but their schedules of learning rate and momentum.
 */
import type { Plan } from './plan.ts';
import { trainAll, type ExperimentContext, type TrainedRun } from './training-pool.ts';
import { trainDefaults, type TrainConfig } from './train-config.ts';

type Arm = 'one-cycle' | 'multi-step';

interface ArmResult {
  /** One run for each rate, in the order of the rates. */
  readonly search: readonly TrainedRun[];
  /** The rate with the highest validation accuracy; the lower one of equals. */
  readonly chosenRate: number;
  /** One run for each seed at that rate. */
  readonly runs: readonly TrainedRun[];
}

export type ComparisonResult = Readonly<Record<Arm, ArmResult>>;

/** A tenth of the training images, for the choice of the rates. */
const validationShare = 0.1;
/** Points on the validation curve of a run. */
const numEvaluations = 12;

/** Searches each arm's rate, then trains both arms with every seed. */
export async function runComparison(
  plan: Plan['comparison'],
  context: ExperimentContext,
): Promise<ComparisonResult> {
  const { rates, searchSeed, seeds } = plan;
  const search = await trainArms(
    (arm) => rates.map((rate) => searchConfig(plan, arm, rate, searchSeed)),
    context,
  );
  const chosen = {
    'one-cycle': chooseRate(search['one-cycle']),
    'multi-step': chooseRate(search['multi-step']),
  };
  const runs = await trainArms(
    (arm) => seeds.map((seed) => finalConfig(plan, arm, chosen[arm], seed)),
    context,
  );
  const result = (arm: Arm): ArmResult => ({ search: search[arm], chosenRate: chosen[arm], runs: runs[arm] });
  return { 'one-cycle': result('one-cycle'), 'multi-step': result('multi-step') };
}

/** Trains both arms side by side, in turns, so that what slows the machine for a while slows both. */
async function trainArms(
  configsOf: (arm: Arm) => TrainConfig[],
  context: ExperimentContext,
): Promise<Record<Arm, TrainedRun[]>> {
  const cycle = configsOf('one-cycle');
  const step = configsOf('multi-step');
  const inTurns = cycle.flatMap((config, i) => [config, step[i] as TrainConfig]);
  const runs = await trainAll('one-cycle-vs-step', inTurns, context);
  const runsOf = (arm: Arm) => runs.filter(({ config }) => config.schedule === arm);
  return { 'one-cycle': runsOf('one-cycle'), 'multi-step': runsOf('multi-step') };
}

/** A run that is scored on the test images, with a curve on validation images. */
function finalConfig(
  plan: Plan['comparison'],
  schedule: Arm,
  maxLearningRate: number,
  seed: number,
): TrainConfig {
  const { model, batchSize, steps, trainSize } = plan;
  return {
    ...trainDefaults,
    ...{ model, batchSize, steps, trainSize, schedule, maxLearningRate, seed, validationShare },
    minLearningRate: maxLearningRate / 20,
    evaluateEvery: Math.max(1, Math.floor(steps / numEvaluations)),
    scoreOn: ['test'],
  };
}

/** The same run, which never sees the test images. */
function searchConfig(...args: Parameters<typeof finalConfig>): TrainConfig {
  return { ...finalConfig(...args), evaluateEvery: 0, scoreOn: ['validation'] };
}

function chooseRate(runs: readonly TrainedRun[]): number {
  const [first, ...others] = runs;
  if (!first) throw new RangeError('a search needs at least one rate');
  const accuracy = ({ result }: TrainedRun) => result.validationAccuracy ?? 0;
  return others.reduce((best, run) => (accuracy(run) > accuracy(best) ? run : best), first).config
    .maxLearningRate;
}
