const arrays = [
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;
const bufferMakers = ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const;

/** Bytes that JavaScript has asked for since it was made. */
export interface AllocationCount {
  readonly bytes: number;
  stop(): void;
}

/**
 * Counts what typed arrays, `ArrayBuffer` and `Buffer` are asked for, whether it is granted or not: a gigabyte of zeros
 * takes no memory until something is written to it, so what the process uses does not show it. What Node's own modules
 * allocate, and plain arrays, are not counted. One count at a time.
 */
export function countAllocations(): AllocationCount {
  let bytes = 0;
  const undo: (() => void)[] = [];
  const replace = <Name extends string>(holder: Record<Name, unknown>, name: Name, value: unknown): void => {
    const before = holder[name];
    holder[name] = value;
    undo.push(() => (holder[name] = before));
  };
  const globals = globalThis as unknown as Record<string, unknown>;
  for (const type of [ArrayBuffer, ...arrays]) {
    const width = 'BYTES_PER_ELEMENT' in type ? type.BYTES_PER_ELEMENT : 1;
    const counting = new Proxy(type, {
      construct(target, [first, ...others]: [unknown, ...unknown[]], newTarget) {
        bytes += width * lengthOf(first);
        return Reflect.construct(target, [first, ...others], newTarget) as object;
      },
    });
    replace(globals, type.name, counting);
  }
  for (const name of bufferMakers) {
    const make = Buffer[name].bind(Buffer);
    replace(Buffer, name, (size: number, ...others: []) => {
      bytes += size;
      return make(size, ...others);
    });
  }
  return {
    get bytes() {
      return bytes;
    },
    stop() {
      for (const action of undo.splice(0)) action();
    },
  };
}

/** How many elements a constructor's first argument asks for; a view of a buffer, and NaN, ask for none. */
function lengthOf(first: unknown): number {
  if (typeof first === 'number') return first || 0;
  return typeof first === 'object' && first !== null && 'length' in first ? Number(first.length) : 0;
}
