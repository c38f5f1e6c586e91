/** What went wrong, as a word that programs can branch on. */
export type EngineErrorCode =
  | 'node-too-old'
  | 'unsupported-platform'
  | 'no-python'
  | 'no-pip'
  | 'no-compiler'
  | 'no-npm'
  | 'no-tfjs'
  | 'offline'
  | 'registry-unreachable'
  | 'download-failed'
  | 'hash-mismatch'
  | 'disk-full'
  | 'cache-unwritable'
  | 'locked'
  | 'unpack-failed'
  | 'compile-failed'
  | 'link-failed'
  | 'load-failed'
  | 'not-installed'
  | 'damaged'
  | 'not-loaded'
  | 'device-conflict'
  | 'graph-error'
  | 'run-error';

/** For every way to fail, the one thing to do about it. */
export const remedies: Readonly<Record<EngineErrorCode, string>> = {
  'node-too-old': 'Install Node 20.19 or newer.',
  'unsupported-platform':
    'Native TensorFlow runs on Linux x64 with glibc 2.27 or newer; elsewhere use plain @tensorflow/tfjs, a container or WSL 2.',
  'no-python':
    'Install Python 3.8 or newer (Debian and Ubuntu: apt install python3 python3-pip); it fetches and unpacks TensorFlow.',
  'no-pip': 'Install pip for this Python (Debian and Ubuntu: apt install python3-pip).',
  'no-compiler':
    'Install a C++17 compiler (Debian and Ubuntu: apt install g++), or name one in the CXX environment variable.',
  'no-npm':
    'Put npm, which comes with Node, on the PATH, or install @tensorflow/tfjs-node-gpu 4.22.0 yourself.',
  'no-tfjs': 'Install the peer dependency: npm install @tensorflow/tfjs@4.22.0',
  offline: 'Run "superconvergence-engine install" once while there is a network, then try again.',
  'registry-unreachable':
    'Check the network and pip\'s and npm\'s settings (index, proxy, certificates: "python3 -m pip config list", "npm config list"), then try again.',
  'download-failed':
    'Read the message above from the download client, set its index or proxy right, then try again.',
  'hash-mismatch':
    'The file was deleted; try again, and if it happens again ask whoever runs your package index why its file differs from the published one.',
  'disk-full':
    'Free some space, or set the SUPERCONVERGENCE_CACHE environment variable to a folder on a larger disk.',
  'cache-unwritable':
    'Make the folder writable, or set the SUPERCONVERGENCE_CACHE environment variable to one that is.',
  locked: 'Wait for the other installation to end, or end that process, then try again.',
  'unpack-failed': 'Run "superconvergence-engine install" again; the file is fetched anew.',
  'compile-failed':
    'Use a compiler that knows C++17 (g++ 9 or newer, clang 10 or newer); CXX in the environment names it.',
  'link-failed':
    'Install @tensorflow/tfjs-node-gpu 4.22.0 where it can be written to, or import @superconvergence/engine instead.',
  'load-failed':
    'Run "superconvergence-engine install --force"; if that doesn\'t help, "superconvergence-engine doctor" says what is missing.',
  'not-installed': 'Run "superconvergence-engine install"; loadEngine() also does it at the first use.',
  damaged: 'Run "superconvergence-engine install --force".',
  'not-loaded': 'Call "await loadEngine()" first.',
  'device-conflict': 'Use one device per process: start another one for the other device.',
  'graph-error': 'Correct the operation; the graph is as it was before.',
  'run-error': 'Correct what was fed, fetched or put into the graph.',
};

/** A failure of the outside world (network, files, tools, native library), with what to do about it. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;
  /** What to do, one sentence; also the end of `message`. */
  readonly remedy: string;

  /**
   * @param code which failure
   * @param what one sentence without its full stop: what happened, with names and values
   * @param options `cause`: the error underneath
   */
  constructor(code: EngineErrorCode, what: string, options?: { cause?: unknown }) {
    super(`${what}. ${remedies[code]}`, options);
    this.code = code;
    this.remedy = remedies[code];
  }
}

/** Turns a failed file operation below `folder` into the EngineError that names its remedy. */
export function fileError(cause: unknown, folder: string): EngineError {
  if (cause instanceof EngineError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EngineError('disk-full', `The disk is full under ${folder}`, { cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new EngineError('cache-unwritable', `The cache folder ${folder} can't be written (${why})`, {
    cause,
  });
}
