/** A piece of code that knows how it may be broken over lines. */
export type Doc = string | Bracketed | Arrow | Joined | Choice | Marked;

interface Bracketed {
  readonly type: 'bracketed';
  readonly open: string;
  readonly close: string;
  readonly items: readonly Doc[];
  /** Blanks inside of the brackets where it is on one line: `{ a }`. */
  readonly spaced: boolean;
  /** Over several lines whatever its length. */
  readonly always: boolean;
}
/** `head` and, on a line of its own where it does not fit, `body`. */
interface Arrow {
  readonly type: 'arrow';
  readonly head: string;
  readonly body: Doc;
  readonly tail: string;
}
interface Joined {
  readonly type: 'joined';
  readonly parts: readonly Doc[];
}
/** Elements of a list where a condition holds, else none. */
interface Choice {
  readonly type: 'choice';
  readonly when: string;
  readonly items: Doc;
}
/** What is made of one task, so that its lines can be traced back to it. */
interface Marked {
  readonly type: 'marked';
  readonly task: number;
  readonly body: Doc;
  /** Lines above it. */
  readonly comments: readonly string[];
}

const widest = 120;

export const list = (items: readonly Doc[], always = false): Doc => ({
  type: 'bracketed',
  open: '[',
  close: ']',
  items,
  spaced: false,
  always,
});
export const object = (entries: readonly Doc[], always = false): Doc => ({
  type: 'bracketed',
  open: '{',
  close: '}',
  items: entries,
  spaced: true,
  always,
});
export const arrow = (head: string, body: Doc, tail: string): Doc => ({ type: 'arrow', head, body, tail });
export const choice = (when: string, items: Doc): Doc => ({ type: 'choice', when, items });
export const joined = (...parts: readonly Doc[]): Doc => ({ type: 'joined', parts });
export const marked = (task: number, body: Doc, comments: readonly string[] = []): Doc => ({
  type: 'marked',
  task,
  body,
  comments,
});

/** A call; a single object or list stays beside its bracket. */
export function call(name: string, ...args: readonly Doc[]): Doc {
  const [first, second] = args;
  if (second === undefined && typeof first === 'object' && first.type === 'bracketed')
    return joined(`${name}(`, first, ')');
  return { type: 'bracketed', open: `${name}(`, close: ')', items: args, spaced: false, always: false };
}

/** Marks in the text until lines are counted; they have no width. */
const from = (task: number): string => `\u0001${task}\u0002`;
const to = (task: number): string => `\u0003${task}\u0002`;
const marks = /[\u0001\u0003]\d+\u0002/g;
const width = (text: string): number => text.replaceAll(marks, '').length;

/** On one line; undefined where it has to be several. */
function flat(doc: Doc): string | undefined {
  if (typeof doc === 'string') return doc.includes('\n') ? undefined : doc;
  switch (doc.type) {
    case 'bracketed': {
      if (doc.always && doc.items.length > 0) return undefined;
      const items = doc.items.map(flat);
      if (items.includes(undefined)) return undefined;
      const inner = items.join(', ');
      return inner === ''
        ? doc.open + doc.close
        : doc.spaced
          ? `${doc.open} ${inner} ${doc.close}`
          : doc.open + inner + doc.close;
    }
    case 'arrow': {
      const body = flat(doc.body);
      return body === undefined ? undefined : `${doc.head} ${body}${doc.tail}`;
    }
    case 'joined': {
      const parts = doc.parts.map(flat);
      return parts.includes(undefined) ? undefined : parts.join('');
    }
    case 'choice': {
      const then = flat(doc.items);
      return then === undefined ? undefined : `...(${doc.when} ? ${then} : [])`;
    }
    case 'marked': {
      const body = flat(doc.body);
      return body === undefined || doc.comments.length > 0 ? undefined : from(doc.task) + body + to(doc.task);
    }
  }
}

/**
 * Prints a piece of code.
 *
 * @param indent how far the lines behind the first are indented
 * @param column where the first line begins
 * @param reserved columns that follow its last line: a comma, a bracket
 */
function printAt(doc: Doc, indent: number, column: number, reserved: number): string {
  const one = flat(doc);
  if (one !== undefined && column + width(one) + reserved <= widest) return one;
  if (typeof doc === 'string') return doc;
  const inner = ' '.repeat(indent + 2);
  const outer = ' '.repeat(indent);
  switch (doc.type) {
    case 'bracketed': {
      if (doc.items.length === 0) return doc.open + doc.close;
      const lines = doc.items.map((item) => `${inner}${printAt(item, indent + 2, indent + 2, 1)},\n`);
      return `${doc.open}\n${lines.join('')}${outer}${doc.close}`;
    }
    case 'arrow': {
      const tail = doc.tail === '' ? '' : `,\n${outer}${doc.tail}`;
      return `${doc.head}\n${inner}${printAt(doc.body, indent + 2, indent + 2, 1)}${tail}`;
    }
    case 'joined': {
      let at = column;
      return doc.parts
        .map((part, i) => {
          const rest = doc.parts
            .slice(i + 1)
            .reduce((sum, next) => sum + (typeof next === 'string' ? next.length : 0), 0);
          const text = printAt(part, indent, at, reserved + rest);
          const last = text.split('\n').at(-1) ?? '';
          at = text.includes('\n') ? width(last) : at + width(last);
          return text;
        })
        .join('');
    }
    case 'choice':
      return `...(${doc.when}\n${inner}? ${printAt(doc.items, indent + 4, indent + 4, 0)}\n${inner}: [])`;
    case 'marked': {
      const comments = doc.comments.map((comment) => `// ${comment}\n${outer}`).join('');
      return comments + from(doc.task) + printAt(doc.body, indent, indent, reserved) + to(doc.task);
    }
  }
}

export const print = (doc: Doc, indent = 0, column = indent): string => printAt(doc, indent, column, 1);

/** Where each task is in a text: its first and last line, from 1. */
export type Lines = ReadonlyMap<number, { readonly first: number; readonly last: number }>;

/** Takes the marks out of a text, and says on which lines its tasks are. */
export function withoutMarks(text: string): { text: string; lines: Lines } {
  const lines = new Map<number, { first: number; last: number }>();
  text.split('\n').forEach((line, i) => {
    for (const match of line.matchAll(/[\u0001\u0003](\d+)\u0002/g)) {
      const number = Number(match[1]);
      const known = lines.get(number);
      // A task may be in several pieces: what is written out of its loop, a constant and its use.
      if (known === undefined) lines.set(number, { first: i + 1, last: i + 1 });
      else known.last = i + 1;
    }
  });
  return { text: text.replaceAll(marks, ''), lines };
}
