import { create } from '@bufbuild/protobuf';
import type { EngineError, NativeSession, NativeTensor } from '@superconvergence/engine';
import type { NativeBackend } from './native-backend.ts';
import { attributeMessage } from './protobuf-attributes.ts';
import { NodeDefSchema, type NodeDef } from './protobuf-tensorflow.ts';
import { bindingOf, download, reasonOf, uploadCopy, type TensorHandle } from './saved-model-binding.ts';
import { writeModel } from './saved-model-files.ts';
import { inTemporaryFolder } from './saved-model-folder.ts';
import type { SavedModelGraph } from './saved-model-graph.ts';

type Feeds = Readonly<Record<string, NativeTensor>>;

/** A session of the stock binding. Each run is done, and Node waits for it, when `run` returns its promise. */
export class SavedModelSession implements NativeSession {
  private readonly backend: NativeBackend;
  private readonly graph: SavedModelGraph;
  private readonly EngineErrorClass: typeof EngineError;
  /** The loaded model, of the graph's first nodes. */
  private model: { readonly id: number; readonly numNodes: number } | undefined;
  /** Resource handles of the variables that have values. */
  private readonly initialised = new Set<string>();
  private readonly noted = new Set<string>();
  private isClosed = false;

  constructor(backend: NativeBackend, graph: SavedModelGraph, EngineErrorClass: typeof EngineError) {
    graph.attachSession();
    this.backend = backend;
    this.graph = graph;
    this.EngineErrorClass = EngineErrorClass;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what goes wrong is to reject
  async run(feeds: Feeds, fetches: readonly string[], targets?: readonly string[]): Promise<NativeTensor[]> {
    return this.runSync(feeds, fetches, targets);
  }

  runSync(feeds: Feeds, fetches: readonly string[], targets: readonly string[] = []): NativeTensor[] {
    try {
      if (this.isClosed) throw new Error('the session is closed');
      const wanted = fetches.map(outputName);
      const all = [...new Set([...wanted, ...targets.map((name) => this.outputOf(name))])];
      const handles = this.runModel(this.loadedModel(), feeds, all);
      this.noteAssigned([...fetches, ...targets]);
      const numWanted = new Set(wanted).size;
      for (const { id } of handles.slice(numWanted)) bindingOf(this.backend).deleteTensor(id);
      const values = handles.slice(0, numWanted).map((handle) => download(this.backend, handle));
      return wanted.map((name) => values[all.indexOf(name)] as NativeTensor);
    } catch (cause) {
      throw new this.EngineErrorClass('run-error', `The session can't run: ${reasonOf(cause)}`, { cause });
    }
  }

  close(): void {
    this.isClosed = true;
    if (this.model !== undefined) bindingOf(this.backend).deleteSavedModel(this.model.id);
    this.model = undefined;
  }

  private runModel(model: number, feeds: Feeds, outputs: readonly string[]): TensorHandle[] {
    const binding = bindingOf(this.backend);
    const ids: number[] = [];
    try {
      for (const tensor of Object.values(feeds)) ids.push(uploadCopy(this.backend, tensor));
      const names = Object.keys(feeds).map(outputName);
      return binding.runSavedModel(model, ids, names.join(), outputs.join());
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }

  /** The model of the whole graph as it is now; variables move to it with their values. */
  private loadedModel(): number {
    const { graph, model } = this;
    if (model?.numNodes === graph.size) return model.id;
    const binding = bindingOf(this.backend);
    const companions = graph.definitions.flatMap((def) => companionsOf(def, graph.numOutputsOf(def.name)));
    const id = inTemporaryFolder((folder) => {
      writeModel(folder, { graphDef: graph.toMessage(companions), signatures: {} });
      return binding.loadSavedModel(folder, 'serve');
    });
    this.model = { id, numNodes: graph.size };
    if (model !== undefined) {
      this.moveVariables(model.id, id);
      binding.deleteSavedModel(model.id);
    }
    return id;
  }

  private moveVariables(from: number, to: number): void {
    if (this.initialised.size === 0) return;
    const binding = bindingOf(this.backend);
    const names = (part: (handle: string) => string) =>
      Array.from(this.initialised, (handle) => `${part(handle)}:0`).join();
    const values = binding.runSavedModel(from, [], '', names(companion.read));
    const ids = values.map(({ id }) => id);
    const assign = (handle: string) => companion.done(companion.assign(handle));
    for (const { id } of binding.runSavedModel(to, ids, names(companion.feed), names(assign)))
      binding.deleteTensor(id);
    for (const id of ids) binding.deleteTensor(id);
  }

  private noteAssigned(names: readonly string[]): void {
    const key = names.join();
    if (this.noted.has(key)) return;
    this.noted.add(key);
    const seen = new Set<string>();
    const stack = names.map(nodeName);
    for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const { op, input } = this.graph.definitionOf(name);
      const inputs = input.map(nodeName);
      if (op === 'AssignVariableOp') this.initialised.add(inputs[0] ?? '');
      stack.push(...inputs);
    }
  }

  /** Something to fetch so that an operation is run. */
  private outputOf(target: string): string {
    return `${this.graph.numOutputsOf(target) === 0 ? companion.done(target) : target}:0`;
  }
}

/** Names of the nodes that stand beside the graph's own, because the binding can only feed and fetch. */
const companion = {
  done: (name: string) => `companions/${name}/done`,
  feed: (handle: string) => `companions/${handle}/feed`,
  assign: (handle: string) => `companions/${handle}/assign`,
  read: (handle: string) => `companions/${handle}/read`,
};

function companionsOf({ name, op, attr }: NodeDef, numOutputs: number): NodeDef[] {
  if (numOutputs === 0) return [doneNode(name)];
  const { dtype } = attr;
  if (op !== 'VarHandleOp' || dtype === undefined) return [];
  const [feed, assign] = [companion.feed(name), companion.assign(name)];
  return [
    create(NodeDefSchema, { name: feed, op: 'Placeholder', attr: { dtype } }),
    create(NodeDefSchema, { name: assign, op: 'AssignVariableOp', input: [name, feed], attr: { dtype } }),
    doneNode(assign),
    create(NodeDefSchema, {
      name: companion.read(name),
      op: 'ReadVariableOp',
      input: [name],
      attr: { dtype },
    }),
  ];
}

/** A constant that is there when the operation has been run. */
function doneNode(name: string): NodeDef {
  const zero = { dtype: 3, shape: [], data: Int32Array.of(0) };
  const attr = {
    dtype: attributeMessage({ type: 'type', value: 3 }),
    value: attributeMessage({ type: 'tensor', value: zero }),
  };
  return create(NodeDefSchema, { name: companion.done(name), op: 'Const', input: [`^${name}`], attr });
}

function outputName(name: string): string {
  return name.includes(':') ? name : `${name}:0`;
}

function nodeName(name: string): string {
  return name.replace(/^\^/, '').replace(/:\d+$/, '');
}
