let isForced = false;

/** Has functions that are compiled from now on run through SavedModels even where the engine has sessions: for tests. */
export function forceSavedModels(): void {
  isForced = true;
}

/** True where SavedModels were asked for. */
export function areSavedModelsForced(): boolean {
  return isForced;
}

let hasWarned = false;

/** Says, once, that functions run through SavedModels for want of something better. */
export function warnOfSavedModels(): void {
  if (hasWarned || isForced) return;
  hasWarned = true;
  console.warn(
    "@superconvergence/compile: the TensorFlow in this process is not the engine's, so graphs run through SavedModels " +
      'of tfjs-node: Node waits while they run, and intraOpThreads and interOpThreads have no effect. Load TensorFlow ' +
      'with loadEngine() of @superconvergence/engine for more.',
  );
}
