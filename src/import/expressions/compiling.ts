import { JinjaSyntaxError, type Arguments, type Expression } from '../../jinja/index.ts';
import { bracketed, code, level, NotImported, textLiteral, type Code } from './code.ts';

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
  /** An expression as it stands in `when`. @throws NotImported */
  expressionText(source: string): Code;
  /** A text with Jinja in it: a single `{{ }}` is the value itself. @throws NotImported */
  text(source: string): Code;
  /** Code whose text in a template literal is what Jinja prints. */
  printed(one: Code): string;
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

/** A number as Python prints it is not always as it is printed here. */
export function literalCode(value: string | number | bigint | boolean | null, isFloat = false): Code {
  if (typeof value === 'string') return textLiteral(value);
  if (typeof value === 'boolean') return code(String(value), 'flag', { literal: value });
  if (value === null) return code('null', 'null');
  if (typeof value === 'bigint' || (isFloat && Number.isInteger(value)))
    throw new NotImported('number', `the number ${value} is printed differently here`);
  return code(String(value), 'number', { literal: value, level: value < 0 ? level.unary : level.primary });
}

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
