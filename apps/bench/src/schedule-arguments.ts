import { readFileSync } from 'node:fs';
import { BenchError } from './errors.ts';
import { plainName, scheduleTypes, type ScheduleType } from './schedule-types.ts';

/** A specification whose values nobody has looked at yet. */
export type Spec = Readonly<Record<string, unknown>>;

/** The options of `bench schedule` that say which schedule it is. */
interface SpecOptions {
  readonly set?: readonly string[];
  readonly spec?: string;
  readonly steps?: number;
}

/**
 * The specification that the arguments of `bench schedule` stand for: a name followed by options of the schedule.
 *
 * @throws BenchError where a name is unknown, or an option that must be given is missing
 */
export function readSchedule(args: readonly string[], { spec, set = [], steps }: SpecOptions): Spec {
  const [name, ...rest] = args;
  if (spec !== undefined) {
    if (args.length > 0 || set.length > 0)
      usage('--spec has the whole schedule: give neither a name nor options of it.');
    return readSpecFile(spec);
  }
  if (name === undefined || name.startsWith('-')) {
    return usage('Name the schedule first (bench schedule --list has the names), or give --spec FILE.');
  }
  const type = findType(name);
  const given = [...pairsOf(rest), ...set.map(splitPair)].map(([option, text]) => [
    findOption(type, option),
    parse(text),
  ]);
  const options = Object.fromEntries(given) as Spec;
  // --steps stands for the length, where that is not given.
  const whole =
    steps !== undefined && type.length !== undefined ? { [type.length]: steps, ...options } : options;
  const missing = type.options.filter((option) => option.required && !(option.name in whole));
  if (missing.length > 0) {
    usage(`${type.type} needs ${missing.map((option) => flag(option.name)).join(', ')}.`);
  }
  return { type: type.type, ...whole };
}

function readSpecFile(path: string): Spec {
  const where = path === '-' ? 'standard input' : path;
  try {
    const spec: unknown = JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8'));
    if (typeof spec === 'object' && spec !== null) return spec as Spec;
  } catch (cause) {
    throw new BenchError('usage', `Can't read --spec from ${where}: ${String(cause)}`, { cause });
  }
  return usage(`--spec needs a JSON object; ${where} has something else.`);
}

function findType(name: string): ScheduleType {
  const found = scheduleTypes.find(({ type }) => plainName(type) === plainName(name));
  const names = scheduleTypes.map(({ type }) => type);
  return found ?? usage(`There is no schedule ${name}. There are: ${names.join(', ')}.`);
}

function findOption({ type, options }: ScheduleType, given: string): string {
  const found = options.find(({ name }) => plainName(name) === plainName(given));
  const known = options.map(({ name }) => flag(name)).join(', ');
  return found?.name ?? usage(`unknown option '${flag(given)}'. ${type} takes ${known}.`);
}

/** `maxLearningRate` as it is written on the command line. */
function flag(name: string): string {
  return `--${name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, '-$&').toLowerCase()}`;
}

/** `--a 1 --b=2 --c` as [a, 1], [b, 2], [c, true]. */
function pairsOf(args: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!arg.startsWith('--')) usage(`${arg} follows no option.`);
    const next = args[i + 1];
    if (arg.includes('=')) pairs.push(splitPair(arg.slice(2)));
    else if (next === undefined || next.startsWith('--')) pairs.push([arg.slice(2), 'true']);
    else {
      pairs.push([arg.slice(2), next]);
      i++;
    }
  }
  return pairs;
}

function splitPair(text: string): [string, string] {
  const at = text.indexOf('=');
  return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : usage(`--set needs OPTION=VALUE, got ${text}.`);
}

/** Numbers, lists and the like as JSON; anything else is a text. */
function parse(text: string): unknown {
  const number = text.trim() === '' ? NaN : Number(text);
  if (!Number.isNaN(number)) return number;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function usage(message: string): never {
  throw new BenchError('usage', message);
}
