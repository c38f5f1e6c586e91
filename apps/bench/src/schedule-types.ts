import { scheduleSchema } from '@superconvergence/schedules/schema';
import { z } from 'zod';

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

const typeSchema = z.object({
  properties: z.record(z.string(), z.unknown()).and(z.object({ type: z.object({ const: z.string() }) })),
  required: z.array(z.string()),
});

/** Every kind of schedule that there is, those of other libraries (`torch.…`) last. */
export function scheduleTypes(): ScheduleType[] {
  const found = new Map<string, ScheduleType>();
  collect(scheduleSchema, found);
  return [...found.values()].sort((a, b) => Number(a.type.includes('.')) - Number(b.type.includes('.')));
}

/** Whatever part of the schema describes an object with a `type` of its own. */
function collect(part: unknown, found: Map<string, ScheduleType>): void {
  if (typeof part !== 'object' || part === null) return;
  const { success, data } = typeSchema.safeParse(part);
  if (success) {
    const { type } = data.properties;
    const names = Object.keys(data.properties).filter((name) => name !== 'type' && name !== 'of');
    const options = names.map((name) => ({ name, required: data.required.includes(name) }));
    options.sort((a, b) => Number(b.required) - Number(a.required));
    // The steps of what is made of another schedule are something else.
    const length = names.includes('schedule') ? undefined : lengths.find((name) => names.includes(name));
    found.set(type.const, { type: type.const, isPair: 'of' in data.properties, length, options });
  } else {
    for (const inner of Object.values(part)) collect(inner, found);
  }
}

/** The same for every way to write a name: `one-cycle` and `oneCycle`, `--max-lr` and `maxLearningRate`. */
export function plainName(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase().replace('learningrate', 'lr');
}
