import type { Command } from 'commander';
import { printResult } from '../output.ts';
import { writeReport } from '../report/write-report.ts';

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('write the HTML report anew, from the logs alone')
    .argument('[folder]', 'where the results are', 'results')
    .option('--json', 'the last line of standard output is the result as JSON', false)
    .action((folder: string, { json }: { json: boolean }) => {
      const report = writeReport(folder);
      printResult({ report }, `report: ${report}`, json);
    });
}
