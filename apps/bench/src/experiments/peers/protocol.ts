import { z } from 'zod';

const readySchema = z.object({
  event: z.literal('ready'),
  /** Building the network and its first step, without starting the process and importing the framework. */
  secondsFirstStep: z.number(),
  /** Before the first update; `null` where it is no number. */
  loss: z.number().nullable(),
  /** Trainable ones. */
  parameters: z.int(),
  versions: z.record(z.string(), z.string()),
  /** What was chosen for this contender, in words. */
  settings: z.string(),
});

const roundSchema = z.object({
  event: z.literal('round'),
  steps: z.int().positive(),
  seconds: z.number().positive(),
  /** Processor time that the contender used meanwhile. */
  cpuSeconds: z.number(),
  /** Before the round's last update. */
  loss: z.number().nullable(),
});

const doneSchema = z.object({
  event: z.literal('done'),
  /** Most memory that the process ever held, tracing and compiling included. */
  peakRssBytes: z.int().positive(),
});

const eventSchema = z.discriminatedUnion('event', [readySchema, roundSchema, doneSchema]);

/** Once, after a contender's first training step. */
export type ReadyEvent = z.infer<typeof readySchema>;
/** The answer to `{ run: seconds }`. */
export type RoundEvent = z.infer<typeof roundSchema>;
/** The answer to `{ quit: true }`. */
export type DoneEvent = z.infer<typeof doneSchema>;
/** What a contender says on its standard output, a line each. */
export type ContenderEvent = z.infer<typeof eventSchema>;

/**
 * What a contender is told on its standard input, a line each. `run` does whole training steps, at least one, until
 * that many seconds are over.
 */
export type ContenderRequest = { readonly run: number } | { readonly quit: true };

/** Reads one line of a contender. Python writes a loss that is no number as `NaN`, which JSON does not have. */
export function parseEvent(line: string): ContenderEvent {
  return eventSchema.parse(JSON.parse(line.replace(/(?<="loss": )-?(?:NaN|Infinity)/, 'null')));
}

/** The rate of step `step`, 0-based: another one each time, as a schedule has it; the first shows in the second loss. */
export function learningRateOf(step: number): number {
  return step === 0 ? 0.02 : 0.001 * (1 + (step % 10) / 10);
}
