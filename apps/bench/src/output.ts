/** A table for the terminal: columns padded, numbers as they are given. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** Prints a command's result: text for people, or one line of JSON as the last line of standard output. */
export function printResult(result: unknown, text: string, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text}\n`);
}
