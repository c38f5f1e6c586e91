import { createModel, type ModelName } from '@superconvergence/models';
import * as tf from '@tensorflow/tfjs';

/**
 * The same network in stock tfjs layers: what `createModel` gives, as it is when saved and loaded by somebody who has
 * only tfjs. Weight names stay.
 */
export async function createStockModel(name: ModelName): Promise<tf.LayersModel> {
  const model = createModel(name);
  try {
    // Typed as an object, but `toJSON` gives the text unless it is told not to.
    const topology = model.toJSON(undefined, false) as object;
    return await tf.models.modelFromJSON({ modelTopology: topology } as tf.io.ModelJSON);
  } finally {
    model.dispose();
  }
}
