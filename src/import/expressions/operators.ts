import {
  parseJinja,
  type ArithmeticOperator,
  type Binary,
  type Compare,
  type CompareOperator,
  type Concat,
  type Expression,
  type Logical,
} from '../../jinja/index.ts';
import { bracketed, code, type Code, level, NotImported, templateText } from './code.ts';
import { floatCode, jinja, numberOf, runOf, type Compiler } from './compiling.ts';
import { mayBeSecret } from './secret-names.ts';

/** A value as a condition: Jinja takes empty lists and mappings for false, which TypeScript does not. */
export function condition(compiler: Compiler, one: Code): Code {
  if (one.asked !== undefined) return one.asked;
  if (one.kind === 'flag')
    return one.maybe === undefined
      ? one
      : code(`${bracketed(one, level.equality)} === true`, 'flag', { level: level.equality, run: one.run });
  const held = bracketed(one, level.primary);
  const safe = one.maybe === undefined;
  if (one.result !== undefined) return code('true', 'flag');
  if (typeof one.literal === 'string') return code(String(one.literal !== ''), 'flag', { literal: one.literal !== '' });
  if ((one.kind === 'list' || one.kind === 'texts') && safe)
    return code(`${held}.length > 0`, 'flag', { level: level.relation, run: one.run });
  if (one.kind === 'text' && safe)
    return code(`${bracketed(one, level.equality)} !== ''`, 'flag', { level: level.equality, run: one.run });
  if (one.kind === 'number' && safe)
    return code(`${bracketed(one, level.equality)} !== 0`, 'flag', { level: level.equality, run: one.run });
  return code(`${compiler.use('truthy')}(${one.text})`, 'flag', { run: one.run });
}

const arithmetic: Partial<Record<ArithmeticOperator, number>> = {
  '-': level.sum,
  '*': level.product,
  '/': level.product,
};

/** @throws NotImported where TypeScript has no such operator for these values */
export function compileBinary(compiler: Compiler, { operator, left, right }: Binary): Code {
  const given = [compiler.required(compiler.expression(left)), compiler.required(compiler.expression(right))] as const;
  const [a, b] = [numberOf(given[0]), numberOf(given[1])];
  if (operator === '/') {
    const text = `${bracketed(a, level.product)} / ${bracketed(b, level.unary)}`;
    return floatCode(compiler, code(text, 'number', { level: level.product, run: runOf(a, b) }));
  }
  const isFloat = [...given].some(({ number, literal }) => number !== undefined || isFraction(literal));
  const isNumber = a.kind === 'number' && b.kind === 'number';
  const made = numeric(compiler, operator, isNumber ? [a, b] : given, right.kind === 'tuple');
  return isFloat && isNumber && made.kind === 'number' ? floatCode(compiler, made) : made;
}

const isFraction = (literal: Code['literal']): boolean => typeof literal === 'number' && !Number.isInteger(literal);

function numeric(
  compiler: Compiler,
  operator: ArithmeticOperator,
  [a, b]: readonly [Code, Code],
  isTuple: boolean,
): Code {
  const run = runOf(a, b);
  if (operator === '+') return sum(compiler, a, b);
  if (operator === '//')
    return code(`Math.floor(${bracketed(a, level.product)} / ${bracketed(b, level.unary)})`, 'number', { run });
  if (operator === '**')
    return code(`${bracketed(a, level.primary)} ** ${bracketed(b, level.primary)}`, 'number', {
      level: level.product,
      run,
    });
  // Of a text it is formatting, and its sign is another than here.
  if (operator === '%')
    return code(
      `${compiler.use('remainder')}(${a.text}, ${b.text}${isTuple ? ', true' : ''})`,
      a.kind === 'number' ? 'number' : 'any',
      { run },
    );
  if (operator === '*' && (a.kind !== 'number' || b.kind !== 'number')) {
    const isText = a.kind === 'text' && typeof a.literal === 'string' && b.kind === 'number';
    return isText
      ? code(`${bracketed(a, level.primary)}.repeat(${b.text})`, 'text', { run })
      : code(`${compiler.use('times')}(${a.text}, ${b.text})`, a.kind === 'text' ? 'text' : 'any', { run });
  }
  if (operator === '-' && (a.kind !== 'number' || b.kind !== 'number'))
    return code(`${compiler.use('minus')}(${a.text}, ${b.text})`, 'any', { run });
  const binds = arithmetic[operator];
  if (binds === undefined) throw new NotImported(`operator ${operator}`);
  return code(`${bracketed(a, binds)} ${operator} ${bracketed(b, binds + 1)}`, 'number', { level: binds, run });
}

