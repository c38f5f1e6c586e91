import type { ByteLabelledDataset, Cifar10, ImageDataset } from '../index.ts';
import { loadCifar10 } from '../index.ts';

/** The real data from the default cache; the first run on a machine fetches it and says so. */
export async function loadForTests(): Promise<Cifar10> {
  let shown = '';
  return await loadCifar10({
    onProgress({ phase, message, bytes, total }) {
      const percent = bytes !== undefined && total ? ` ${10 * Math.floor((10 * bytes) / total)} %` : '';
      const line = `${phase}: ${message}${percent}\n`;
      if (line !== shown) process.stderr.write(line);
      shown = line;
    },
  });
}

/** Pictures whose every byte depends on picture and place, so that a misplaced one shows. */
export function makeDataset(
  numExamples: number,
  imageShape: readonly [number, number, number] = [32, 32, 3],
): ByteLabelledDataset {
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  return {
    name: 'test pictures',
    images: Uint8Array.from(
      { length: numExamples * size },
      (_, i) => (i * 167 + Math.floor(i / size) * 31) % 251,
    ),
    labels: Uint8Array.from({ length: numExamples }, (_, i) => i % 10),
    numExamples,
    imageShape,
    numClasses: 10,
    classNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
  };
}

/** 10,000 examples from `first` in the official record format: label, 1,024 red, 1,024 green, 1,024 blue. */
export function toOfficialRecords({ images, labels }: ImageDataset, first: number): Uint8Array {
  const records = new Uint8Array(10_000 * 3073);
  for (let i = 0; i < 10_000; i++) {
    records[i * 3073] = labels[first + i] ?? 0;
    for (let value = 0; value < 3072; value++) {
      records[i * 3073 + 1 + (value % 3) * 1024 + Math.floor(value / 3)] =
        images[(first + i) * 3072 + value] ?? 0;
    }
  }
  return records;
}
