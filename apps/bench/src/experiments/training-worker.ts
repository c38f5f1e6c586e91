/** A process of the training pool: does one run after the other as it is told, until its parent disconnects. */
import { startEngine } from '../engine.ts';
import { explanationOf } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { Interrupted, interruptible, obeyParent } from '../interruption.ts';
import type { Progress } from '../progress.ts';
import { openExistingRun } from '../run-directory.ts';
import { loadData } from './data.ts';
import { trainConfigSchema } from './train-config.ts';
import { trainInDirectory } from './training-run.ts';
import type { MessageFromTrainer, MessageToTrainer } from './training-pool.ts';

const send = (message: MessageFromTrainer) => process.send?.(message);
const reportInterval = 500;

let lastReportAt = 0;
const progress: Progress = {
  update(text) {
    if (performance.now() - lastReportAt < reportInterval) return;
    lastReportAt = performance.now();
    send({ type: 'progress', text });
  },
  note(text) {
    send({ type: 'progress', text });
  },
  clear() {
    // The parent owns the line.
  },
};

obeyParent();
process.on('message', (message: MessageToTrainer) => {
  if (message.type === 'train') void answer(message);
});
// The parent decides when there is no more to do.
process.channel?.ref();

async function answer(task: Extract<MessageToTrainer, { type: 'train' }>): Promise<void> {
  try {
    await startEngine(progress);
    const directory = openExistingRun(task.results, task.experiment, task.run);
    const config = trainConfigSchema.parse(directory.record.config);
    const data = await loadData({ ...config, progress });
    const label = `${config.schedule} rate ${config.maxLearningRate} seed ${config.seed}`;
    await interruptible((signal) => trainInDirectory(directory, data, { progress, signal, label }));
    send({ type: 'trained' });
  } catch (error) {
    if (error instanceof Interrupted) process.exit(exitCodes.interrupted);
    const explanation = explanationOf(error);
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    send({ type: 'failed', reason: explanation ?? stack, isExplained: explanation !== undefined });
  }
}
