import { join } from 'node:path';
import { fromSpec, type Schedule, type ScheduleSpec } from '@superconvergence/schedules';
import { allSpecs } from '@superconvergence/schedules/schema';
import type { Command } from 'commander';
import { BenchError } from '../errors.ts';
import { writeFileAtomically } from '../files.ts';
import { addCommonOptions, positiveInteger, type CommonOptions } from '../options.ts';
import { formatTable, printResult } from '../output.ts';
import type { ScaleKind } from '../report/axis.ts';
import { lineChart, type Point } from '../report/line-chart.ts';
import { stackCharts } from '../report/stack-charts.ts';
import { terminalChart } from '../report/terminal-chart.ts';
import { readSchedule, type Spec } from '../schedule-arguments.ts';
import { scheduleTypes } from '../schedule-types.ts';

interface ScheduleCommandOptions extends CommonOptions {
  readonly set?: readonly string[];
  readonly spec?: string;
  readonly steps?: number;
  readonly log?: boolean;
  readonly svg?: string;
  readonly list?: boolean;
}

type Pair = { readonly learningRate: Schedule; readonly momentum?: Schedule };
type Curves = { readonly learningRate: readonly number[]; readonly momentum?: readonly number[] };

export function addScheduleCommand(program: Command): void {
  const command = program
    .command('schedule')
    .description('draw a schedule, in the terminal and as SVG')
    .argument('[name]', 'one-cycle, torch.oneCycleLR, … (see --list), then its own options: --max-lr 3')
    .usage('[name] [--OPTION-OF-THE-SCHEDULE VALUE …] [options]')
    // Those of the schedule; which there are depends on its name.
    .allowUnknownOption()
    .allowExcessArguments()
    .option('--set <option=value>', 'the same as --OPTION VALUE', (text, all?: string[]) =>
      (all ?? []).concat(text),
    )
    .option('--spec <file>', 'the schedule’s specification as JSON; - for standard input')
    .option('--steps <n>', 'updates to draw (default: as many as the schedule has)', positiveInteger)
    .option('--log', 'logarithmic axis for the rate')
    .option('--svg <file>', 'where the drawing goes (default: schedule/NAME.svg in the results)')
    .option('--list', 'list the schedules and their options');
  addCommonOptions(command).action((_name: string | undefined, options: ScheduleCommandOptions) => {
    if (options.list) listSchedules(options);
    else drawSchedule(readSchedule(command.args, options), options);
  });
}

function listSchedules({ json }: ScheduleCommandOptions): void {
  const types = scheduleTypes.map(({ type, options }) => ({ type, options }));
  const rows = types.map(({ type, options }) => [
    type,
    options.map(({ name, required }) => (required ? name : `[${name}]`)).join(' '),
  ]);
  printResult(types, formatTable(['schedule', 'options ([may be left out])'], rows), json);
}

function drawSchedule(spec: Spec, { steps, log = false, svg, results, json }: ScheduleCommandOptions): void {
  const { learningRate, momentum } = evaluate(spec, steps ?? defaultSteps(spec));
  if (log && learningRate.some((value) => value <= 0)) {
    throw new BenchError('usage', '--log can only draw values above 0; this schedule reaches 0.');
  }
  const path = svg ?? join(results, 'schedule', `${String(spec.type)}.svg`);
  const width = Math.min(Math.max(process.stdout.columns || 80, 40), 120);
  const rates = { title: 'learning rate', values: learningRate, width, height: 12, logarithmic: log };
  const text = [
    terminalChart(rates),
    ...(momentum ? [terminalChart({ title: 'momentum', values: momentum, width, height: 5 })] : []),
    `drawing: ${path}`,
  ];
  writeFileAtomically(path, drawing(String(spec.type), { learningRate, ...(momentum && { momentum }) }, log));
  const points = learningRate.map((rate, step) => ({
    step,
    learningRate: rate,
    ...(momentum && { momentum: momentum[step] }),
  }));
  printResult(points, text.join('\n\n'), json);
}

function drawing(name: string, { learningRate, momentum }: Curves, log: boolean): string {
  const chart = (
    title: string,
    yLabel: string,
    values: readonly number[],
    height: number,
    yScale: ScaleKind,
  ) =>
    lineChart({
      title,
      xLabel: 'updates done',
      yLabel,
      yScale,
      series: [{ name: '', points: values.map((value, step): Point => [step, value]) }],
      height,
    });
  return stackCharts([
    chart(name, 'learning rate', learningRate, 330, log ? 'log' : 'linear'),
    ...(momentum ? [chart('', 'momentum', momentum, 220, 'linear')] : []),
  ]);
}

/** The values of the first `count` updates. */
function evaluate(spec: Spec, count: number): Curves {
  const values = (schedule: Schedule) => Array.from({ length: count }, (_, step) => schedule(step));
  try {
    const { learningRate, momentum } = make(spec);
    return { learningRate: values(learningRate), ...(momentum && { momentum: values(momentum) }) };
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
    throw new BenchError('usage', cause.message, { cause });
  }
}

function make(spec: Spec): Pair {
  const isPair = scheduleTypes.some((one) => one.isPair && one.type === spec.type);
  if (isPair) return makePair((of) => fromSpec({ ...spec, of } as unknown as ScheduleSpec, allSpecs));
  const made: Schedule | Pair = fromSpec(spec as unknown as ScheduleSpec, allSpecs);
  return typeof made === 'function' ? { learningRate: made } : made;
}

function makePair(make: (of: keyof Pair) => Schedule): Pair {
  const learningRate = make('learningRate');
  try {
    return { learningRate, momentum: make('momentum') };
  } catch {
    // Nothing else is asked for than before: there is no momentum in this one.
    return { learningRate };
  }
}

/** The schedule's own length; where it has none, twice the largest whole number in its specification. */
function defaultSteps(spec: Spec): number {
  const length = scheduleTypes.find(({ type }) => type === spec.type)?.length;
  const own = length !== undefined && spec[length];
  const largest = largestCount(spec);
  if (isCount(own)) return own;
  return largest > 0 ? Math.min(2 * largest, longestByDefault) : stepsOfNoLength;
}

const stepsOfNoLength = 1_000;
const longestByDefault = 1_000_000;

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

function largestCount(value: unknown): number {
  if (typeof value !== 'object' || value === null) return isCount(value) ? value : 0;
  return Object.values(value).reduce((largest: number, inner) => Math.max(largest, largestCount(inner)), 0);
}
