/**
 * Loads CIFAR-10 in a process of its own: `node run-load.ts '{"cacheDir": …}'`. Prints one JSON line for every event
 * and one at the end: `{ "ok": labels }` or `{ "code": …, "message": … }`.
 */
import { CifarError, loadCifar10 } from '../index.ts';
import type { LoadCifar10Options } from '../index.ts';

const print = (value: object): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);

try {
  const options = JSON.parse(process.argv[2] ?? '{}') as LoadCifar10Options;
  const { test } = await loadCifar10({ ...options, onProgress: print });
  print({ ok: [...test.labels.subarray(0, 4)] });
} catch (error) {
  if (!(error instanceof CifarError)) throw error;
  print({ code: error.code, message: error.message });
}
