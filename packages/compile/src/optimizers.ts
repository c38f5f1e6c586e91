import * as tf from '@tensorflow/tfjs';
import type { Recorder } from './recorder.ts';
import { patchMethod } from './scopes.ts';

/** An optimiser of tfjs at work in a recorded function. */
export interface OptimizerUse {
  readonly optimizer: tf.Optimizer;
  /** By how much one run of the function advances its count of iterations. */
  readonly numUpdates: number;
  /** What the graph has frozen; another state needs another graph. */
  readonly frozen: string;
  /** Names of the arguments that are the learning rate, or its negative: fed at each run, so that it may change. */
  readonly rate: { readonly positive: string; readonly negative: string } | undefined;
}

/** Their graphs use the learning rate itself, never a number that JavaScript computes from it. */
const stockOptimizers: readonly (new (...args: never[]) => tf.Optimizer)[] = [
  tf.SGDOptimizer,
  tf.MomentumOptimizer,
  tf.RMSPropOptimizer,
  tf.AdamOptimizer,
  tf.AdamaxOptimizer,
  tf.AdadeltaOptimizer,
  tf.AdagradOptimizer,
];

/** Methods of tfjs's optimisers that they all share. */
interface OptimizerMethods {
  minimize(): unknown;
  incrementIterations(): void;
}

/** The protected parts of tfjs's optimisers. */
interface OptimizerState {
  learningRate?: number;
  iterations_?: number;
  setLearningRate?(rate: number): void;
}

function stateOf(optimizer: tf.Optimizer): OptimizerState {
  return optimizer as unknown as OptimizerState;
}

/** While a function is recorded: notes the optimisers it uses and makes their learning rates arguments. */
export function watchOptimizers(recorder: Recorder): { uses: OptimizerUse[]; stop: () => void } {
  const uses: OptimizerUse[] = [];
  const found = new Map<tf.Optimizer, { iterations: number | undefined; numUpdates: number }>();
  const note = (optimizer: tf.Optimizer) => {
    const known = found.get(optimizer) ?? { iterations: stateOf(optimizer).iterations_, numUpdates: 0 };
    found.set(optimizer, known);
    return known;
  };
  const base = tf.Optimizer.prototype as unknown as OptimizerMethods;
  const undo = [
    patchMethod(
      base,
      'minimize',
      (original) =>
        function (this: OptimizerMethods, ...args) {
          note(this as unknown as tf.Optimizer);
          return original.apply(this, args);
        },
    ),
    patchMethod(
      base,
      'incrementIterations',
      (original) =>
        function (this: OptimizerMethods, ...args) {
          note(this as unknown as tf.Optimizer).numUpdates += 1;
          return original.apply(this, args);
        },
    ),
    ...stockOptimizers
      .map((stock) => stock.prototype as tf.Optimizer)
      .filter((prototype) => Object.hasOwn(prototype, 'applyGradients'))
      .map((prototype) =>
        patchMethod(
          prototype,
          'applyGradients',
          (original) =>
            function (this: tf.Optimizer, ...args) {
              note(this);
              const names = rateNames([...found.keys()].indexOf(this));
              return recorder.inScope(this.getClassName(), () =>
                withFedRate(this, recorder, names, () => original.apply(this, args)),
              );
            },
        ),
      ),
  ];
  return {
    uses,
    stop() {
      for (const restore of undo) restore();
      for (const [optimizer, { iterations, numUpdates }] of found) {
        stateOf(optimizer).iterations_ = iterations;
        const rate = isStock(optimizer) ? rateNames(uses.length) : undefined;
        uses.push({ optimizer, numUpdates, rate, frozen: frozenState(optimizer) });
      }
    },
  };
}

/** What a recorded optimiser does beside its graph, at each run. */
export function countUpdates({ optimizer, numUpdates }: OptimizerUse): void {
  const state = stateOf(optimizer);
  state.iterations_ = (state.iterations_ ?? 0) + numUpdates;
}

/** The learning rate that an optimiser of tfjs has now. */
export function learningRateOf(optimizer: tf.Optimizer): number {
  return stateOf(optimizer).learningRate ?? NaN;
}

/**
 * All that a graph freezes of an optimiser: the numbers of its configuration, and which variables it keeps
 * (`setWeights` replaces them).
 */
export function frozenState(optimizer: tf.Optimizer): string {
  const { learningRate, ...others } = optimizer.getConfig();
  const config = isStock(optimizer) ? others : { learningRate, ...others };
  const ids = Object.values(optimizer as object).flatMap((part: unknown) =>
    (Array.isArray(part) ? (part as { variable?: tf.Variable }[]).map((slot) => slot.variable) : [part]).map(
      (variable) => (variable instanceof tf.Variable ? variable.id : ''),
    ),
  );
  return `${JSON.stringify(config)}|${ids.join()}`;
}

function rateNames(index: number): { positive: string; negative: string } {
  const name = `optimizer_${index}`;
  return { positive: `${name}_learning_rate`, negative: `${name}_negative_learning_rate` };
}

function isStock(optimizer: tf.Optimizer): boolean {
  return stockOptimizers.some((stock) => optimizer.constructor === stock);
}

/** No one's own number: what equals it is the learning rate. */
const standIn = Math.fround(0.577_215_664_9);

function withFedRate<T>(
  optimizer: tf.Optimizer,
  recorder: Recorder,
  names: { positive: string; negative: string },
  update: () => T,
): T {
  if (!isStock(optimizer)) return update();
  const rate = learningRateOf(optimizer);
  setRate(optimizer, standIn);
  recorder.nameOfArgument = ({ shape, data }) => {
    if (shape.length > 0 || !(data instanceof Float32Array)) return undefined;
    return data[0] === standIn ? names.positive : data[0] === -standIn ? names.negative : undefined;
  };
  try {
    return update();
  } finally {
    recorder.nameOfArgument = () => undefined;
    setRate(optimizer, rate);
  }
}

function setRate(optimizer: tf.Optimizer, rate: number): void {
  const state = stateOf(optimizer);
  if (state.setLearningRate === undefined) state.learningRate = rate;
  else state.setLearningRate(rate);
}
