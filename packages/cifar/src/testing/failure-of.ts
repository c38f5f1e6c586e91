import { expect } from 'vitest';
import { CifarError } from '../errors.ts';

/** What `load` fails with, which must be a {@link CifarError}. */
export async function failureOf(load: Promise<unknown>): Promise<CifarError> {
  const error: unknown = await load.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CifarError);
  return error as CifarError;
}
