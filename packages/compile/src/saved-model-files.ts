import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { SavedModelSchema, type GraphDef, type SignatureDefSchema } from './protobuf-tensorflow.ts';
import { nodeModule } from './saved-model-folder.ts';

/** What a SavedModel holds. */
export interface ModelContents {
  readonly graphDef: GraphDef;
  readonly signatures: Readonly<Record<string, MessageInitShape<typeof SignatureDefSchema>>>;
}

/** Writes a SavedModel, tagged `serve`, into a folder that is made if need be. */
export function writeModel(folder: string, { graphDef, signatures }: ModelContents): void {
  const fs = nodeModule('node:fs');
  const model = create(SavedModelSchema, {
    savedModelSchemaVersion: 1n,
    metaGraphs: [{ metaInfoDef: { tags: ['serve'] }, graphDef, signatureDef: signatures }],
  });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(nodeModule('node:path').join(folder, 'saved_model.pb'), toBinary(SavedModelSchema, model));
}
