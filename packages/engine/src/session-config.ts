import { createRequire } from 'node:module';
import type { NativeSessionOptions } from './native-session.ts';

interface Writer {
  writeInt32(field: number, value: number): void;
  writeBool(field: number, value: boolean): void;
  writeMessage(field: number, message: object, write: () => void): void;
  getResultBuffer(): Uint8Array;
}

const { BinaryWriter } = createRequire(import.meta.url)('google-protobuf') as {
  BinaryWriter: new () => Writer;
};

/** Field numbers of ConfigProto and of GPUOptions in it (tensorflow/core/protobuf/config.proto). */
const field = {
  intraOpParallelismThreads: 2,
  interOpParallelismThreads: 5,
  gpuOptions: 6,
  allowGrowth: 4,
  allowSoftPlacement: 7,
  usePerSessionThreads: 9,
} as const;

/**
 * A session's options as a serialised ConfigProto. What has no kernel for a GPU runs on the CPU, and a GPU's memory is
 * taken as it is needed.
 *
 * @throws {RangeError} for a number of threads that is no positive whole number
 */
export function encodeSessionConfig(options: NativeSessionOptions): Uint8Array {
  const { intraOpThreads, interOpThreads } = options;
  const writer = new BinaryWriter();
  for (const [name, value] of Object.entries({ intraOpThreads, interOpThreads })) {
    if (value !== undefined && !(Number.isInteger(value) && value > 0)) {
      throw new RangeError(`${name} is ${value}; it must be a positive whole number.`);
    }
  }
  if (intraOpThreads !== undefined) writer.writeInt32(field.intraOpParallelismThreads, intraOpThreads);
  if (interOpThreads !== undefined) writer.writeInt32(field.interOpParallelismThreads, interOpThreads);
  writer.writeMessage(field.gpuOptions, {}, () => {
    writer.writeBool(field.allowGrowth, true);
  });
  writer.writeBool(field.allowSoftPlacement, true);
  if (intraOpThreads !== undefined || interOpThreads !== undefined) {
    writer.writeBool(field.usePerSessionThreads, true);
  }
  return writer.getResultBuffer();
}
