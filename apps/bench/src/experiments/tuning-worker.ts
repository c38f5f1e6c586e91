/** A process of `bench tune`: trains one model in one way, for as long as it is told, until its parent disconnects. */
import { createModel } from '@superconvergence/models';
import { startEngine } from '../engine.ts';
import { explanationOf } from '../errors.ts';
import { obeyParent } from '../interruption.ts';
import { createProgress } from '../progress.ts';
import { createWorkload, type Workload } from './timing.ts';
import type { MessageFromTuner, MessageToTuner, TunerTask } from './tuner-process.ts';

/** The first one records the graph, the second runs TensorFlow's own first-time work. */
const warmUpIterations = 2;

const send = (message: MessageFromTuner) => process.send?.(message);

obeyParent();
try {
  const workload = await start(JSON.parse(process.argv[2] ?? '') as TunerTask);
  process.on('message', (message: MessageToTuner) => {
    if (message.type === 'measure') void answer(() => measure(workload, message.seconds));
  });
  // The parent decides when there is no more to do.
  process.channel?.ref();
} catch (error) {
  fail(error);
}

async function start({ model, batchSize, use }: TunerTask): Promise<Workload> {
  const engine = await startEngine(createProgress(), use);
  const workload = createWorkload(createModel(model), { batchSize, mode: 'update', compile: true, engine });
  for (let i = 0; i < warmUpIterations; i++) await workload.iterate();
  send({ type: 'ready', engine, peakRssBytes: process.resourceUsage().maxRSS * 1024 });
  return workload;
}

async function measure({ iterate }: Workload, seconds: number): Promise<void> {
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  let steps = 0;
  do {
    await iterate();
    steps += 1;
  } while (elapsed() < seconds);
  send({ type: 'round', steps, seconds: elapsed() });
}

async function answer(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  const explanation = explanationOf(error);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  send({ type: 'failed', reason: explanation ?? stack, isExplained: explanation !== undefined });
}
