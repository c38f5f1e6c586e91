import { msra, torchDefault, uniform, xavier, type Initialiser } from '../initialisers.ts';

/** A family's initialisation; scales start at 1, everything that is not named at 0. */
export type InitialisationRule = {
  convolution: Initialiser;
  /** Kernels of fully connected layers; `null`: 0. */
  dense: Initialiser | null;
  /** Biases of fully connected layers, by the layer's number of inputs. */
  denseBias?: (inputs: number) => Initialiser;
};

/** Caffe's `msra` filler for convolutions and `xavier` for the classifier, biases 0. */
export const CAFFE_INITIALISATION: InitialisationRule = { convolution: msra(), dense: xavier() };

/** PyTorch's default for fully connected layers: weights and biases uniform in ±√(1/inputs). */
export const PYTORCH_DENSE: Omit<InitialisationRule, 'convolution'> = {
  dense: torchDefault(),
  denseBias: (inputs) => uniform(Math.sqrt(1 / inputs)),
};
