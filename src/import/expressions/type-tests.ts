import type { Test as JinjaTest } from '../../jinja/index.ts';
import { asText } from './as-text.ts';
import { bracketed, code, level, NotImported, type Code } from './code.ts';
import { negated as not, plainArguments, runOf, type Compiler } from './compiling.ts';
import { condition } from './operators.ts';
import { outcome } from './results.ts';

type Test = (value: Code, args: readonly Code[], compiler: Compiler) => Code;

const flag = (text: string, run: number, binds: number = level.primary): Code =>
  code(text, 'flag', { run, level: binds });

const helper =
  (name: string): Test =>
  (value, args, compiler) =>
    flag(`${compiler.use(name)}(${[value, ...args].map(({ text }) => text).join(', ')})`, runOf(value, ...args));

const typeOf =
  (name: string): Test =>
  (value) =>
    flag(`typeof ${bracketed(value, level.unary)} === '${name}'`, value.run, level.equality);

const compared =
  (operator: string): Test =>
  (value, [other]) => {
    if (other === undefined) throw new NotImported('a test without what it compares with');
    return flag(
      `${bracketed(value, level.sum)} ${operator} ${bracketed(other, level.sum)}`,
      runOf(value, other),
      level.relation,
    );
  };

/** Whether values are equal to Python, which takes 1, 1.0 and True for one. */
const equal: Test = (value, [other], compiler) => {
  if (other === undefined) throw new NotImported('a test without what it compares with');
  const run = runOf(value, other);
  return value.kind === 'text' || other.kind === 'text'
    ? flag(`${bracketed(value, level.sum)} === ${bracketed(other, level.sum)}`, run, level.equality)
    : flag(`${compiler.use('same')}(${value.text}, ${other.text})`, run);
};
const unequal: Test = (...given) => not(equal(...given));

/** `search`, `match`, `regex`: with the flags by name. */
const regex =
  (name: string): Test =>
  (value, args, compiler) =>
    flag(
      `${compiler.use(name)}(${asText(compiler, value).text}, ${args.map(({ text }) => text).join(', ')})`,
      runOf(value, ...args),
    );

const defined: Test = (value) =>
  value.maybe === undefined && value.kind !== 'any'
    ? code('true', 'flag', { literal: true })
    : flag(`${bracketed(value, level.relation)} !== undefined`, value.run, level.equality);

const isNull: Test = (value) => flag(`${bracketed(value, level.relation)} === null`, value.run, level.equality);

const contains: Test = (value, [other], compiler) => {
  if (other === undefined) throw new NotImported('test contains');
  return flag(`${compiler.use('isIn')}(${other.text}, ${value.text})`, runOf(value, other));
};

const tests: Readonly<Record<string, Test>> = {
  defined,
  'undefined': (value, args, compiler) => not(defined(value, args, compiler)),
  'none': isNull,
  'string': typeOf('string'),
  'number': (value, args, compiler) =>
    value.kind === 'number' ? flag('true', 0) : helper('isNumber')(value, args, compiler),
  'boolean': typeOf('boolean'),
  'integer': (value) => flag(`Number.isInteger(${value.text})`, value.run),
  'mapping': helper('isMapping'),
  'sequence': helper('isSequence'),
  'iterable': helper('isSequence'),
  'truthy': (value, _, compiler) => condition(compiler, value),
  'falsy': (value, _, compiler) => not(condition(compiler, value)),
  'even': (value) => flag(`${bracketed(value, level.product)} % 2 === 0`, value.run, level.equality),
  'odd': (value) => flag(`${bracketed(value, level.product)} % 2 !== 0`, value.run, level.equality),
  'divisibleby': (value, [by]) =>
    flag(`${bracketed(value, level.product)} % ${by?.text ?? ''} === 0`, value.run, level.equality),
  'version': (value, [other, operator, ...more], compiler) => {
    if (other === undefined || more.length > 0) throw new NotImported('test version', 'version by other rules');
    const sign = operator?.literal ?? '==';
    return flag(
      `${compiler.use('version')}(${value.text}, '${versionSign(String(sign))}', ${other.text})`,
      runOf(value, other),
    );
  },
  'version_compare': (value, args, compiler) => tests['version']?.(value, args, compiler) ?? value,
  'search': regex('search'),
  'match': regex('match'),
  'regex': regex('search'),
  contains,
  'in': (value, [other], compiler) => {
    if (other === undefined) throw new NotImported('test in');
    return flag(`${compiler.use('isIn')}(${value.text}, ${other.text})`, runOf(value, other));
  },
  'subset': helper('isSubset'),
  'superset': helper('isSuperset'),
  'all': helper('every'),
  'any': helper('some'),
  'eq': equal,
  'equalto': equal,
  '==': equal,
  'sameas': (value, [other]) => {
    if (other === undefined) throw new NotImported('a test without what it compares with');
    const text = `${bracketed(value, level.sum)} === ${bracketed(other, level.sum)}`;
    return flag(text, runOf(value, other), level.equality);
  },
  'ne': unequal,
  '!=': unequal,
  'gt': compared('>'),
  'greaterthan': compared('>'),
  '>': compared('>'),
  'ge': compared('>='),
  '>=': compared('>='),
  'lt': compared('<'),
  'lessthan': compared('<'),
  '<': compared('<'),
  'le': compared('<='),
  '<=': compared('<='),
  'true': (value) => flag(`${bracketed(value, level.relation)} === true`, value.run, level.equality),
  'false': (value) => flag(`${bracketed(value, level.relation)} === false`, value.run, level.equality),
};

