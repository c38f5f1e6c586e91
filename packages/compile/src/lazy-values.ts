import * as tf from '@tensorflow/tfjs';
import type { NativeBackend } from './native-backend.ts';
import { patch } from './patch.ts';
import { assignAndDispose } from './variables.ts';

/** Where the values of variables are while a session holds them. Reading one may bring others along. */
export interface ValueHolder {
  readSync(variable: tf.Variable): Fetched;
  read(variable: tf.Variable): Promise<Fetched>;
}

/** Values by their data's identity. */
export interface Fetched {
  readonly values: ReadonlyMap<object, tf.TypedArray>;
  /** False if a run has begun since they were asked for: they are the old ones then. */
  readonly isCurrent: boolean;
}

/** Data that is in a session until somebody reads it. */
interface LazyData {
  readonly variable: tf.Variable;
  readonly holder: ValueHolder;
}

/**
 * Makes variables whose newest values are in sessions look as if they were here: whoever reads one (`data`, `save`,
 * `predict`, an operation) gets the value fetched first.
 */
export class LazyValues {
  private static readonly ofBackend = new WeakMap<NativeBackend, LazyValues>();
  private readonly backend: NativeBackend;
  private readonly lazy = new WeakMap<object, LazyData>();

  /** One for each backend, because it hooks into the backend's ways to read. */
  static of(backend: NativeBackend): LazyValues {
    const known = LazyValues.ofBackend.get(backend);
    if (known !== undefined) return known;
    const created = new LazyValues(backend);
    LazyValues.ofBackend.set(backend, created);
    return created;
  }

  private constructor(backend: NativeBackend) {
    this.backend = backend;
    patch(backend, 'getInputTensorIds', (original) => (inputs) => {
      for (const { dataId } of inputs) this.fetch(dataId);
      return original(inputs);
    });
    patch(backend, 'readSync', (original) => (dataId) => {
      this.fetch(dataId);
      return original(dataId);
    });
    patch(backend, 'read', (original) => async (dataId) => {
      const data = this.lazy.get(dataId);
      if (data === undefined) return original(dataId);
      const fetched = await data.holder.read(data.variable);
      this.store(data.holder, fetched);
      return fetched.values.get(dataId) as tf.TypedArray;
    });
  }

  /** True for data that only a session has. */
  isLazy(dataId: object): boolean {
    return this.lazy.has(dataId);
  }

  /** Says that from now on the variable's value is what `holder` has. */
  moveTo(holder: ValueHolder, variable: tf.Variable): void {
    const { backend, lazy } = this;
    const data = lazy.get(variable.dataId);
    const isOwn = data?.holder === holder && data.variable === variable;
    if (isOwn && backend.refCount(variable.dataId) === 1) return;
    const { shape, dtype } = variable;
    const dataId = tf.engine().backend.write(null as unknown as tf.TypedArray, shape, dtype);
    lazy.set(dataId, { variable, holder });
    assignAndDispose(variable, tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }));
  }

  /** Fetches data that only a session has; nothing for other or disposed data. */
  fetch(dataId: object): void {
    const data = this.lazy.get(dataId);
    if (data !== undefined && this.backend.tensorMap.has(dataId)) {
      this.store(data.holder, data.holder.readSync(data.variable));
    }
  }

  private store(holder: ValueHolder, { values, isCurrent }: Fetched): void {
    if (!isCurrent) return;
    for (const [dataId, data] of values) {
      // It may have been fetched, or disposed of, in the meantime.
      if (this.lazy.get(dataId)?.holder !== holder) continue;
      this.lazy.delete(dataId);
      if (this.backend.tensorMap.has(dataId)) this.backend.tensorMap.get(dataId).values = data;
    }
  }
}
