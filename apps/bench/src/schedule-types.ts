import { allSpecs } from '@superconvergence/schedules/schema';

/** A kind of schedule as its specification has it. */
export interface ScheduleType {
  readonly type: string;
  /** The specification is that of a rate or of a momentum, told apart by `of`. */
  readonly isPair: boolean;
  /** The option that is its whole length in updates. */
  readonly length: string | undefined;
  /** The names of what it is made from, those that must be given first. */
  readonly options: readonly { readonly name: string; readonly required: boolean }[];
}

const lengths = ['totalSteps', 'steps', 'numIterations'];

/** Every kind of schedule that there is, those of other libraries (`torch.…`) last. */
export const scheduleTypes: readonly ScheduleType[] = Object.entries(allSpecs).map(
  ([type, { properties }]) => {
    const options = Object.keys(properties)
      .filter((name) => name !== 'of')
      .map((name) => ({ name: name.replace('?', ''), required: !name.endsWith('?') }))
      .sort((a, b) => Number(b.required) - Number(a.required));
    // The steps of what is made of another schedule are something else.
    const length =
      'schedule' in properties ? undefined : lengths.find((one) => options.some(({ name }) => name === one));
    return { type, isPair: 'of' in properties, length, options };
  },
);

/** The same for every way to write a name: `one-cycle` and `oneCycle`, `--max-lr` and `maxLearningRate`. */
export function plainName(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase().replace('learningrate', 'lr');
}
