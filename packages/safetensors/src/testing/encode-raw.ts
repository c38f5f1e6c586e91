type Entry = { dtype: string; shape: number[]; data_offsets?: number[] };

/** A file with a header as it is given, right or wrong; a tensor without a place has all the data. */
export function encodeRaw(
  header: string | Record<string, Entry>,
  data: Uint8Array = new Uint8Array(),
): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(withPlaces(header, data.length));
  const json = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

function withPlaces(header: Record<string, Entry>, dataBytes: number): Record<string, Entry> {
  return Object.fromEntries(
    Object.entries(header).map(([name, entry]) => [name, { data_offsets: [0, dataBytes], ...entry }]),
  );
}