export function compileCompare(compiler: Compiler, { first, rest }: Compare): Code {
  let left = first;
  const made = rest.map(([operator, right]) => {
    const one = comparison(compiler, operator, left, right);
    left = right;
    return one;
  });
  return all(made);
}

function comparison(compiler: Compiler, operator: CompareOperator, left: Expression, right: Expression): Code {
  if (operator === 'in') return membership(compiler, left, right, false);
  if (operator === 'not in') return membership(compiler, left, right, true);
  if (operator === '==' || operator === '!=') return equality(compiler, operator, left, right);
  const a = numberOf(compiler.required(compiler.expression(left)));
  const b = numberOf(compiler.required(compiler.expression(right)));
  return code(`${bracketed(a, level.sum)} ${operator} ${bracketed(b, level.sum)}`, 'flag', {
    level: level.relation,
    run: runOf(a, b),
  });
}

/** All of several conditions. */
function all(made: readonly Code[]): Code {
  const [first, ...more] = made.filter(({ text }) => text !== 'true');
  if (first === undefined) return code('true', 'flag', { literal: true });
  return more.reduce(
    (a, b) =>
      code(`${bracketed(a, level.and)} && ${bracketed(b, level.and)}`, 'flag', { level: level.and, run: runOf(a, b) }),
    first,
  );
}

/** `~`: all parts as text. */
export function compileConcat(compiler: Compiler, { parts }: Concat): Code {
  const [first, ...more] = parts.map((part) => compiler.required(compiler.expression(part)));
  if (first === undefined) throw new NotImported('operator ~');
  return more.reduce((a, b) => joined(compiler, a, b), first);
}

/** `and` and `or` of conditions; of other values they give one of them. */
export function compileLogical(compiler: Compiler, { operator, left, right }: Logical): Code {
  const [one, other] = [compiler.expression(left), compiler.expression(right)];
  const asked = logical(compiler, operator, one, other);
  if (one.kind === 'flag' && other.kind === 'flag') return asked;
  const test = condition(compiler, one);
  if (test.literal !== undefined) return { ...((operator === 'and') === test.literal ? other : one), asked };
  const [yes, no] = operator === 'and' ? [other, one] : [one, other];
  const isPair = (kind: Code['kind']): boolean => one.kind === kind && other.kind === kind;
  const kind = one.kind === other.kind ? one.kind : isPair('text') ? 'text' : 'any';
  const text = `${bracketed(test, level.nullish)} ? ${bracketed(yes, level.choice)} : ${bracketed(no, level.choice)}`;
  const maybe = other.maybe ?? one.maybe;
  return code(text, kind, {
    level: level.choice,
    run: runOf(one, other),
    asked,
    ...(maybe === undefined ? {} : { maybe }),
  });
}

function logical(compiler: Compiler, operator: 'and' | 'or', left: Code, right: Code): Code {
  const a = condition(compiler, left);
  const b = condition(compiler, right);
  const [sign, binds, other] =
    operator === 'and' ? (['&&', level.and, level.or] as const) : (['||', level.or, level.and] as const);
  if (a.text === 'true') return operator === 'and' ? b : a;
  if (b.text === 'true' && operator === 'and') return a;
  const side = (one: Code): string =>
    one.level === level.nullish || (one.level === other && binds === level.and)
      ? `(${one.text})`
      : bracketed(one, binds);
  return code(`${side(a)} ${sign} ${side(b)}`, 'flag', { level: binds, run: runOf(a, b) });
}

const isPlain = ({ kind, literal }: Code): boolean =>
  typeof literal === 'string' || kind === 'text' || kind === 'scalar' || kind === 'null';

/** Whether `===` says what `==` does in Python, where 1, 1.0 and True are equal. */
const isComparable = (a: Code, b: Code): boolean =>
  isPlain(a) || isPlain(b) || (a.kind === b.kind && (a.kind === 'number' || a.kind === 'flag'));

