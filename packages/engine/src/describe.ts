import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { loadedEngine } from './load.ts';

/** What runs the tensors of this process. */
export interface EngineDescription {
  /** False for plain JavaScript. */
  native: boolean;
  /** TensorFlow's version; null for plain JavaScript. */
  tensorflow: string | null;
  /** TensorFlow.js's backend: `tensorflow`, or `cpu` for plain JavaScript. */
  backend: string;
  device: 'cpu' | 'gpu';
  /** The first GPU, as the driver reports it, where one is used. */
  gpu?: { name: string; memoryBytes: number };
  /** Threads within one operation: TF_NUM_INTRAOP_THREADS, else the cores this process may use. */
  threads: number;
  /** Of the processor, those that matter to matrix products, slowest first: `avx2`, `fma`, `avx512f`, `amx_tile` … */
  instructionSets: string[];
  /** Versions. */
  node: string;
  tfjs: string;
}

/** What oneDNN and Eigen choose their kernels by. */
const relevantSets = [
  ...[
    'sse4_2',
    'avx',
    'f16c',
    'avx2',
    'fma',
    'avx_vnni',
    'avx512f',
    'avx512_vnni',
    'avx512_bf16',
    'avx512_fp16',
  ],
  ...['amx_tile', 'amx_int8', 'amx_bf16', 'amx_fp16'],
];

interface NativeBackend {
  binding?: { TF_Version?: string };
  isUsingGpuDevice?: boolean;
}

/**
 * Describes the engine that `loadEngine` loaded.
 *
 * @throws {EngineError} `not-loaded`
 * @example
 * await loadEngine();
 * describeEngine().tensorflow; // '2.21.0'
 */
export function describeEngine(): EngineDescription {
  const { tf, native } = loadedEngine();
  const backend = (native ? tf.findBackend('tensorflow') : tf.backend()) as NativeBackend;
  const device = backend.isUsingGpuDevice === true ? 'gpu' : 'cpu';
  const gpu = device === 'gpu' ? describeGpu() : undefined;
  return {
    native,
    tensorflow: backend.binding?.TF_Version ?? null,
    backend: tf.getBackend(),
    device,
    ...(gpu !== undefined && { gpu }),
    threads: native ? Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism() : 1,
    instructionSets: readInstructionSets(),
    node: process.versions.node,
    tfjs: tf.version['tfjs-core'],
  };
}

/** Name and memory of the first NVIDIA GPU; undefined where the driver's tool doesn't say. */
export function describeGpu(): { name: string; memoryBytes: number } | undefined {
  try {
    const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
    const output = execFileSync('nvidia-smi', query, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [name = '', mebibytes = ''] = (output.split('\n')[0] ?? '').split(',');
    return { name: name.trim(), memoryBytes: Number(mebibytes) * 2 ** 20 };
  } catch {
    return undefined;
  }
}

function readInstructionSets(): string[] {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    const present = new Set(flags.trim().split(/\s+/));
    return relevantSets.filter((set) => present.has(set));
  } catch {
    return [];
  }
}
