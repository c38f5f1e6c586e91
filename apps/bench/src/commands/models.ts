import {
  createModel,
  modelNames,
  modelVariant,
  summarise,
  type LayerSummary,
  type ModelName,
} from '@superconvergence/models';
import type { Command } from 'commander';
import { startEngine } from '../engine.ts';
import { modelName } from '../experiments/model-name.ts';
import { printResult, formatTable } from '../output.ts';
import { createProgress } from '../progress.ts';

export function addModelsCommand(program: Command): void {
  program
    .command('models')
    .description(
      'list the networks with their parameters and multiply-accumulates, counted on the built networks',
    )
    .argument('[name]', 'one network, layer by layer (also a wrn-d-k that is not in the list)', modelName)
    .option('--json', 'the last line of standard output is the result as JSON', false)
    .action(async (name: ModelName | undefined, { json }: { json: boolean }) => {
      const progress = createProgress();
      await startEngine(progress);
      if (name === undefined) {
        const models = modelNames.map((listed) => {
          progress.update(`counting ${listed}`);
          return describeModel(listed).model;
        });
        progress.clear();
        printResult(models, listModels(models), json);
      } else {
        const { model, layers } = describeModel(name);
        progress.clear();
        printResult({ ...model, layers }, listLayers(model, layers), json);
      }
    });
}

function describeModel(name: ModelName) {
  const network = createModel(name);
  const { parameters, multiplyAccumulates, layers } = summarise(network);
  network.dispose();
  return { model: { name, parameters, multiplyAccumulates, source: modelVariant(name).source }, layers };
}

type Description = ReturnType<typeof describeModel>['model'];

function listModels(models: readonly Description[]): string {
  const rows = models.map(({ name, parameters, multiplyAccumulates, source }) => [
    name,
    parameters.toLocaleString('en'),
    `${(multiplyAccumulates / 1e6).toFixed(0)} M`,
    source,
  ]);
  return formatTable(['network', 'parameters', 'MACs', 'source'], rows);
}

function listLayers(
  { parameters, multiplyAccumulates, source }: Description,
  layers: readonly LayerSummary[],
): string {
  const rows = layers.map((layer) => [
    layer.name,
    layer.type,
    layer.outputShape.slice(1).join('×'),
    layer.parameters === 0 ? '' : layer.parameters.toLocaleString('en'),
    layer.multiplyAccumulates === 0 ? '' : layer.multiplyAccumulates.toLocaleString('en'),
  ]);
  const total = ['in all', '', '', parameters.toLocaleString('en'), multiplyAccumulates.toLocaleString('en')];
  return `${formatTable(['layer', 'type', 'output', 'parameters', 'MACs'], [...rows, total])}\n${source}`;
}
