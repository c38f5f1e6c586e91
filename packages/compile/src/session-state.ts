import type { NativeGraph, NativeSession, NativeTensor } from '@superconvergence/engine';
import type * as tf from '@tensorflow/tfjs';
import { CompileError } from './errors.ts';
import { toHost } from './host-tensors.ts';
import type { Fetched, LazyValues, ValueHolder } from './lazy-values.ts';
import { handleAttributes, type Lowered } from './lower.ts';
import { dataTypes, type NativeBackend } from './native-backend.ts';
import { placeholderAttributes } from './recorder.ts';

/** A variable's place in a session. */
interface Slot {
  readonly variable: tf.Variable;
  readonly handle: string;
  readonly feed: string;
  readonly assign: string;
  readonly read: string;
  /** The data that the session has; other data in the variable is newer. */
  dataId: object | undefined;
}

/** The variables of compiled functions that share a session, and the moving of their values there and back. */
export class SessionState implements ValueHolder {
  private readonly backend: NativeBackend;
  private readonly lazyValues: LazyValues;
  private readonly graph: NativeGraph;
  private readonly session: NativeSession;
  private readonly slots = new Map<tf.Variable, Slot>();
  private numRuns = 0;
  /** The variable that was read since the last run, while it is the only one. */
  private readAlone: Slot | undefined;
  /** A read of all variables that is under way. */
  private readingAll: Promise<Fetched> | undefined;

  constructor(options: {
    backend: NativeBackend;
    lazyValues: LazyValues;
    graph: NativeGraph;
    session: NativeSession;
  }) {
    this.backend = options.backend;
    this.lazyValues = options.lazyValues;
    this.graph = options.graph;
    this.session = options.session;
  }

  /** Name of the variable's resource handle in the graph. */
  handleOf(variable: tf.Variable): string {
    return this.slotOf(variable).handle;
  }

  /** Brings to the session what was assigned outside, so that a run can begin. */
  beforeRun({ reads, assigned }: Lowered): void {
    const needed = new Set([...reads, ...assigned]);
    for (const variable of needed) {
      if (variable.isDisposed) {
        throw new CompileError(
          'disposed',
          `The variable ${variable.name}, which a compiled function uses, has been disposed of. Dispose of the function ` +
            'as well and compile it anew.',
        );
      }
    }
    const stale = [...reads]
      .map((variable) => this.slotOf(variable))
      .filter((slot) => slot.dataId !== slot.variable.dataId);
    // TensorFlow plans each set of feeds anew, so there should be few: a model's variables together, or a few one by one.
    const isFew = stale.length <= 4 && stale.length < reads.size;
    for (const group of isFew ? stale.map((slot) => [slot]) : [stale]) this.assign(group);
    for (const variable of assigned) this.releaseOld(this.slotOf(variable));
  }

  /** Says that the run, though it may not have ended, has given new values to variables. */
  afterStart({ assigned }: Lowered): void {
    this.numRuns += 1;
    this.readAlone = undefined;
    this.readingAll = undefined;
    for (const variable of assigned) {
      this.lazyValues.moveTo(this, variable);
      this.slotOf(variable).dataId = variable.dataId;
    }
  }

  readSync(variable: tf.Variable): Fetched {
    const slots = this.slotsToRead(variable);
    const found = this.session.runSync(
      {},
      slots.map(({ read }) => read),
    );
    return fetchedValues(slots, found, true);
  }

  async read(variable: tf.Variable): Promise<Fetched> {
    const slots = this.slotsToRead(variable);
    if (slots.length === 1) return this.readSlots(slots);
    this.readingAll ??= this.readSlots(slots).finally(() => (this.readingAll = undefined));
    return this.readingAll;
  }

  private async readSlots(slots: readonly Slot[]): Promise<Fetched> {
    const { numRuns } = this;
    const asked = slots.map(({ dataId }) => ({ dataId }));
    const found = await this.session.run(
      {},
      slots.map(({ read }) => read),
    );
    return fetchedValues(asked, found, this.numRuns === numRuns);
  }

  /**
   * The variable alone if it is the first since the last run (a loss, now and then), else all: TensorFlow plans each
   * set of fetches anew, so a model's variables one by one would take seconds.
   */
  private slotsToRead(variable: tf.Variable): Slot[] {
    const slot = this.slotOf(variable);
    this.readAlone ??= slot;
    return this.readAlone === slot ? [slot] : this.lazySlots();
  }

  private lazySlots(): Slot[] {
    return [...this.slots.values()].filter(
      ({ dataId }) =>
        dataId !== undefined && this.lazyValues.isLazy(dataId) && this.backend.tensorMap.has(dataId),
    );
  }

  /** Fetches all that only this session has; it may be closed then. */
  fetchAll(): void {
    for (const { dataId } of this.slots.values()) if (dataId !== undefined) this.lazyValues.fetch(dataId);
  }

  private assign(slots: readonly Slot[]): void {
    if (slots.length === 0) return;
    const feeds: Record<string, NativeTensor> = {};
    for (const slot of slots) {
      feeds[slot.feed] = toHost(this.backend, slot.variable);
      this.releaseOld(slot);
      slot.dataId = slot.variable.dataId;
    }
    // What goes wrong here goes wrong again in the run that follows, and is reported there.
    this.session
      .run(
        feeds,
        [],
        slots.map(({ assign }) => assign),
      )
      .catch(() => undefined);
  }

  /** Before the session's value is overwritten: fetches it for whoever else holds it (a clone, an average's start). */
  private releaseOld({ variable, dataId }: Slot): void {
    if (dataId === undefined) return;
    const isOthers = variable.dataId !== dataId || this.backend.refCount(dataId) > 1;
    if (isOthers) this.lazyValues.fetch(dataId);
  }

  private slotOf(variable: tf.Variable): Slot {
    const known = this.slots.get(variable);
    if (known !== undefined) return known;
    const name = `variables/v${this.slots.size}_${variable.name.replace(/[^\w.-]/g, '_')}`;
    const dtype = dataTypes[variable.dtype];
    const slot: Slot = {
      variable,
      handle: name,
      feed: `${name}/feed`,
      assign: `${name}/assign`,
      read: `${name}/read`,
      dataId: undefined,
    };
    const typed = { dtype: { type: 'type', value: dtype } } as const;
    const { graph } = this;
    graph.addOperation({
      type: 'VarHandleOp',
      name,
      attributes: handleAttributes(name, dtype, variable.shape),
    });
    graph.addOperation({
      type: 'Placeholder',
      name: slot.feed,
      attributes: placeholderAttributes(dtype, variable.shape),
    });
    graph.addOperation({
      type: 'AssignVariableOp',
      name: slot.assign,
      inputs: [name, slot.feed],
      attributes: typed,
    });
    graph.addOperation({ type: 'ReadVariableOp', name: slot.read, inputs: [name], attributes: typed });
    this.slots.set(variable, slot);
    return slot;
  }
}

/** What a session gave for variables, by the identities that their data had when it was asked for. */
function fetchedValues(
  slots: readonly Pick<Slot, 'dataId'>[],
  found: readonly NativeTensor[],
  isCurrent: boolean,
): Fetched {
  const values = new Map<object, tf.TypedArray>();
  for (const [i, { dataId }] of slots.entries()) {
    if (dataId !== undefined) values.set(dataId, found[i]?.data as tf.TypedArray);
  }
  return { values, isCurrent };
}
