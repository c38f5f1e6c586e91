/**
 * - `usage`: a wrong command, option or value (exit code 2)
 * - `no-such-run`, `run-exists`, `damaged-run`: about a run's folder
 * - `results-unwritable`: the results folder can't be written
 */
export type BenchErrorCode = 'usage' | 'no-such-run' | 'run-exists' | 'damaged-run' | 'results-unwritable';

/** An error whose message tells the user what to do; it is shown without a stack. */
export class BenchError extends Error {
  readonly code: BenchErrorCode;

  constructor(code: BenchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BenchError';
    this.code = code;
  }
}
