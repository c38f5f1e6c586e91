import { preprocessingNames } from '@superconvergence/cifar';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { dataNames } from './experiments/data.ts';
import { ownDataForms } from './experiments/own-data.ts';

/** Options that every command with results has. */
export interface CommonOptions {
  readonly results: string;
  readonly json: boolean;
}

export function addCommonOptions(command: Command): Command {
  return command
    .option('--results <folder>', 'where results are kept', 'results')
    .option('--json', 'the last line of standard output is the result as JSON', false);
}

/** The option of every command that trains. */
export function addCompileOption(command: Command): Command {
  return command.option('--no-compile', 'one operation after the other instead of each step as one graph');
}

/** The options of every command that is told what to train on. */
export function addDataOptions(command: Command): Command {
  return command
    .option('--data <name>', `${dataNames.join(', ')}; or ${ownDataForms}`, 'cifar-10')
    .option('--image-size <n>', 'bring the pictures of a folder to n × n pixels', positiveInteger)
    .addOption(
      new Option(
        '--preprocessing <name>',
        'channels: mean 0, variance 1; mean-image: 0 to 255 minus the mean image; unit: 0 to 1; lenet: divided by 256',
      )
        .choices(preprocessingNames)
        .default('channels'),
    );
}

export function positiveInteger(text: string): number {
  return parseNumber(
    text,
    'a whole number of at least 1',
    (value) => Number.isSafeInteger(value) && value >= 1,
  );
}

export function nonNegativeInteger(text: string): number {
  return parseNumber(
    text,
    'a whole number of at least 0',
    (value) => Number.isSafeInteger(value) && value >= 0,
  );
}

export function positiveNumber(text: string): number {
  return parseNumber(text, 'a number greater than 0', (value) => value > 0 && value < Infinity);
}

export function nonNegativeNumber(text: string): number {
  return parseNumber(text, 'a number of at least 0', (value) => value >= 0 && value < Infinity);
}

export function share(text: string): number {
  return parseNumber(text, 'a number from 0 to 1', (value) => value >= 0 && value <= 1);
}

/** A momentum: 1 itself would never forget. */
export function belowOne(text: string): number {
  return parseNumber(text, 'a number from 0 to less than 1', (value) => value >= 0 && value < 1);
}

/** A name that is one folder, nothing else. */
export function runName(text: string): string {
  if (!/^[\w][\w.-]*$/.test(text)) {
    throw new InvalidArgumentError('A run is named with letters, digits, dots, dashes and underscores.');
  }
  return text;
}

function parseNumber(text: string, allowed: string, isAllowed: (value: number) => boolean): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!isAllowed(value)) throw new InvalidArgumentError(`It must be ${allowed}.`);
  return value;
}
