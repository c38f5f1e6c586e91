/** An idx file of unsigned bytes: value `i` is `valueOf(i)` modulo 256. */
export function makeIdx(shape: readonly number[], valueOf: (i: number) => number): Uint8Array {
  const header = new Uint8Array(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, i) => {
    new DataView(header.buffer).setUint32(4 + 4 * i, size);
  });
  const length = shape.reduce((product, size) => product * size, 1);
  return Uint8Array.from([...header, ...Array.from({ length }, (_, i) => valueOf(i) % 256)]);
}
