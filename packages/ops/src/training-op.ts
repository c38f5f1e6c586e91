import * as tf from '@tensorflow/tfjs';

/** One attribute of a TensorFlow operation, as tfjs-node's binding takes it. */
export type NativeAttribute = { name: string; type: number; value: unknown };

/** The part of tfjs-node's backend that runs one TensorFlow operation, eagerly. */
export type NativeBackend = {
  binding: {
    TF_ATTR_BOOL: number;
    TF_ATTR_FLOAT: number;
    TF_ATTR_INT: number;
    TF_ATTR_STRING: number;
    TF_ATTR_TYPE: number;
    TF_FLOAT: number;
    TF_INT32: number;
  };
  executeSingleOutput: (name: string, attributes: NativeAttribute[], inputs: tf.Tensor[]) => tf.Tensor;
  executeMultipleOutputs: (
    name: string,
    attributes: NativeAttribute[],
    inputs: tf.Tensor[],
    numOutputs: number,
  ) => tf.Tensor[];
  isUsingGpuDevice?: boolean;
};

type Tensors = Record<string, tf.Tensor>;
type Attributes = Record<string, number | string | boolean>;

/** An operation with two implementations that give the same outputs, and at most one gradient for both. */
export type TrainingOp = {
  /** Its name in tfjs's kernel registry. None of tfjs's own names may be used: those stay as they are. */
  name: string;
  /** On tfjs-node: through the backend's two methods only, so that whoever records those sees every step. */
  native: (backend: NativeBackend, inputs: Tensors, attributes: Attributes) => tf.Tensor[];
  /** On every other backend: composed of tfjs's operations. May return fewer outputs than `native`. */
  composed: (inputs: Tensors, attributes: Attributes) => tf.Tensor[];
  /** First derivative. `derivatives` returns one tensor for each input that has a derivative. */
  gradient?: {
    inputsToSave: string[];
    outputsToSave: boolean[];
    derivatives: (outputGradients: tf.Tensor[], saved: tf.Tensor[], attributes: Attributes) => Tensors;
  };
};

/**
 * Runs a training operation on the current backend.
 *
 * Its kernel is registered with tfjs the first time each backend meets it, so importing this package has no effect
 * of its own. Outputs belong to the caller's `tf.tidy`, intermediates are disposed.
 */
export function runTrainingOp(op: TrainingOp, inputs: Tensors, attributes: Attributes = {}): tf.Tensor[] {
  register(op, tf.getBackend());
  return tf.engine().runKernel<tf.Tensor[]>(op.name, inputs, attributes);
}

/** The attribute that says an operation works on float32. */
export function floatType(backend: NativeBackend, name = 'T'): NativeAttribute {
  return { name, type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT };
}

/** The attribute that says channels come last. */
export function channelsLast(backend: NativeBackend): NativeAttribute {
  return { name: 'data_format', type: backend.binding.TF_ATTR_STRING, value: 'NHWC' };
}

function register(op: TrainingOp, backendName: string): void {
  if (isMissing(tf.getKernel(op.name, backendName))) {
    tf.registerKernel({
      kernelName: op.name,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        // runKernel passes on the tensors it was given; tfjs types them as the narrower TensorInfo.
        const tensors = inputs as Tensors;
        const attributes = (attrs ?? {}) as Attributes;
        return tf.tidy(() =>
          isNative(backend) ? op.native(backend, tensors, attributes) : op.composed(tensors, attributes),
        );
      },
    });
  }
  const { gradient } = op;
  if (gradient && isMissing(tf.getGradient(op.name))) {
    tf.registerGradient({
      kernelName: op.name,
      inputsToSave: gradient.inputsToSave,
      outputsToSave: gradient.outputsToSave,
      gradFunc: (outputGradients, saved, attrs) => {
        const list = Array.isArray(outputGradients) ? outputGradients : [outputGradients];
        const derivatives = gradient.derivatives(list, saved, attrs as Attributes);
        return Object.fromEntries(
          Object.entries(derivatives).map(([name, derivative]) => [name, () => derivative]),
        );
      },
    });
  }
}

function isNative(backend: object): backend is NativeBackend {
  return 'executeSingleOutput' in backend && 'executeMultipleOutputs' in backend && 'binding' in backend;
}

/** The registries answer undefined for an unknown name, which tfjs's types leave out. */
function isMissing(entry: unknown): boolean {
  return entry === undefined;
}
