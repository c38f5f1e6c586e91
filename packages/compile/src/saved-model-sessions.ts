import type { EngineError, NativeSessions } from '@superconvergence/engine';
import type { NativeBackend } from './native-backend.ts';
import { SavedModelGraph } from './saved-model-graph.ts';
import { SavedModelSession } from './saved-model-session.ts';
import { ShapeTrials } from './saved-model-shapes.ts';

/**
 * Graphs and sessions for a stock tfjs-node, through the SavedModels that its binding loads and runs. Against the
 * engine's own sessions: Node waits while a graph runs, a session takes no options, an operation that tfjs-node's kernels
 * don't use is refused, and recording does every operation once on zeros, to learn the shapes.
 *
 * @param EngineErrorClass of the engine, for what goes wrong
 */
export function savedModelSessions(
  backend: NativeBackend,
  EngineErrorClass: typeof EngineError,
): NativeSessions {
  return {
    createGraph: () => new SavedModelGraph(new ShapeTrials(backend), EngineErrorClass),
    createSession: (graph) => {
      if (graph instanceof SavedModelGraph) return new SavedModelSession(backend, graph, EngineErrorClass);
      throw new TypeError('graph must come from createGraph() of the same sessions.');
    },
  };
}
