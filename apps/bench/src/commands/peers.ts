import { modelVariant, type ModelName } from '@superconvergence/models';
import { InvalidArgumentError, type Command } from 'commander';
import { startEngine, type EngineSummary } from '../engine.ts';
import { modelNameList } from '../experiments/model-name.ts';
import { comparePeers, type PeersContext } from '../experiments/peers/compare-peers.ts';
import { contenderNames, needPython, type ContenderName } from '../experiments/peers/contenders.ts';
import {
  peersMarkdown,
  splitAtMarks,
  writeGeneratedPart,
  type Machine,
} from '../experiments/peers/markdown.ts';
import { preparePython } from '../experiments/peers/python-environment.ts';
import type { PeersResult } from '../experiments/peers/summary.ts';
import { describeRounds, describeWorkload, peersTable, versionsOf } from '../experiments/peers/table.ts';
import { interruptible } from '../interruption.ts';
import { addCommonOptions, positiveInteger, positiveNumber, type CommonOptions } from '../options.ts';
import { formatTable, printResult } from '../output.ts';
import { createProgress } from '../progress.ts';
import { describeHardware, openRun } from '../run-directory.ts';

interface PeersCommandOptions extends CommonOptions {
  readonly models: readonly ModelName[];
  readonly contenders: readonly ContenderName[];
  readonly batch?: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly write?: string;
}

export function addPeersCommand(program: Command): void {
  const command = program
    .command('peers')
    .description(
      'the same training step in PyTorch, TensorFlow, tfjs-node and here, on the CPU, side by side',
    )
    .option(
      '--models <names>',
      'networks, separated by commas: resnet-N or wrn-D-K',
      comparableModels,
      comparableModels('resnet-20,resnet-56,wrn-16-10'),
    )
    .option('--contenders <names>', `separated by commas, of ${contenderNames.join(', ')}`, contenderList, [
      ...contenderNames,
    ])
    .option('--batch <n>', 'images a step (default: 64 for wrn, else 128)', positiveInteger)
    .option('--rounds <n>', 'timed rounds, after an untimed one', positiveInteger, 5)
    .option('--seconds <n>', 'how long a round lasts at least, for each contender', positiveNumber, 5)
    .option(
      '--write <file>',
      'put the tables between the marks of a Markdown file, as docs/benchmarks.md has them',
    );
  addCommonOptions(command).action(runPeers);
}

async function runPeers(options: PeersCommandOptions): Promise<void> {
  if (options.write !== undefined) splitAtMarks(options.write);
  // Contenders inherit it: everything is compared on the processor.
  process.env.SUPERCONVERGENCE_DEVICE = 'cpu';
  process.env.CUDA_VISIBLE_DEVICES = '-1';
  const progress = createProgress();
  const results = await interruptible(async (signal) => {
    const python = needPython(options.contenders) ? await preparePython(progress, signal) : '';
    const engine = await startEngine(progress);
    return compareModels(options, engine, { python, progress, signal });
  });
  if (options.write !== undefined) {
    writeGeneratedPart(
      options.write,
      peersMarkdown(results, describeHardware() as unknown as Machine, new Date()),
    );
  }
  printResult({ results }, describePeers(results), options.json);
}

async function compareModels(
  options: PeersCommandOptions,
  engine: EngineSummary,
  context: PeersContext,
): Promise<PeersResult[]> {
  const results: PeersResult[] = [];
  for (const model of options.models) {
    const config = {
      model,
      batchSize: options.batch ?? defaultBatchSize(model),
      contenders: options.contenders,
      rounds: options.rounds,
      secondsPerRound: options.seconds,
    };
    const run = { results: options.results, experiment: 'peers', config: { ...config }, engine };
    results.push(await comparePeers(openRun(run, { fresh: true }), config, context));
  }
  return results;
}

/** For wide networks that of domluna/SuperConvergence, which all contenders fit into memory with. */
function defaultBatchSize(model: ModelName): number {
  return modelVariant(model).family === 'wide-resnet' ? 64 : 128;
}

function describePeers(results: readonly PeersResult[]): string {
  const versions = Object.entries(versionsOf(results)).map(([name, version]) => `${name} ${version}`);
  const tables = results.map((result) => {
    const { head, rows, notes } = peersTable(result);
    return [describeWorkload(result), formatTable(head, rows), ...notes, describeRounds(result)].join('\n');
  });
  return [...tables, versions.join(', ')].join('\n\n');
}

/** Networks that apps/bench/peers can build as well. */
function comparableModels(text: string): ModelName[] {
  const names = modelNameList(text);
  for (const name of names) {
    const { family } = modelVariant(name);
    if (family !== 'superconvergence-resnet' && family !== 'wide-resnet') {
      throw new InvalidArgumentError(
        `${name} is not written for PyTorch and TensorFlow; resnet-N and wrn-D-K are.`,
      );
    }
  }
  return names;
}

function contenderList(text: string): ContenderName[] {
  return text.split(',').map((item) => {
    const found = contenderNames.find((name) => name === item.trim());
    if (found) return found;
    throw new InvalidArgumentError(`There is no ${item.trim()}; there are ${contenderNames.join(', ')}.`);
  });
}
