import { LineCounter, parseDocument, type Document, type ParsedNode } from 'yaml';

/** A document, and which place of the text each of its own is. */
export interface ReadYaml {
  readonly document: Document.Parsed<ParsedNode, true>;
  readonly lines: LineCounter;
  /** A place of what was parsed as one of the text. */
  at(offset: number): number;
}

/** Where a line was indented, in the text that was parsed. */
interface Inserted {
  at: number;
}

/** Deeper than anybody nests. */
const indentation = ' '.repeat(200);
/** A file with more of them is no YAML, and each costs a reading of it. */
const mostRepairs = 100;

/**
 * Reads YAML. Quoted texts and lists or mappings in brackets that go on at the beginning of a line are against YAML's
 * rules, but PyYAML reads them, and people write them; so such lines are read as if they were indented, which changes
 * nothing else about them.
 *
 * @param isLenient whether to do so
 */
export function readYaml(text: string, isLenient: boolean): ReadYaml {
  const lines = new LineCounter();
  // For the places of the text as it is; parsing adds the lines it finds, and may see another text.
  lines.lineStarts.push(...lineStartsOf(text));
  const { document, at } = isLenient
    ? repairing(text, (one) => parse(one, true))
    : { document: parse(text, false), at: (offset: number) => offset };
  return { document, lines, at };
}

/**
 * A document of a text whose quoted texts and brackets may go on at the beginning of a line.
 *
 * @param parse reads a text, as it is or mended
 * @returns the document, and which place of the text each of its own is
 */
export function repairing<D extends Pick<Document.Parsed, 'errors'>>(
  text: string,
  parse: (text: string) => D,
): { readonly document: D; readonly at: (offset: number) => number } {
  const inserted: Inserted[] = [];
  let repaired = text;
  let document = parse(repaired);
  const first = document;
  while (document.errors.length > 0) {
    const starts = inserted.length < mostRepairs ? underIndented(document, repaired) : [];
    if (starts.length === 0) break;
    for (const at of starts.toReversed()) {
      repaired = repaired.slice(0, at) + indentation + repaired.slice(at);
      for (const other of inserted) if (other.at >= at) other.at += indentation.length;
      inserted.push({ at });
    }
    document = parse(repaired);
  }
  // What cannot be mended is told of the text as it was written.
  if (document.errors.length > 0) return { document: first, at: (offset) => offset };
  return { document, at: (offset) => offset - shiftAt(inserted, offset) };
}

function parse(text: string, isLenient: boolean): Document.Parsed<ParsedNode, true> {
  const document = parseDocument(text, {
    // Texts keep the spelling that Ansible's types are told by.
    schema: 'failsafe',
    // Sets, pairs and bytes are what Ansible has for them, and not what the library would make.
    resolveKnownTags: false,
    // Keys are checked elsewhere: the library compares each key with every other, 3 s for 10,000 hosts.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  if (!isLenient) return document;
  // A comment glued to what it follows (`"text"#comment`) is one all the same, to PyYAML and in what was read here.
  document.errors = document.errors.filter(({ message }) => !message.startsWith('Comments must be separated'));
  return document;
}

function shiftAt(inserted: readonly Inserted[], offset: number): number {
  return inserted.reduce((sum, { at }) => (at < offset ? sum + Math.min(indentation.length, offset - at) : sum), 0);
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The beginnings of lines that the first error is about, where it is about their indentation. */
function underIndented(document: Pick<Document.Parsed, 'errors'>, text: string): readonly number[] {
  const [error] = document.errors;
  if (error === undefined) return [];
  const [at] = error.pos;
  if (error.code === 'BAD_INDENT' && error.message.startsWith('Flow ')) return [text.lastIndexOf('\n', at - 1) + 1];
  const quote = /^Missing closing (["'])/.exec(error.message)?.[1];
  return error.code === 'MISSING_CHAR' && quote !== undefined ? linesOfQuoted(text, at, quote) : [];
}

/** The lines from `at` on in which a quoted text goes on; none where it never ends. */
function linesOfQuoted(text: string, at: number, quote: string): number[] {
  const starts: number[] = [];
  for (let i = at; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\n') starts.push(i + 1);
    else if (character === '\\' && quote === '"') i++;
    else if (character === quote) {
      if (quote === '"' || text.charAt(i + 1) !== quote) return starts;
      i++;
    }
  }
  return [];
}
