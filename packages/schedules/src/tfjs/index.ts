export type { OptimizerLike } from './optimizer-setters.ts';
export {
  scheduleCallback,
  type ScheduleCallback,
  type ScheduleCallbackOptions,
} from './schedule-callback.ts';
