/**
 * - `truncated`: the file is shorter than it says
 * - `bad-header`: its header is not the JSON that the format describes
 * - `bad-layout`: the tensors' places overlap, leave gaps, or have another size than their shapes
 * - `unsupported-type`: a tensor has a type that no array of JavaScript holds
 * - `not-float32`: {@link onlyFloat32} found integers or booleans
 */
export type SafeTensorsErrorCode =
  'truncated' | 'bad-header' | 'bad-layout' | 'unsupported-type' | 'not-float32';

/** What is wrong with a file; its message says what to do. */
export class SafeTensorsError extends Error {
  readonly code: SafeTensorsErrorCode;

  constructor(code: SafeTensorsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SafeTensorsError';
    this.code = code;
  }
}
