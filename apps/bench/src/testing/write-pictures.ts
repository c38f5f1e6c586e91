import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';

/** Writes `perClass` PNGs for each class into `folder/CLASS`; classes differ in brightness, pictures a little. */
export function writePictures(
  folder: string,
  { classes, perClass, side = 8 }: { classes: readonly string[]; perClass: number; side?: number },
): void {
  for (const [label, name] of classes.entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < perClass; i++) {
      const data = Uint8Array.from(
        { length: side * side * 3 },
        (_, k) => (200 / classes.length) * label + ((7 * k + 13 * i) % 50),
      );
      writeFileSync(
        join(folder, name, `${i}.png`),
        encode({ width: side, height: side, channels: 3, depth: 8, data }),
      );
    }
  }
}
