import { JinjaSyntaxError, type Arguments, type Expression, type SyntaxOptions } from '../../jinja/index.ts';
import { PythonValue } from '../../values/index.ts';
import { bracketed, code, keyText, level, NotImported, textLiteral, type Code } from './code.ts';

/** What names mean where an expression stands. */
export interface Scope {
  /** The code of a name; undefined for one that is not known here. */
  name(name: string): Code | undefined;
  /** Notes that a part of the context of task lists is read; gives its name. */
  context(part: 'host' | 'groups' | 'hostvars' | 'playHosts'): string;
  /** Notes that something is imported: from ansible.ts, or with `from`. */
  use(name: string, from?: string): string;
  /** Notes that a variable which may be undefined has to be there. */
  needs(name: string): void;
  /** The text of a template by its name, where there are some: what `lookup('template', NAME)` gives. @throws NotImported */
  readonly template?: ((compiler: Compiler, name: string) => Code) | undefined;
  /** All variables of the host as a list of arguments, where they are at hand: for those found by a computed name. */
  readonly everyVariable?: (() => string) | undefined;
  /** Names that mean something where the code stands: resources and helpers. No variable of a loop hides them. */
  readonly taken: ReadonlySet<string>;
}

/** What makes TypeScript of Jinja, as its parts see it. */
export interface Compiler {
  readonly scope: Scope;
  /** The same with more names. */
  within(names: ReadonlyMap<string, Code>): Compiler;
  /** Notes that something is imported; gives its name. */
  use(name: string, from?: string): string;
  /** An expression without `{{ }}`, as a `var` of `debug`; of conditions see `conditionOf`. @throws NotImported */
  expressionText(source: string, options?: SyntaxOptions): Code;
  /** A text with Jinja in it: a single `{{ }}` is the value itself. @throws NotImported */
  text(source: string): Code;
  /** Code whose text in a template literal is what Jinja prints. */
  printed(one: Code, by?: 'text' | 'stringOf'): string;
  /** @throws NotImported for what has no counterpart */
  expression(one: Expression): Code;
  /** A value that must be there: what may be undefined is asked for by name. */
  required(one: Code): Code;
}

export const runOf = (...all: readonly Code[]): number => all.reduce((run, one) => run | one.run, 0);

/** The opposite of a condition, without a double `!`. */
export function negated(one: Code): Code {
  if (typeof one.literal === 'boolean') return literalCode(!one.literal);
  const [, not] = /^!(?!=)(.*)$/s.exec(one.text) ?? [];
  if (not !== undefined && one.level === level.unary && isSimple(not)) return code(not, 'flag', { run: one.run });
  const [, left, right] = /^([\w.$[\]'()?]+) === ([^\s]+|'[^']*')$/.exec(one.text) ?? [];
  if (left !== undefined && right !== undefined && one.level === level.equality)
    return code(`${left} !== ${right}`, 'flag', { level: level.equality, run: one.run });
  return code(`!${bracketed(one, level.unary)}`, 'flag', { level: level.unary, run: one.run });
}

const isSimple = (text: string): boolean => /^[\w.$]+(?:\([^()]*\))*(?:\.\w+)*$/.test(text);

/** What Python prints as another number than TypeScript would is not for this function: see `numberCode`. */
export function literalCode(value: string | number | boolean | null): Code {
  if (typeof value === 'string') return textLiteral(value);
  if (typeof value === 'boolean') return code(String(value), 'flag', { literal: value });
  if (value === null) return code('null', 'null');
  return code(String(value), 'number', { literal: value, level: value < 0 ? level.unary : level.primary });
}

/** A number as Python has it: what would be printed differently here is a value of Python's. */
export function numberCode(compiler: Compiler, value: number | bigint, isFloat: boolean): Code {
  if (typeof value === 'bigint') return code(`${compiler.use('PythonValue', 'play')}.int(${value}n)`, 'any');
  const isSame = isFloat ? !(PythonValue.float(value) instanceof PythonValue) : Number.isSafeInteger(value);
  return isSame ? literalCode(value) : floatCode(compiler, code(String(value), 'number', { literal: value }));
}

/** A number that Python prints with a fraction, also where it is whole. */
export const floatCode = (compiler: Compiler, number: Code): Code =>
  code(`${compiler.use('float')}(${number.text})`, 'any', { run: number.run, number });

/** A value for calculating or comparing: a number where it is one. */
export const numberOf = (one: Code): Code => one.number ?? one;

/** Arguments by their places. @throws NotImported for others */
export function plainArguments({ positional, named, rest, namedRest }: Arguments): readonly Expression[] {
  if (named.length > 0 || rest !== undefined || namedRest !== undefined)
    throw new NotImported('a call with named arguments');
  return positional;
}

/** Arguments in the order of the parameters; undefined for those that are left out. @throws NotImported for others */
export function argumentsOf(
  parameters: readonly string[],
  { positional, named, rest, namedRest }: Arguments,
): readonly (Expression | undefined)[] {
  const byName = new Map(named);
  if (rest !== undefined || namedRest !== undefined || named.some(([name]) => !parameters.includes(name)))
    throw new NotImported('a call with named arguments');
  const last = parameters.findLastIndex((name, i) => i < positional.length || byName.has(name));
  return parameters.slice(0, last + 1).map((name, i) => positional[i] ?? byName.get(name));
}

/** Whether an object has these keys in their order. */
export const keepsOrder = (keys: readonly string[]): boolean =>
  Object.keys(Object.fromEntries(keys.map((key) => [key, 0]))).every((key, i) => key === keys[i]);

/** A mapping, whose keys stay in their order: those that look like numbers would come first here. */
export function mapCode(
  compiler: Compiler,
  entries: readonly (readonly [key: string, value: string, literal: Code['literal']])[],
): string {
  const keys = [...new Set(entries.map(([key, , literal]) => (literal === undefined ? key : String(literal))))];
  if (!keepsOrder(keys))
    return `${compiler.use('mapping')}([${entries.map(([key, value]) => `[${key}, ${value}]`).join(', ')}])`;
  const made = entries.map(([key, value, literal]) =>
    typeof literal === 'string' ? `${keyText(literal)}: ${value}` : `[${key}]: ${value}`,
  );
  return made.length === 0 ? '{}' : `{ ${made.join(', ')} }`;
}

/** Calls a parser; what it cannot read is not imported. */
export function jinja<T>(parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    if (thrown instanceof JinjaSyntaxError)
      throw new NotImported('Jinja syntax', `this Jinja cannot be parsed: ${thrown.message}`);
    throw thrown;
  }
}
