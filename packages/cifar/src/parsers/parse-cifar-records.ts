import { CifarError } from '../errors.ts';

const pixelsPerImage = 32 * 32;
export const bytesPerImage: number = 3 * pixelsPerImage;

/** Labels and images of some records, in their order. */
export interface CifarRecords {
  /** One array for each kind of label, `[N]`. */
  readonly labels: readonly Uint8Array[];
  /** `[N, 32, 32, 3]` */
  readonly images: Uint8Array;
}

/**
 * Reads records of CIFAR's binary version: the labels, one byte each, then 1,024 bytes red, 1,024 green, 1,024 blue,
 * row-major. CIFAR-10 has one label, CIFAR-100 the coarse one and then the fine one.
 *
 * @param label what to call the file in errors
 * @param options.numRecords how many there must be
 * @param options.numClasses of each kind of label
 * @throws {CifarError} `corrupt`
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
export function parseCifarRecords(
  bytes: Uint8Array,
  label: string,
  { numRecords, numClasses }: { numRecords: number; numClasses: readonly number[] },
): CifarRecords {
  const bytesPerRecord = numClasses.length + bytesPerImage;
  if (bytes.length !== numRecords * bytesPerRecord) {
    throw new CifarError(
      'corrupt',
      `${label} has ${bytes.length} bytes instead of ${numRecords * bytesPerRecord}: copy it again.`,
    );
  }
  const labels = numClasses.map((limit, kind) => {
    const values = Uint8Array.from({ length: numRecords }, (_, i) => bytes[i * bytesPerRecord + kind] ?? 0);
    const wrong = values.findIndex((value) => value >= limit);
    if (wrong >= 0) {
      throw new CifarError(
        'corrupt',
        `${label} has the label ${values[wrong] ?? ''} in record ${wrong}; labels are below ${limit}: copy it again.`,
      );
    }
    return values;
  });
  const images = new Uint8Array(numRecords * bytesPerImage);
  let target = 0;
  for (let record = numClasses.length; record < bytes.length; record += bytesPerRecord) {
    for (let pixel = record; pixel < record + pixelsPerImage; pixel++) {
      images[target++] = bytes[pixel] ?? 0;
      images[target++] = bytes[pixel + pixelsPerImage] ?? 0;
      images[target++] = bytes[pixel + 2 * pixelsPerImage] ?? 0;
    }
  }
  return { labels, images };
}
