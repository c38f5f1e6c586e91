import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Identifies the code that a result comes from: a hash of the sources that take part in computing it. Reports, the
 * command line and tests change without making finished runs worthless.
 */
export function codeVersion(): string {
  const files = globSync(
    [
      'packages/{cifar,compile,models,ops,safetensors,schedules,trainer}/src/**/*.ts',
      'packages/engine/native/*.{cc,h}',
      'apps/bench/src/experiments/*.ts',
    ],
    { cwd: root },
  )
    .filter((file) => !/\.test\.ts$|-d\.ts$|\/testing\//.test(file))
    .sort();
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(`${root}/${file}`))
      .update('\0');
  return hash.digest('hex').slice(0, 12);
}
