import { requireCount, requireFunction, requirePositive, requireThat, requireWithin } from '../checks.ts';
import { fromZeroOn, type Evaluate } from '../define-schedule.ts';
import type { Schedule } from '../schedule.ts';

/** fastai's own kind of schedule: a function of the position in the run, from 0 to 1. */
export type PositionFunction = (position: number) => number;

/** Options of {@link paramScheduler}. */
export type ParamSchedulerOptions = {
  readonly sched: PositionFunction;
  /** Updates in the whole run: epochs times batches; an integer of at least 1. */
  readonly totalSteps: number;
};

/**
 * A straight line: start + pos·(end − start).
 *
 * @see fastai 2.8.12, `SchedLin`.
 */
export function schedLin(start: number, end: number): PositionFunction {
  return (pos) => start + pos * (end - start);
}

/**
 * Half a cosine: start + (1 + cos(π(1 − pos)))·(end − start) / 2.
 *
 * @example
 * schedCos(1, 3)(0.5); // 2
 * @see fastai 2.8.12, `SchedCos`.
 */
export function schedCos(start: number, end: number): PositionFunction {
  return (pos) => start + ((1 + Math.cos(Math.PI * (1 - pos))) * (end - start)) / 2;
}

/**
 * Always `start`.
 *
 * @see fastai 2.8.12, `SchedNo`.
 */
export function schedNo(start: number): PositionFunction {
  return () => start;
}

/**
 * A straight line on a logarithmic axis: start·(end / start)^pos.
 *
 * @throws RangeError unless both ends are greater than 0.
 * @see fastai 2.8.12, `SchedExp`.
 */
export function schedExp(start: number, end: number): PositionFunction {
  const ratio = requirePositive('schedExp: end', end) / requirePositive('schedExp: start', start);
  return (pos) => start * ratio ** pos;
}

/**
 * Along a power: start + (end − start)·pos^power.
 *
 * @see fastai 2.8.12, `SchedPoly`.
 */
export function schedPoly(start: number, end: number, power: number): PositionFunction {
  return (pos) => start + (end - start) * pos ** power;
}

/**
 * One function after the other: `scheds[i]` takes the part `pcts[i]` of the run, and sees positions from 0 to 1.
 *
 * fastai keeps the positions where the parts begin in float32, and so does this: a part may begin up to 3e-8 beside
 * the sum of `pcts`. fastai asserts a sum of exactly 1, which ten times 0.1 is in Python 3.12 but not in 3.11; here
 * 1e-6 beside it will do.
 *
 * @example
 * combineScheds([0.25, 0.75], [schedLin(0, 1), schedLin(1, 0)])(0.25); // 1
 * @throws RangeError unless there are as many parts as functions, none negative, with a sum of 1.
 * @see fastai 2.8.12, `combine_scheds`.
 */
export function combineScheds(
  pcts: readonly number[],
  scheds: readonly PositionFunction[],
): PositionFunction {
  requireThat(pcts.length === scheds.length, 'combineScheds: pcts', pcts, 'one for each of scheds');
  const begins = [0];
  let sum = 0;
  for (const [index, pct] of pcts.entries()) {
    // PyTorch adds up float32 numbers in float64.
    sum += Math.fround(requireWithin(`combineScheds: pcts[${index}]`, pct));
    begins.push(Math.fround(sum));
  }
  requireThat(Math.abs(sum - 1) < 1e-6, 'combineScheds: sum of pcts', sum, '1');

  return (pos) => {
    const rounded = Math.fround(pos);
    let index = scheds.length - 1;
    while (index > 0 && rounded < (begins[index] ?? 0)) index--;
    const begin = begins[index] ?? 0;
    const share = Math.fround((begins[index + 1] ?? 1) - begin);
    // A last part of no length has no position in it but its end.
    const local = share > 0 ? Math.fround(Math.fround(rounded - begin) / share) : 1;
    return scheds[index]?.(Math.min(local, 1)) ?? 0;
  };
}

/**
 * A {@link Schedule} from a function of the position: step n of `totalSteps` is at n / totalSteps.
 *
 * So the last update is at 1 − 1 / totalSteps, and what `sched` has at 1 is held after the run only. JSON has no
 * functions: the result has no `spec`.
 *
 * @example
 * paramScheduler({ sched: schedLin(1, 0), totalSteps: 4 })(3); // 0.25
 * @throws TypeError if `sched` is no function; RangeError if `totalSteps` is out of range, or at a step where `sched` is negative or no finite number.
 * @see fastai 2.8.12, `ParamScheduler`.
 */
export function paramScheduler({ sched, totalSteps }: ParamSchedulerOptions): Schedule {
  requireFunction('paramScheduler: sched', sched);
  requireCount('paramScheduler: totalSteps', totalSteps);
  const evaluate = atSteps(sched, totalSteps);
  return fromZeroOn(
    () => {
      throw new TypeError('paramScheduler: a function has no specification');
    },
    (step) => requireWithin('paramScheduler: value of sched', evaluate(step)),
  );
}

/** fastai adds up 1 / totalSteps instead, with the rounding of a sum. */
export function atSteps(sched: PositionFunction, totalSteps: number): Evaluate {
  return (step) => sched(Math.min(step / totalSteps, 1));
}