function equality(compiler: Compiler, operator: '==' | '!=', left: Expression, right: Expression): Code {
  const a = numberOf(compiler.expression(left));
  const b = numberOf(compiler.expression(right));
  const run = runOf(a, b);
  if (a.literal !== undefined && b.literal !== undefined) {
    const isNumber = typeof a.literal !== 'string' && typeof b.literal !== 'string';
    const isEqual = isNumber ? Number(a.literal) === Number(b.literal) : a.literal === b.literal;
    const is = isEqual === (operator === '==');
    return code(String(is), 'flag', { literal: is });
  }
  if (isComparable(a, b)) {
    if (a.kind === 'flag' && b.literal === true)
      return operator === '=='
        ? condition(compiler, a)
        : code(`${bracketed(a, level.equality)} !== true`, 'flag', { level: level.equality, run });
    return code(`${bracketed(a, level.relation)} ${operator}= ${bracketed(b, level.relation)}`, 'flag', {
      level: level.equality,
      run,
    });
  }
  const same = `${compiler.use('same')}(${a.text}, ${b.text})`;
  return operator === '==' ? code(same, 'flag', { run }) : code(`!${same}`, 'flag', { level: level.unary, run });
}

function membership(compiler: Compiler, left: Expression, right: Expression, not: boolean): Code {
  const a = compiler.required(compiler.expression(left));
  const b = compiler.expression(right);
  const run = runOf(a, b);
  const more = not ? { level: level.unary, run } : { run };
  const sign = not ? '!' : '';
  if (b.kind === 'texts' && a.kind !== 'text')
    return code(`${sign}${compiler.use('isIn')}(${a.text}, ${b.text})`, 'flag', more);
  const isSimple = b.kind === 'texts' || b.kind === 'text' || (b.kind === 'list' && a.kind === 'text');
  if (isSimple && b.maybe === undefined)
    return code(`${sign}${bracketed(b, level.primary)}.includes(${a.text})`, 'flag', more);
  return code(`${sign}${compiler.use('isIn')}(${a.text}, ${b.text})`, 'flag', more);
}

/** `~`: both sides as text. */
function joined(compiler: Compiler, a: Code, b: Code): Code {
  const isSecret = mayBeSecret(a) || mayBeSecret(b);
  const part = (one: Code): string => {
    if (mayBeSecret(one)) return `\${${one.text}}`;
    if (typeof one.literal === 'string') return escaped(one.literal);
    const [, inner] = /^`([^]*)`$/.exec(one.text) ?? [];
    return inner !== undefined && one.kind === 'text' && !inner.includes('`')
      ? inner
      : `\${${compiler.printed(one, 'stringOf')}}`;
  };
  const text = `\`${part(a)}${part(b)}\``;
  const run = runOf(a, b);
  return isSecret ? code(`${compiler.use('withSecrets')}${text}`, 'any', { run }) : code(text, 'text', { run });
}

const escaped = (text: string): string => templateText(text).replaceAll('\n', '\\n');

function sum(compiler: Compiler, a: Code, b: Code): Code {
  const run = runOf(a, b);
  if (a.kind === 'text' || b.kind === 'text') return joined(compiler, a, b);
  if (a.kind === 'number' && b.kind === 'number')
    return code(`${bracketed(a, level.sum)} + ${bracketed(b, level.product)}`, 'number', { level: level.sum, run });
  const isList = (one: Code): boolean => one.kind === 'list' || one.kind === 'texts';
  if (isList(a) || isList(b)) {
    const spread = (one: Code): string =>
      one.text.startsWith('[') && one.text.endsWith(']') && !one.text.includes('](')
        ? one.text.slice(1, -1)
        : `...${bracketed(one, level.choice)}`;
    const kind = a.kind === 'texts' && b.kind === 'texts' ? 'texts' : 'list';
    const both = [spread(a), spread(b)].filter((one) => one !== '').join(', ');
    return code(`[${both}]`, kind, { run });
  }
  return code(`${compiler.use('plus')}(${a.text}, ${b.text})`, 'any', { run });
}

/** The conditions of `when`: all of them must hold. */
export const conditions = (compiler: Compiler, texts: readonly string[]): Code =>
  all(texts.map((text) => conditionOf(compiler, text)));

/** One condition. `when: "{{ x }}"` means x, with a warning of Ansible's; Jinja amid one makes the text of the condition. */
export function conditionOf(compiler: Compiler, text: string): Code {
  // Ansible makes `{% if %}` of it, where backslashes are Jinja's own.
  if (!/\{[{%]/.test(text)) return condition(compiler, compiler.expressionText(text, { literalBackslashes: false }));
  const made = jinja(() => parseJinja(text.trim())).body;
  const [only, second] = made;
  if (only?.kind !== 'output' || second !== undefined)
    throw new NotImported('condition made of Jinja', 'the condition itself is computed');
  return condition(compiler, compiler.expression(only.expression));
}