/** Tests of a result: `check is changed`. */
const outcomes = new Map([
  ['changed', 'changed'],
  ['change', 'changed'],
  ['failed', 'failed'],
  ['failure', 'failed'],
  ['skipped', 'skipped'],
  ['skip', 'skipped'],
  ['finished', 'finished'],
  ['succeeded', '!failed'],
  ['success', '!failed'],
  ['successful', '!failed'],
]);

/** Names of the comparison as Ansible takes them. */
function versionSign(sign: string): string {
  const names: Record<string, string> = {
    'lt': '<',
    'le': '<=',
    'gt': '>',
    'ge': '>=',
    'eq': '==',
    '=': '==',
    'ne': '!=',
    '<>': '!=',
  };
  return names[sign] ?? sign;
}

/** A test of a value that is compiled already. @throws NotImported */
export function testOf(
  compiler: Compiler,
  written: string,
  value: Code,
  args: readonly Code[],
  negated: boolean,
): Code {
  const name = written.replace(/^ansible\.builtin\./, '');
  const test = Object.hasOwn(tests, name) ? tests[name] : undefined;
  if (test === undefined) throw new NotImported(`test ${name}`, `there is no test ${name} here`);
  const made = test(value, args, compiler);
  return negated ? not(made) : made;
}

/** Of a value that may be a result, such as an item of `check.results`. @throws NotImported for one that cannot be */
function outcomeOf(compiler: Compiler, value: Code, name: string): Code {
  const mayBeResult = value.kind === 'any' || value.kind === 'map';
  if (!mayBeResult || name === 'finished') return outcome(value, name);
  const { text, run } = compiler.required(value);
  return code(`${compiler.use('outcomeOf')}(${text}, '${name}')`, 'flag', { run });
}

/** @throws NotImported for a test that has no counterpart */
export function compileTest(compiler: Compiler, one: JinjaTest): Code {
  const value = compiler.expression(one.input);
  const known = outcomes.get(one.name);
  if (known !== undefined) {
    const name = known.replace('!', '');
    const made = value.result === undefined ? outcomeOf(compiler, value, name) : outcome(value, name);
    return known.startsWith('!') !== one.negated ? not(made) : made;
  }
  if (value.result !== undefined && (one.name === 'defined' || one.name === 'undefined')) {
    const is = (one.name === 'defined') !== one.negated;
    return code(String(is), 'flag', { literal: is });
  }
  const args = plainArguments(one.args).map((arg) => compiler.expression(arg));
  const asksWhetherThere = ['defined', 'undefined', 'truthy', 'falsy', 'none'].includes(one.name);
  const asked = asksWhetherThere ? value : compiler.required(value);
  return testOf(compiler, one.name, asked, args, one.negated);
}
