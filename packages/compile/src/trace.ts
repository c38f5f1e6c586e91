import type { NativeSessions } from '@superconvergence/engine';
import * as tf from '@tensorflow/tfjs';
import { computedToo } from './compute-too.ts';
import { CompileError } from './errors.ts';
import type { Computation, GraphValue } from './graph.ts';
import { refuseRandomness } from './host-randomness.ts';
import type { NativeBackend } from './native-backend.ts';
import { watchOptimizers, type OptimizerUse } from './optimizers.ts';
import { patch } from './patch.ts';
import { Recorder } from './recorder.ts';
import { nameScopes } from './scopes.ts';
import { flatten, type Flattened } from './structure.ts';
import { givenOwnData, keepValues, registeredVariables } from './variables.ts';

/** A function of tensors, written with tfjs. */
export type TensorFunction = (...args: never[]) => unknown;

/** What a function does, recorded once. */
export interface Trace {
  readonly computation: Computation;
  /** Nests the outputs of the computation as the function nested them. */
  readonly result: Flattened;
  /** First values of variables that the function made while it was recorded. */
  readonly created: ReadonlyMap<tf.Variable, GraphValue>;
  /** The optimisers whose `applyGradients` it called, with the state that the graph has frozen. */
  readonly optimizers: readonly OptimizerUse[];
}

/** Records `fn` for arguments like these. Variables are afterwards what they were before. */
export function trace(
  fn: TensorFunction,
  args: Flattened,
  { backend, sessions }: { backend: NativeBackend; sessions: NativeSessions },
): Trace {
  const variables = registeredVariables();
  for (const variable of variables) givenOwnData(backend, variable);
  const scratch = sessions.createGraph();
  const recorder = new Recorder(backend, scratch, variables);
  const restoreValues = keepValues(variables);
  const created = new Map<tf.Variable, GraphValue>();
  const optimizers = watchOptimizers(recorder);
  const undo = [
    recorder.install(),
    nameScopes(recorder),
    optimizers.stop,
    refuseRandomness(),
    patch(tf.engine(), 'makeVariable', (original) => (...made) => {
      const variable = original(...made);
      created.set(variable, recorder.initialValue(variable));
      return variable;
    }),
  ];
  let recorded: Pick<Trace, 'computation' | 'result'> | undefined;
  try {
    const before = new Map(variables.map((variable) => [variable, variable.dataId]));
    tf.tidy(() => {
      recorded = record(fn, args, recorder, before, created);
    });
  } finally {
    for (const restore of undo.reverse()) restore();
    restoreValues();
    scratch.dispose();
  }
  return { ...(recorded as unknown as NonNullable<typeof recorded>), created, optimizers: optimizers.uses };
}

function record(
  fn: TensorFunction,
  args: Flattened,
  recorder: Recorder,
  before: ReadonlyMap<tf.Variable, object>,
  created: ReadonlyMap<tf.Variable, GraphValue>,
): Pick<Trace, 'computation' | 'result'> {
  const standIns = args.tensors.map((tensor, i) => recorder.argument(`argument_${i}`, tensor));
  const { value, also } = computedToo(() => fn(...(args.rebuild(standIns) as never[])));
  if (value instanceof Promise) {
    throw new CompileError(
      'asynchronous',
      'A compiled function must return tensors, not a promise: it is recorded in one go. Await things before you call it.',
    );
  }
  const result = flatten(value);
  const assignments = new Map<tf.Variable, GraphValue>();
  for (const [variable, dataId] of before) {
    if (!variable.isDisposed && variable.dataId !== dataId) {
      assignments.set(variable, recorder.valueOf(variable));
    }
  }
  // A variable made here begins with its first value; what else it was given is an assignment of the second recording.
  for (const variable of created.keys()) assignments.delete(variable);
  return {
    result,
    computation: {
      outputs: result.tensors.map((tensor) => recorder.valueOf(tensor)),
      assignments,
      targets: also.map((tensor) => recorder.valueOf(tensor)),
    },
  };
}
