import { median } from './peers/summary.ts';

/** A way to use the machine that is measured. */
export interface Candidate {
  /** Threads within one operation. */
  readonly intraOpThreads: number;
  /** Operations at a time. */
  readonly interOpThreads: number;
  readonly towers: number;
}

/** A candidate's timed rounds. */
export interface Measured {
  readonly candidate: Candidate;
  /** Seconds of a training step, of each round. */
  readonly roundSeconds: readonly number[];
}

/** What another use must gain over the default's median to be worth other rounding than the next machine's. */
const worthwhileGain = 1.03;

/**
 * What is measured on so many cores, the default first: all, half or one of the cores for an operation, as many, one or
 * two operations at a time, and the batch whole or in two towers where it can be halved.
 */
export function candidatesFor(cores: number, batchSize: number): Candidate[] {
  const distinct = (values: readonly number[]) => [...new Set(values)];
  const intra = distinct([cores, Math.max(1, Math.floor(cores / 2)), 1]);
  const inter = distinct([cores, 1, 2].filter((threads) => threads <= Math.max(2, cores)));
  return (batchSize % 2 === 0 ? [1, 2] : [1]).flatMap((towers) =>
    intra.flatMap((intraOpThreads) =>
      inter.map((interOpThreads) => ({ intraOpThreads, interOpThreads, towers })),
    ),
  );
}

/**
 * The fastest of those that beat the default, the first of `measured`, beyond doubt: in the median by more than 3 %, and
 * in the slowest round still faster than the default's median. Else the default.
 *
 * @param allowTowers more than one tower changes what batch norm computes, so it is chosen only where that is wanted
 */
export function chooseUse(measured: readonly Measured[], { allowTowers = false } = {}): Measured {
  const [first, ...others] = measured;
  if (!first) throw new RangeError('there is nothing to choose from');
  const medianOf = ({ roundSeconds }: Measured) => median(roundSeconds);
  const usual = medianOf(first);
  return others
    .filter(({ candidate }) => allowTowers || candidate.towers === 1)
    .filter((each) => usual / medianOf(each) > worthwhileGain && Math.max(...each.roundSeconds) < usual)
    .reduce((best, each) => (medianOf(each) < medianOf(best) ? each : best), first);
}

/** `2 threads × 1 operation, 1 tower`: threads within an operation, and operations at a time. */
export function describeUse({ intraOpThreads, interOpThreads, towers }: Candidate): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  return `${count(intraOpThreads, 'thread')} × ${count(interOpThreads, 'operation')}, ${count(towers, 'tower')}`;
}
