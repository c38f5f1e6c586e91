/** What went wrong: `bad-checkpoint` (a state of another network or optimiser). */
export type TrainerErrorCode = 'bad-checkpoint';

/** An error from outside the program's own arguments; its message says what to do. */
export class TrainerError extends Error {
  readonly code: TrainerErrorCode;

  constructor(code: TrainerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TrainerError';
    this.code = code;
  }
}
