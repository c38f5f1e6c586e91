import { createModel, modelNames, modelVariant, summarise, type ModelName } from '@superconvergence/models';
import type { Command } from 'commander';
import { startEngine } from '../engine.ts';
import { printResult, formatTable } from '../output.ts';
import { createProgress } from '../progress.ts';

export function addModelsCommand(program: Command): void {
  program
    .command('models')
    .description(
      'list the networks with their parameters and multiply-accumulates, counted on the built networks',
    )
    .option('--json', 'the last line of standard output is the result as JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const progress = createProgress();
      await startEngine(progress);
      const models = modelNames.map((name) => {
        progress.update(`counting ${name}`);
        return describeModel(name);
      });
      progress.clear();
      const rows = models.map(({ name, parameters, multiplyAccumulates, source }) => [
        name,
        parameters.toLocaleString('en'),
        `${(multiplyAccumulates / 1e6).toFixed(0)} M`,
        source,
      ]);
      printResult(models, formatTable(['network', 'parameters', 'MACs', 'source'], rows), json);
    });
}

function describeModel(name: ModelName) {
  const model = createModel(name);
  const { parameters, multiplyAccumulates } = summarise(model);
  model.dispose();
  return { name, parameters, multiplyAccumulates, source: modelVariant(name).source };
}
