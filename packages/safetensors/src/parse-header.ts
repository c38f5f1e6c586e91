/** {"name": {"shape": […]}} */
const MAX_DEPTH = 3;

/** Each tensor's entry has about seven: enough for 280,000 tensors, which take less than 1 GB to decode. */
const MAX_COMMAS = 2_000_000;

/**
 * Parses a JSON header as the format wants it: UTF-8 that begins with `{`, without a name that is given twice (of which
 * `JSON.parse` would keep the last), and nested no deeper than a header is. With a limit for the number of its parts, that
 * bounds the memory which parsing takes.
 *
 * @throws Error with what is wrong
 */
export function parseHeader(header: Uint8Array): unknown {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  if (!text.startsWith('{')) throw new SyntaxError('it does not begin with {');
  checkParts(text);
  return JSON.parse(text);
}

function checkParts(text: string): void {
  const part = /["{}[\],]/g;
  let numCommas = 0;
  /** The names so far in each open object or array. */
  const open: Set<string>[] = [];
  for (let found = part.exec(text); found; found = part.exec(text)) {
    const [character] = found;
    if (character === '"') {
      const end = endOfString(text, found.index);
      part.lastIndex = end;
      if (isFollowedByColon(text, end)) addName(open.at(-1), text.slice(found.index, end));
    } else if (character === ',') {
      if (++numCommas > MAX_COMMAS) throw new SyntaxError(`it has more than ${MAX_COMMAS} commas`);
    } else if (character === '}' || character === ']') {
      open.pop();
      // JSON.parse judges the rest.
      if (open.length === 0) return;
    } else {
      if (open.length === MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH}`);
      open.push(new Set());
    }
  }
}

/** The index after the closing quote. */
function endOfString(text: string, start: number): number {
  const special = /["\\]/g;
  special.lastIndex = start + 1;
  for (let found = special.exec(text); found; found = special.exec(text)) {
    if (found[0] === '"') return special.lastIndex;
    special.lastIndex++;
  }
  throw new SyntaxError('a string does not end');
}

function isFollowedByColon(text: string, index: number): boolean {
  const colon = /[ \t\n\r]*:/y;
  colon.lastIndex = index;
  return colon.test(text);
}

function addName(names: Set<string> | undefined, quoted: string): void {
  const name = JSON.parse(quoted) as string;
  if (names?.has(name)) throw new SyntaxError(`it has ${quoted} twice`);
  names?.add(name);
}
