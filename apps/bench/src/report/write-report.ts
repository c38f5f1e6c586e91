import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.ts';
import { reproductionSchema, type Reproduction } from '../experiments/reproduction.ts';
import { trainConfigSchema, type TrainConfig } from '../experiments/train-config.ts';
import { trainResultSchema, type TrainResult } from '../experiments/training-run.ts';
import { writeFileAtomically } from '../files.ts';
import { formatSeconds } from '../progress.ts';
import { openExistingRun, type LogEntry, type RunRecord } from '../run-directory.ts';
import { lineChart } from './line-chart.ts';
import { renderReport, type Report, type ReportSection } from './render-report.ts';
import { reproductionSections } from './reproduction-sections.ts';

/**
 * Writes `report.html` in `folder` from what the finished runs there left.
 *
 * @returns the report's path
 * @throws BenchError when there is nothing to report
 */
export function writeReport(folder: string): string {
  const reproduction = latestReproduction(folder);
  const trainings = finishedTrainings(folder);
  if (!reproduction && trainings.length === 0) {
    throw new BenchError(
      'no-such-run',
      `There are no finished runs in ${folder}. Run bench first, or name another folder.`,
    );
  }
  const report: Report = {
    title: 'Super-convergence on this machine',
    generatedAt: new Date().toISOString(),
    machine: describeMachine(reproduction, trainings[0]?.record),
    summary: reproduction ? summarise(reproduction) : [],
    claims: reproduction?.claims ?? [],
    sections: [
      ...(reproduction ? reproductionSections(reproduction) : []),
      ...(trainings.length > 0 ? [trainingSection(trainings)] : []),
    ],
  };
  const path = join(folder, 'report.html');
  writeFileAtomically(path, renderReport(report));
  return path;
}

interface FinishedTraining {
  readonly record: RunRecord;
  readonly config: TrainConfig;
  readonly result: TrainResult;
  readonly log: readonly LogEntry[];
}

/** The reproduction that was finished last, of whatever preset. */
function latestReproduction(folder: string): Reproduction | undefined {
  const all = globSync('reproduce-*.json', { cwd: folder }).flatMap((file) => {
    const { success, data } = reproductionSchema.safeParse(
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    );
    return success ? [data] : [];
  });
  return all.sort((a, b) => b.finishedAt.localeCompare(a.finishedAt))[0];
}

/** The runs of `bench train`, the latest first. */
function finishedTrainings(folder: string): FinishedTraining[] {
  if (!existsSync(join(folder, 'train'))) return [];
  const runs = globSync('*/run.json', { cwd: join(folder, 'train') }).map(
    (file) => file.split(/[\\/]/)[0] ?? '',
  );
  return runs
    .flatMap((run) => {
      const { record, readLog } = openExistingRun(folder, 'train', run);
      const config = trainConfigSchema.safeParse(record.config);
      const result = trainResultSchema.safeParse(record.result);
      return config.success && result.success
        ? [{ record, config: config.data, result: result.data, log: readLog() }]
        : [];
    })
    .sort((a, b) => b.record.startedAt.localeCompare(a.record.startedAt));
}

function describeMachine(
  reproduction: Reproduction | undefined,
  record: RunRecord | undefined,
): [string, string][] {
  const engine = reproduction?.engine ?? record?.engine;
  const hardware = reproduction?.hardware ?? record?.hardware ?? {};
  return [
    ['processor', `${String(hardware.cores)} × ${String(hardware.cpu)}`],
    ['memory', `${(Number(hardware.memoryBytes) / 2 ** 30).toFixed(0)} GiB`],
    ['device', String(engine?.device)],
    ['TensorFlow', String(engine?.tensorflow)],
  ];
}

function summarise({ preset, claims, timings, rangeTests, comparison }: Reproduction): string[] {
  const count = (held: string) => claims.filter((claim) => claim.held === held).length;
  const runs = Object.values(comparison).flatMap(({ search, runs: final }) => [...search, ...final]);
  const seconds =
    timings.reduce((sum, timing) => sum + timing.seconds, 0) +
    rangeTests.reduce((sum, test) => sum + test.seconds, 0) +
    runs.reduce((sum, { result }) => sum + result.seconds, 0);
  return [
    `Of ${claims.length} claims, ${count('yes')} held on this machine, ${count('no')} did not, and ${count('undecided')} stay undecided. ` +
      'The rule for each was fixed before the runs.',
    `Preset ${preset}: ${runs.length} training runs, ${rangeTests.length} range tests and ${timings.length} timings, ` +
      `${formatSeconds(seconds)} of computing in all, some of it side by side.`,
  ];
}

function trainingSection(trainings: readonly FinishedTraining[]): ReportSection {
  const percent = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(2)} %`);
  return {
    id: 'train',
    title: 'Single training runs',
    paragraphs: ['Runs of bench train in this folder, the latest first.'],
    charts: [
      lineChart({
        title: 'Training loss of the latest runs',
        xLabel: 'iteration',
        yLabel: 'cross-entropy (nats)',
        series: trainings.slice(0, maxCurves).map(({ record, log }) => ({
          name: record.run,
          points: log
            .filter(({ type }) => type === 'step')
            .map(({ step, loss }): [number, number] => [step, Number(loss)]),
        })),
      }),
    ],
    tables: [
      {
        caption: 'Test scores use all 10,000 test images and running statistics.',
        head: [
          'run',
          'network',
          'schedule',
          'max. rate',
          'batch',
          'iterations',
          'test accuracy',
          'test loss',
          'time',
        ],
        rows: trainings.map(({ record, config, result }) => [
          record.run,
          config.model,
          config.schedule,
          String(config.maxLearningRate),
          String(config.batchSize),
          String(result.steps),
          result.reason === 'diverged' ? 'diverged' : percent(result.testAccuracy),
          result.testLoss?.toFixed(3) ?? '–',
          formatSeconds(result.seconds),
        ]),
      },
    ],
  };
}

/** More lines than this can't be told apart. */
const maxCurves = 6;
