/** About the mean width of a letter of a system's sans-serif, as a part of its size; generous, so that text fits. */
const meanLetterWidth = 0.58;

/** About how wide a text will be, in the unit of `size`: nothing here knows the reader's fonts. */
export function textWidth(text: string, size: number): number {
  return lettersOf(text).length * meanLetterWidth * size;
}

/** Lines no wider than `width`, broken between words; a longer word is cut. */
export function wrapText(text: string, width: number, size: number): string[] {
  const room = Math.max(1, Math.floor(width / (meanLetterWidth * size)));
  const lines: string[] = [];
  const words = text.split(/\s+/).flatMap((word) => chunks(word, room));
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && lettersOf(last).length + 1 + lettersOf(word).length <= room)
      lines.splice(-1, 1, `${last} ${word}`);
    else lines.push(word);
  }
  return lines;
}

function chunks(word: string, length: number): string[] {
  const letters = lettersOf(word);
  const count = Math.ceil(letters.length / length);
  return Array.from({ length: count }, (_, i) => letters.slice(i * length, (i + 1) * length).join(''));
}

function lettersOf(text: string): string[] {
  return Array.from(text);
}
