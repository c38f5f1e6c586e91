/** {"name": {"shape": […]}} */
const MAX_DEPTH = 3;

/**
 * Parses a JSON header as the format wants it: UTF-8 that begins with `{`, without a name that is given twice (of which
 * `JSON.parse` would keep the last), and nested no deeper than a header is (which bounds the memory it takes).
 *
 * @throws Error with what is wrong
 */
export function parseHeader(header: Uint8Array): unknown {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  if (!text.startsWith('{')) throw new SyntaxError('it does not begin with {');
  checkNesting(text);
  return JSON.parse(text);
}

function checkNesting(text: string): void {
  const bracket = /["{}[\]]/g;
  /** The names so far in each open object or array. */
  const open: Set<string>[] = [];
  for (let found = bracket.exec(text); found; found = bracket.exec(text)) {
    const [character] = found;
    if (character === '"') {
      const end = endOfString(text, found.index);
      bracket.lastIndex = end;
      if (isFollowedByColon(text, end)) addName(open.at(-1), text.slice(found.index, end));
    } else if (character === '}' || character === ']') {
      open.pop();
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
