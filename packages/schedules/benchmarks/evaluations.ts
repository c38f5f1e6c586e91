/**
 * How many values a second each schedule gives, and how many PyTorch's OneCycleLR does on the same machine.
 *
 *     pnpm --filter @superconvergence/schedules benchmark [PYTHON]
 *
 * PYTHON is an interpreter that has torch; without it there is no comparison. Rounds of all are interleaved; what is
 * printed is the median of seven, in millions a second.
 */
import { execFileSync } from 'node:child_process';
import {
  cosine,
  cosineRestarts,
  cyclic,
  fromSpec,
  multiStep,
  oneCycle,
  scale,
  sequence,
  triangular,
  warmUp,
  type Schedule,
} from '../src/index.ts';
import { oneCycleLR } from '../src/torch/index.ts';

const totalSteps = 10_000;
const pair = oneCycle({ totalSteps, maxLearningRate: 3 });
const triangle = triangular({ minimum: 0.1, maximum: 3, stepSize: 1_000 });
const schedules: Record<string, Schedule> = {
  'oneCycle, rate': pair.learningRate,
  'oneCycle, momentum': pair.momentum,
  'oneCycle, read from JSON': fromSpec(pair.learningRate.spec),
  triangular: triangle,
  'cyclic, triangular2': cyclic({ minimum: 0.1, maximum: 3, stepSizeUp: 1_000, mode: 'triangular2' }),
  cosine: cosine({ from: 1, to: 0, steps: totalSteps }),
  cosineRestarts: cosineRestarts({ maximum: 1, period: 1_000, periodFactor: 2 }),
  multiStep: multiStep({ initial: 1, factor: 0.1, milestones: [5_000, 7_500] }),
  'warmUp of cosine': warmUp(cosine({ from: 1, to: 0, steps: 9_000 }), { steps: 1_000 }),
  'scale of sequence of two': scale(
    sequence([
      { schedule: triangle, steps: 2_000 },
      { schedule: cosine({ from: 0.1, to: 0, steps: 8_000 }) },
    ]),
    0.5,
  ),
  'torch.oneCycleLR': oneCycleLR({ maxLr: 3, totalSteps }).learningRate,
};

const evaluationsPerRound = 3_000_000;
let sink = 0;

function millionsPerSecond(schedule: Schedule): number {
  const startedAt = performance.now();
  let sum = 0;
  for (let i = 0; i < evaluationsPerRound; i++) sum += schedule(i % totalSteps);
  sink += sum;
  return evaluationsPerRound / 1_000 / (performance.now() - startedAt);
}

const torchProgram = `
import time, torch, warnings
warnings.simplefilter("ignore")
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3.0, total_steps=${totalSteps})
started = time.perf_counter()
for _ in range(${totalSteps - 1}):
    scheduler.step()
print(${totalSteps - 1} / 1e6 / (time.perf_counter() - started))
`;

const [python] = process.argv.slice(2);
const rounds = new Map<string, number[]>();
const add = (name: string, value: number) => rounds.set(name, [...(rounds.get(name) ?? []), value]);
// The first round of each warms up.
for (let round = 0; round < 8; round++) {
  for (const [name, schedule] of Object.entries(schedules)) {
    const found = millionsPerSecond(schedule);
    if (round > 0) add(name, found);
  }
  if (python !== undefined && round > 0) {
    add(
      'PyTorch, OneCycleLR.step()',
      Number(execFileSync(python, ['-c', torchProgram], { encoding: 'utf8' })),
    );
  }
}
for (const [name, values] of rounds) {
  const median = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
  console.log(`${name.padEnd(28)} ${median.toPrecision(3).padStart(8)} million a second`);
}
if (!Number.isFinite(sink)) throw new Error('a schedule gave a value that is no number');
