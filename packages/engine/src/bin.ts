#!/usr/bin/env node
import { parseArgs } from 'node:util';
import type { DeviceChoice } from './device.ts';
import { describeEngine } from './describe.ts';
import { doctor } from './doctor.ts';
import { EngineError } from './errors.ts';
import { installEngine } from './install.ts';
import { linkEngine } from './link.ts';
import { loadEngine } from './load.ts';

const usage = `superconvergence-engine COMMAND [OPTIONS]

  install    fetch TensorFlow and compile its binding into the cache
  link       put the binding into this project's tfjs-node-gpu, for code that imports that package itself
  describe   what is loaded: TensorFlow, device, threads, instruction sets
  doctor     what is wrong, and what mends it

  --device cpu|gpu|auto   default: SUPERCONVERGENCE_DEVICE, else gpu where an NVIDIA driver is present
  --cache-dir DIR         default: engine below SUPERCONVERGENCE_CACHE or the system's cache folder
  --cuda, --no-cuda       with gpu: fetch NVIDIA's libraries or not; default: where an NVIDIA driver is present
  --offline               never use the network
  --force                 install anew
  --json                  describe, doctor: one JSON value on standard output
  --help

Exit status: 0 done, 1 failed (doctor: something is wrong), 2 wrong usage.
`;

const commands = ['install', 'link', 'describe', 'doctor'] as const;

class UsageError extends Error {}

async function main(args: string[]): Promise<number> {
  const { command, json, options, help } = parse(args);
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  switch (command) {
    case 'install':
      print((await installEngine(options)).folder);
      return 0;
    case 'link':
      print(await linkEngine(options));
      return 0;
    case 'describe': {
      await loadEngine({ ...options, fallback: 'error' });
      const description = describeEngine();
      print(json ? JSON.stringify(description) : JSON.stringify(description, undefined, 2));
      return 0;
    }
    case 'doctor': {
      const checks = await doctor(options);
      if (json) print(JSON.stringify(checks));
      else
        for (const { name, ok, detail, remedy } of checks) {
          print(
            `${ok ? 'ok    ' : 'WRONG '} ${name.padEnd(16)} ${detail}${remedy === undefined ? '' : `\n       ${remedy}`}`,
          );
        }
      return checks.every(({ ok }) => ok) ? 0 : 1;
    }
  }
}

function parse(args: string[]): {
  command: (typeof commands)[number];
  json: boolean;
  help: boolean;
  options: { device?: DeviceChoice; cacheDir?: string; offline?: boolean; cuda?: boolean; force?: boolean };
} {
  const { values, positionals } = parseOrThrow(args);
  const [name, ...rest] = positionals;
  const command = commands.find((command) => command === name);
  const help = values.help ?? false;
  if (command === undefined && !help) {
    throw new UsageError(name === undefined ? 'A command is missing.' : `There is no command '${name}'.`);
  }
  if (rest[0] !== undefined) throw new UsageError(`'${rest[0]}' is one word too many.`);
  const device = values.device;
  if (device !== undefined && device !== 'cpu' && device !== 'gpu' && device !== 'auto') {
    throw new UsageError(`--device is '${device}'; it must be cpu, gpu or auto.`);
  }
  return {
    command: command ?? 'doctor',
    json: values.json ?? false,
    help,
    options: {
      device,
      cacheDir: values['cache-dir'],
      offline: values.offline,
      force: values.force,
      cuda: values['no-cuda'] === true ? false : values.cuda,
    },
  };
}

function parseOrThrow(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        device: { type: 'string' },
        'cache-dir': { type: 'string' },
        cuda: { type: 'boolean' },
        'no-cuda': { type: 'boolean' },
        offline: { type: 'boolean' },
        force: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError || error instanceof RangeError) {
    process.stderr.write(`superconvergence-engine: ${error.message}\n\n${usage}`);
    process.exitCode = 2;
  } else if (error instanceof EngineError) {
    process.stderr.write(`superconvergence-engine: ${error.message}\n`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
