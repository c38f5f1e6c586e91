import { fileURLToPath } from 'node:url';
import { availableParallelism } from 'node:os';

const peersFolder = fileURLToPath(new URL('../../../peers', import.meta.url));
const nodeContender = fileURLToPath(new URL('node-contender.ts', import.meta.url));

/** What runs in Node. `ours-…` are the packages of this repository. */
export const nodeKinds = ['tfjs-stock', 'ours-eager', 'ours-compiled'] as const;
export type NodeKind = (typeof nodeKinds)[number];

/** Everything that can be compared, in the order of the tables. */
export const contenderNames = ['torch-eager', 'torch-compile', 'tensorflow-graph', ...nodeKinds] as const;
export type ContenderName = (typeof contenderNames)[number];

interface Contender {
  readonly label: string;
  /** A script of apps/bench/peers with its mode; absent for what runs in Node. */
  readonly python?: readonly [script: string, mode: string];
}

export const contenders: Readonly<Record<ContenderName, Contender>> = {
  'torch-eager': { label: 'PyTorch, eager', python: ['torch_peer.py', 'eager'] },
  'torch-compile': { label: 'PyTorch, torch.compile', python: ['torch_peer.py', 'compile'] },
  'tensorflow-graph': { label: 'TensorFlow, graph', python: ['tensorflow_peer.py', 'graph'] },
  'tfjs-stock': { label: 'tfjs-node, stock' },
  'ours-eager': { label: 'ours, eager' },
  'ours-compiled': { label: 'ours, compiled' },
};

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** Whether any of them needs the Python environment. */
export function needPython(names: readonly ContenderName[]): boolean {
  return names.some((name) => contenders[name].python !== undefined);
}

/** How a contender is started on the common start of a model, on all cores. */
export function commandLineOf(
  name: ContenderName,
  { model, startFile, python }: { model: string; startFile: string; python: string },
): CommandLine {
  const options = ['--model', model, '--start', startFile, '--threads', String(availableParallelism())];
  const script = contenders[name].python;
  if (script === undefined) return { command: process.execPath, args: [nodeContender, name, ...options] };
  const [file, mode] = script;
  return { command: python, args: [`${peersFolder}/${file}`, mode, ...options] };
}

/** How the measurement of the machine's limit is started. */
export function matmulCommandLine(): CommandLine {
  return { command: process.execPath, args: [nodeContender, 'matmul'] };
}
