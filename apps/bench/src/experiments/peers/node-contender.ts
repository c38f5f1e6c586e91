/** A contender of `bench peers` in Node, a process of its own; it speaks the lines of protocol.ts. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { startEngine, type EngineSummary } from '../../engine.ts';
import { explanationOf } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';
import { createProgress } from '../../progress.ts';
import { modelName } from '../model-name.ts';
import { nodeKinds } from './contenders.ts';
import { createStep, type NodeStep } from './create-step.ts';
import { createMatmulStep } from './matmul-peak.ts';
import { learningRateOf, type ContenderEvent, type ContenderRequest, type RoundEvent } from './protocol.ts';
import { readStartFile } from './start-file.ts';

try {
  await serve();
} catch (error) {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${explanationOf(error) ?? stack}\n`);
  process.exitCode = exitCodes.failure;
}

async function serve(): Promise<void> {
  const engine = await startEngine(createProgress());
  if (!engine.native) throw new Error('there is no native TensorFlow to compare with');
  const begunAt = performance.now();
  const { step, parameters, settings } = await build();
  const loss = await step(learningRateOf(0));
  answer({
    event: 'ready',
    secondsFirstStep: secondsSince(begunAt),
    loss,
    parameters,
    versions: versionsOf(engine),
    settings: `${settings}, ${engine.threads} threads`,
  });
  let done = 1;
  for await (const line of createInterface(process.stdin)) {
    const request = JSON.parse(line) as ContenderRequest;
    if ('quit' in request) {
      answer({ event: 'done', peakRssBytes: peakRssBytes() });
      process.stdin.destroy();
      return;
    }
    const round = await runRound(step, done, request.run);
    done += round.steps;
    answer(round);
  }
}

async function build(): Promise<NodeStep> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { model: { type: 'string' }, start: { type: 'string' }, threads: { type: 'string' } },
  });
  if (positionals[0] === 'matmul') return createMatmulStep();
  const kind = nodeKinds.find((name) => name === positionals[0]);
  if (kind === undefined) throw new RangeError(`there is no contender ${positionals[0] ?? ''} in Node`);
  return createStep(kind, modelName(values.model ?? ''), readStartFile(values.start ?? ''));
}

async function runRound(step: NodeStep['step'], done: number, seconds: number): Promise<RoundEvent> {
  const begunAt = performance.now();
  const cpuBegun = process.cpuUsage();
  let steps = 0;
  let loss: number;
  do {
    loss = await step(learningRateOf(done + steps));
    steps += 1;
  } while (secondsSince(begunAt) < seconds);
  const elapsed = secondsSince(begunAt);
  const { user, system } = process.cpuUsage(cpuBegun);
  return { event: 'round', steps, seconds: elapsed, cpuSeconds: (user + system) / 1e6, loss };
}

function answer(event: ContenderEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function secondsSince(begunAt: number): number {
  return (performance.now() - begunAt) / 1000;
}

function versionsOf({ tensorflow }: EngineSummary): Record<string, string> {
  return { tfjs: tf.version.tfjs, tensorflow, node: process.version };
}

/** Linux counts what the parent held at the fork into its maximum, so VmHWM where there is one. */
function peakRssBytes(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
