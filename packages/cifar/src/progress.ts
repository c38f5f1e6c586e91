/** Where a load is. `bytes` of `total` are there when they are known; `warning` names what had to be worked around. */
export interface CifarProgress {
  readonly phase: 'wait' | 'download' | 'verify' | 'decode' | 'write' | 'warning';
  /** One line to show. */
  readonly message: string;
  readonly source?: 'npm' | 'official';
  readonly bytes?: number;
  readonly total?: number;
}

/** Receives the events of one load. */
export type OnProgress = (event: CifarProgress) => void;

/** Used where the caller gave no `onProgress`: progress is dropped, a warning becomes a process warning. */
export function warnOnly(event: CifarProgress): void {
  if (event.phase === 'warning') process.emitWarning(event.message, 'CifarWarning');
}
