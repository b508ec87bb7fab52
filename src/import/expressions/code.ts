/** What is known of a value where the code is written. */
export type Kind =
  | 'text'
  | 'number'
  /** Text or a number: what prints the same here and in Ansible. */
  | 'scalar'
  | 'flag'
  | 'list'
  /** A list of texts. */
  | 'texts'
  | 'map'
  | 'null'
  | 'any';

/** How weakly TypeScript's operators bind. */
export const level = {
  arrow: 0,
  choice: 1,
  nullish: 2,
  or: 3,
  and: 4,
  equality: 5,
  relation: 6,
  sum: 7,
  product: 8,
  unary: 9,
  primary: 10,
} as const;

/** Bits of `Code.run`: what of the run the code reads. */
export const reads = { facts: 1, results: 2, result: 4 } as const;

/** A piece of TypeScript that gives a value. */
export interface Code {
  readonly text: string;
  readonly level: number;
  readonly kind: Kind;
  /** Bits of `reads`; 0: it is known before the run. */
  readonly run: number;
  /** It may be undefined, as a variable that nobody set is. */
  readonly maybe?: string;
  /** It is a field of a result: of a task that was skipped it is undefined. */
  readonly isField?: true;
  /** It may be a number, whatever else it may be. */
  readonly mayBeNumber?: true;
  /** The same as a condition, where that is shorter than asking whether the value is true: of `and` and `or`. */
  readonly asked?: Code;
  /** The number itself, of a value that is one which Python prints with a fraction. */
  readonly number?: Code;
  /** Its value, where it is known now. */
  readonly literal?: string | number | boolean;
  /** It is a macro of a template: a function here, of these parameters. */
  readonly macro?: readonly string[];
  /** The result of a task: its module, and the name of the task. */
  readonly result?: ResultOf;
  /** A loop's item made of a key and its value, or of several lists. */
  readonly parts?: Readonly<Record<string, Code>>;
  /** Its parts are all that it has: another is undefined. */
  readonly isWhole?: true;
}

/** What a registered name stands for. */
export interface ResultOf {
  readonly module: string;
  /** The code of the result itself: `results(check)`, `result`. */
  readonly of: string;
  /** What the task was done over: its items and their tasks. */
  readonly loop?: { readonly name: string };
  /** Of a task that does each of a list only the run knows: the function that gives the list, and the module it repeats. */
  readonly each?: { readonly items: string; readonly module: string };
  /** The item it was done for. */
  readonly item?: Code;
}

export const code = (text: string, kind: Kind, more: Partial<Code> = {}): Code => ({
  text,
  kind,
  level: level.primary,
  run: 0,
  ...more,
});

/** What cannot be said in TypeScript; the reason is for people. */
export class NotImported extends Error {
  /** A word for the report: `filter xyz`, `option copy.follow`. */
  readonly about: string;
  constructor(about: string, why = about) {
    super(why);
    this.about = about;
  }
}

/** The code, in brackets where it binds weaker than what stands around it. */
export const bracketed = (one: Code, least: number): string => (one.level < least ? `(${one.text})` : one.text);

/** A text as a literal. */
export function quote(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(
      /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

/** A text as it stands in a template literal: a `$` at its end may have a `{` behind it. */
export const templateText = (text: string): string => text.replaceAll(/[\\`]|\$(?=\{|$)/g, '\\$&');

/** A name as it may stand behind a dot, or as a key of an object. */
export const isName = (text: string): boolean => /^[A-Za-z_$][\w$]*$/.test(text);

export const property = (object: string, key: string, optional = false): string =>
  isName(key) ? `${object}${optional ? '?.' : '.'}${key}` : `${object}${optional ? '?.' : ''}[${quote(key)}]`;

export const keyText = (key: string): string => (isName(key) ? key : quote(key));

export const textLiteral = (text: string): Code => code(quote(text), 'text', { literal: text });
