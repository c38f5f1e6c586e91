/**
 * What went wrong outside the program:
 * - `unreachable`: no source of the data answered
 * - `offline`: the data is not in the cache and `offline` forbids fetching it
 * - `corrupt`: a file in the cache or in the given folder is truncated, altered or not what its name says
 * - `integrity`: what was downloaded is not the data this package knows
 * - `missing`: a file or a folder is absent from the given folder
 * - `unusable`: a file is sound but cannot be used, a picture of another size than the others for example
 * - `cache-unwritable`: the cache folder cannot be made or written
 * - `disk-full`: no space left in the cache folder
 */
export type CifarErrorCode =
  | 'unreachable'
  | 'offline'
  | 'corrupt'
  | 'integrity'
  | 'missing'
  | 'unusable'
  | 'cache-unwritable'
  | 'disk-full';

/** A failure of files, network or disk. Its message says what to do; `cause` holds the original error, if there is one. */
export class CifarError extends Error {
  override readonly name = 'CifarError';
  readonly code: CifarErrorCode;

  constructor(code: CifarErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
