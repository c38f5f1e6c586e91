/**
 * Why a function can't be compiled or run.
 *
 * - `value-read`: it reads a value (`dataSync`, `data`, a branch on data)
 * - `not-recorded`: it uses an operation that goes past the recorder
 * - `unknown-shape`: the shape of a result depends on data
 * - `variable-created`: it creates a variable at every call
 * - `host-randomness`: it draws random numbers in JavaScript
 * - `asynchronous`: it returns a promise
 * - `unsupported`: TensorFlow or the compiler has no place for what it does
 * - `too-many-traces`: nearly every call needed a graph of its own
 * - `disposed`: the function, or a variable it uses, has been disposed of
 */
export type CompileErrorCode =
  | 'value-read'
  | 'not-recorded'
  | 'unknown-shape'
  | 'variable-created'
  | 'host-randomness'
  | 'asynchronous'
  | 'unsupported'
  | 'too-many-traces'
  | 'disposed';

/** What stood in the way, where in the caller's code, and what to do instead. */
export class CompileError extends Error {
  readonly code: CompileErrorCode;

  constructor(code: CompileErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CompileError';
    this.code = code;
  }
}

/** An error that a traced function runs into; names the line of the caller's code. */
export function traceError(code: CompileErrorCode, message: string, cause?: unknown): CompileError {
  const place = callerOutsideLibraries(new Error().stack ?? '');
  return new CompileError(code, place === undefined ? message : `${message} (at ${place})`, { cause });
}

/** The innermost frame of a stack that belongs neither to TensorFlow.js nor to this package nor to Node. */
function callerOutsideLibraries(stack: string): string | undefined {
  const own = new URL('.', import.meta.url).href;
  const frames = stack.split('\n').slice(1);
  const frame = frames.find(
    (line) =>
      !/[\\/]@tensorflow[\\/]|node:|<anonymous>/.test(line) &&
      (!line.includes(own) || line.includes('.test.')) &&
      !(line.includes(new URL('.', import.meta.url).pathname) && !line.includes('.test.')),
  );
  return frame === undefined ? undefined : /\(?((?:file:)?\/?[^\s()]+:\d+:\d+)\)?$/.exec(frame.trim())?.[1];
}
