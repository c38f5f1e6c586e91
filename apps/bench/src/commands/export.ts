import { join } from 'node:path';
import { exportPytorchWeights, pytorchFormats, type PytorchFormat } from '@superconvergence/models';
import { encodeSafeTensors } from '@superconvergence/safetensors';
import * as tf from '@tensorflow/tfjs';
import { Option, type Command } from 'commander';
import { startEngine } from '../engine.ts';
import { BenchError } from '../errors.ts';
import { loadTrainedModel, type TrainedModelDescription } from '../experiments/trained-model.ts';
import { writeFileAtomically } from '../files.ts';
import { addCommonOptions, runName, type CommonOptions } from '../options.ts';
import { printResult } from '../output.ts';
import { createProgress, formatBytes } from '../progress.ts';
import { openExistingRun } from '../run-directory.ts';

interface ExportCommandOptions extends CommonOptions {
  readonly to?: string;
  readonly format: 'tfjs' | PytorchFormat;
}

export function addExportCommand(program: Command): void {
  const command = program
    .command('export')
    .description('write the network of a finished run of bench train, for tfjs or PyTorch')
    .argument('<run>', 'name of the run', runName)
    .option('--to <folder>', 'where to (default: a folder of the format in that of the run)')
    .addOption(
      new Option('--format <name>', 'tfjs: model.json and weights.bin; else safetensors with these names')
        .choices(['tfjs', ...pytorchFormats])
        .default('tfjs'),
    );
  addCommonOptions(command).action(runExport);
}

async function runExport(run: string, { results, to, format, json }: ExportCommandOptions): Promise<void> {
  const directory = openExistingRun(results, 'train', run);
  const progress = createProgress();
  await startEngine(progress);
  const { model, description } = loadTrainedModel(directory);
  const folder = to ?? join(directory.path, format);
  try {
    const files =
      format === 'tfjs'
        ? await filesForTfjs(model, description)
        : await filesForPytorch(model, description, format);
    for (const [name, content] of Object.entries(files)) writeFileAtomically(join(folder, name), content);
    progress.clear();
    const paths = Object.keys(files).map((name) => join(folder, name));
    const sizes = Object.values(files).map((content) => formatBytes(content.length));
    const lines = paths.map((path, i) => `${path}  ${sizes[i] ?? ''}`);
    printResult({ run, model: description.model, format, files: paths }, lines.join('\n'), json);
  } finally {
    model.dispose();
  }
}

/** What `tf.loadLayersModel` reads; class names and preprocessing are its user-defined metadata. */
async function filesForTfjs(
  model: tf.LayersModel,
  description: TrainedModelDescription,
): Promise<Record<string, string | Uint8Array>> {
  model.setUserDefinedMetadata(description);
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler((saved) => {
      artifacts = saved;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
    }),
  );
  const { weightData, weightSpecs = [], ...rest } = artifacts;
  const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
  return { 'model.json': JSON.stringify({ ...rest, weightsManifest }), 'weights.bin': weights };
}

/** What `safetensors.torch.load_file` reads. */
async function filesForPytorch(
  model: tf.LayersModel,
  { model: name, ...description }: TrainedModelDescription,
  format: PytorchFormat,
): Promise<Record<string, Uint8Array>> {
  try {
    const tensors = await exportPytorchWeights(model, { format });
    const metadata = { format: 'pt', description: JSON.stringify({ model: name, ...description }) };
    return { 'model.safetensors': encodeSafeTensors({ tensors, metadata }) };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new BenchError('usage', `${name} can't be written as ${format}: ${cause.message}`, { cause });
  }
}
