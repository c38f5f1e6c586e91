/** What every layer takes, and what a saved one is made of again: tfjs's own options of all layers. */
export type LayerOptions = {
  name: string;
  /** Whether an optimiser may change its weights. Default true. */
  trainable?: boolean;
};
