/** Progress on standard error: one line that is rewritten on a terminal, a line now and then elsewhere. */
export interface Progress {
  /** Shows how far the work is; cheap enough to call at every step. */
  update(text: string): void;
  /** Prints a line that stays. */
  note(text: string): void;
  /** Removes the line that is rewritten. */
  clear(): void;
}

const terminalInterval = 100;
const lineInterval = 15_000;

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let lastAt = -Infinity;
  let shown = false;
  const clear = () => {
    if (shown) stream.write('\r\x1b[2K');
    shown = false;
  };
  return {
    update(text) {
      const now = performance.now();
      if (now - lastAt < (stream.isTTY ? terminalInterval : lineInterval)) return;
      lastAt = now;
      if (stream.isTTY) {
        stream.write(`\r\x1b[2K${text.slice(0, stream.columns - 1)}`);
        shown = true;
      } else {
        stream.write(`${text}\n`);
      }
    },
    note(text) {
      clear();
      stream.write(`${text}\n`);
    },
    clear,
  };
}

/** `75` → `1 min 15 s`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `139000000` → `139 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${Math.round(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Shows a step of an installation or a download, with what has arrived of how much where that is known. */
export function showDownload(progress: Progress, message: string, bytes?: number, totalBytes?: number): void {
  const share = totalBytes === undefined ? '' : `  ${formatBytes(bytes ?? 0)} of ${formatBytes(totalBytes)}`;
  progress.update(`${message}${share}`);
}
