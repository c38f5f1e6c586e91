/** What the installation is doing. */
export interface InstallProgress {
  phase: 'plan' | 'wait' | 'download' | 'verify' | 'unpack' | 'compile' | 'done';
  /** One line for people. */
  message: string;
  /** Done so far and in all, where a phase can be measured (download). */
  bytes?: number;
  totalBytes?: number;
}

/** Receives the installation's progress. */
export type ProgressListener = (event: InstallProgress) => void;

/** Prints progress on standard error: a line per phase and, for downloads, one each ten per cent. */
export function progressPrinter(): ProgressListener {
  let lastPhase = '';
  let lastTenth = -1;
  return (event) => {
    const tenth =
      event.bytes === undefined || event.totalBytes === undefined
        ? -1
        : Math.floor((10 * event.bytes) / event.totalBytes);
    const line = `${event.phase} ${event.message}`;
    if (line === lastPhase && tenth === lastTenth) return;
    lastPhase = line;
    lastTenth = tenth;
    const percent = tenth > 0 ? ` (${tenth * 10} %)` : '';
    process.stderr.write(`engine: ${event.message}${percent}\n`);
  };
}

/** Bytes as people read them: `274 MB`, `3.2 GB`. */
export function formatBytes(bytes: number): string {
  return bytes >= 1e9
    ? `${(bytes / 1e9).toFixed(1)} GB`
    : `${String(Math.max(1, Math.round(bytes / 1e6)))} MB`;
}
