import { createSchedule, type Schedule, type ScheduleSpec } from '../schedule.ts';
import { requireSchedule } from './require-schedule.ts';

/** Makes a schedule of one other: `evaluate` uses it, and `rest` is the specification but for it. */
export function combine<Spec extends ScheduleSpec & { readonly schedule: ScheduleSpec }>(
  schedule: Schedule,
  rest: Omit<Spec, 'schedule'> & { readonly type: string },
  evaluate: (step: number) => number,
): Schedule {
  requireSchedule(`${rest.type}: schedule`, schedule);
  return createSchedule(() => ({ ...rest, schedule: schedule.spec }) as unknown as Spec, evaluate);
}
