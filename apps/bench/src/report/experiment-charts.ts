import type { RangeTestRunResult } from '../experiments/range-test-run.ts';
import type { TrainedRun } from '../experiments/training-pool.ts';
import { schedulesOf } from '../experiments/training-run.ts';
import { lineChart } from './line-chart.ts';
import { mean } from '../statistics.ts';

type Point = [number, number];

/** Loss and accuracy against the learning rate: one chart each, a line for each test's validation data. */
export function rangeTestCharts(title: string, tests: readonly RangeTestRunResult[]): string[] {
  const name = (i: number) => (tests.length > 1 ? ` ${i + 1}` : '');
  const markers = tests.flatMap(({ suggestion }, i) =>
    suggestion.status === 'found'
      ? [{ axis: 'x' as const, value: suggestion.maximum, label: `max${name(i)}` }]
      : [],
  );
  const [first] = tests;
  const training: Point[] =
    first?.points.map(({ learningRate, trainingLoss }) => [learningRate, trainingLoss]) ?? [];
  return [
    lineChart({
      title: `${title}: loss`,
      xLabel: 'learning rate',
      yLabel: 'cross-entropy (nats)',
      series: [
        ...tests.map(({ points }, i) => ({
          name: `validation${name(i)}`,
          points: points.map(({ learningRate, validationLoss }): Point => [learningRate, validationLoss]),
        })),
        { name: `training${name(0)}`, points: training, dashed: true },
      ],
      markers,
    }),
    lineChart({
      title: `${title}: accuracy`,
      xLabel: 'learning rate',
      yLabel: 'validation accuracy (%)',
      series: tests.map(({ points }, i) => ({
        name: `validation${name(i)}`,
        points: points.map(({ learningRate, validationAccuracy }): Point => [
          learningRate,
          100 * validationAccuracy,
        ]),
      })),
      markers,
    }),
  ];
}

/** The learning rate of each arm's first run at every step. */
export function scheduleChart(arms: readonly { name: string; runs: readonly TrainedRun[] }[]): string {
  return lineChart({
    title: 'Learning rates',
    xLabel: 'iteration',
    yLabel: 'learning rate',
    series: arms.flatMap(({ name, runs: [run] }) => {
      if (!run) return [];
      const { learningRate } = schedulesOf(run.config);
      return [
        {
          name,
          points: Array.from({ length: run.config.steps }, (_, step): Point => [step, learningRate(step)]),
        },
      ];
    }),
  });
}

/** One quantity of the logs against the iteration: the mean over an arm's seeds, between their extremes. */
export function armChart(
  arms: readonly { name: string; runs: readonly TrainedRun[] }[],
  {
    title,
    yLabel,
    type,
    field,
    factor = 1,
  }: { title: string; yLabel: string; type: 'step' | 'evaluation'; field: string; factor?: number },
): string {
  const logs = arms.map(({ name, runs }) => ({
    name,
    curves: runs.map(({ log }) =>
      log
        .filter((entry) => entry.type === type)
        .map((entry): Point => [entry.step, factor * Number(entry[field] ?? NaN)]),
    ),
  }));
  return lineChart({
    title,
    xLabel: 'iteration',
    yLabel,
    series: logs.map(({ name, curves }) => {
      const [longest = []] = [...curves].sort((a, b) => b.length - a.length);
      const column = (i: number) => curves.flatMap((curve) => curve[i]?.[1] ?? []);
      const over = (of: (values: number[]) => number) => longest.map(([x], i): Point => [x, of(column(i))]);
      return {
        name,
        points: over(mean),
        ...(curves.length > 1
          ? {
              band: {
                low: over((values) => Math.min(...values)),
                high: over((values) => Math.max(...values)),
              },
            }
          : {}),
      };
    }),
  });
}
