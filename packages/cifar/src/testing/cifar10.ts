import type { Cifar10, ImageDataset } from '../index.ts';
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
): ImageDataset {
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  return {
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
