import type { Attribute, Expression } from '../../jinja/index.ts';
import { asText } from './as-text.ts';
import { bracketed, code, level, NotImported, type Code } from './code.ts';
import { runOf, type Compiler } from './compiling.ts';
import { replace } from './filters.ts';

type Method = (value: Code, args: readonly Code[], compiler: Compiler) => Code;

const ofText =
  (name: string, kind: Code['kind']): Method =>
  (value, args, compiler) => {
    const text = asText(compiler, value);
    return code(`${bracketed(text, level.primary)}.${name}(${args.map((one) => one.text).join(', ')})`, kind, {
      run: runOf(value, ...args),
    });
  };

const helper =
  (name: string, kind: Code['kind']): Method =>
  (value, args, compiler) =>
    code(`${compiler.use(name)}(${[value, ...args].map(({ text }) => text).join(', ')})`, kind, {
      run: runOf(value, ...args),
    });

/** Methods of Python's texts, lists and dictionaries. */
const methods: Readonly<Record<string, Method>> = {
  startswith: ofText('startsWith', 'flag'),
  endswith: ofText('endsWith', 'flag'),
  lower: ofText('toLowerCase', 'text'),
  upper: ofText('toUpperCase', 'text'),
  strip: (value, args, compiler) =>
    args.length === 0 ? ofText('trim', 'text')(value, args, compiler) : helper('strip', 'text')(value, args, compiler),
  lstrip: (value, args, compiler) =>
    args.length === 0
      ? ofText('trimStart', 'text')(value, args, compiler)
      : helper('stripStart', 'text')(value, args, compiler),
  rstrip: (value, args, compiler) =>
    args.length === 0
      ? ofText('trimEnd', 'text')(value, args, compiler)
      : helper('stripEnd', 'text')(value, args, compiler),
  split: (value, args, compiler) => {
    const [by, most] = args;
    if (most !== undefined) throw new NotImported('method split', 'split into at most so many');
    if (by === undefined) return helper('words', 'texts')(asText(compiler, value), [], compiler);
    return ofText('split', 'texts')(value, [by], compiler);
  },
  splitlines: (value, _, compiler) =>
    code(`${compiler.use('lines')}(${asText(compiler, value).text})`, 'texts', { run: value.run }),
  replace: (value, args, compiler) => replace({ compiler, value: asText(compiler, value), args }),
  join: (value, [list]) => {
    if (list === undefined) throw new NotImported('method join');
    return code(`${bracketed(list, level.primary)}.join(${value.text})`, 'text', { run: runOf(value, list) });
  },
  find: ofText('indexOf', 'number'),
  ljust: ofText('padEnd', 'text'),
  rjust: ofText('padStart', 'text'),
  isdigit: (value, _, compiler) => code(`/^\\d+$/.test(${asText(compiler, value).text})`, 'flag', { run: value.run }),
  format: (value, args, compiler) => {
    const { literal } = value;
    if (typeof literal === 'string' && /\{(?!\d*\}|\{)/.test(literal.replaceAll('{{', '')))
      throw new NotImported('method format', 'format with settings of its values');
    return helper('formatBraces', 'text')(value, args, compiler);
  },
  title: helper('titleCase', 'text'),
  capitalize: helper('capitalize', 'text'),
  keys: (value) => code(`Object.keys(${value.text})`, 'texts', { run: value.run }),
  values: (value) => code(`Object.values<any>(${value.text})`, 'list', { run: value.run }),
  items: (value, _, compiler) => code(`${compiler.use('entriesOf')}(${value.text})`, 'list', { run: value.run }),
  // They change the value itself, and give nothing.
  append: helper('append', 'null'),
  extend: helper('extend', 'null'),
  update: helper('update', 'null'),
  get: (value, args) => {
    const [key, otherwise] = args;
    if (key === undefined) throw new NotImported('method get');
    const read = `${bracketed(value, level.primary)}[${key.text}]`;
    return otherwise === undefined
      ? code(read, 'any', { run: runOf(value, key) })
      : code(`${read} ?? ${bracketed(otherwise, level.nullish)}`, 'any', {
          run: runOf(value, key, otherwise),
          level: level.nullish,
        });
  },
};

/** @throws NotImported for a method that has no counterpart */
export function compileMethod(compiler: Compiler, { object, name }: Attribute, given: readonly Expression[]): Code {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) throw new NotImported(`method ${name}`, `there is no method ${name} here`);
  const value = compiler.required(compiler.expression(object));
  return method(
    value,
    given.map((one) => compiler.expression(one)),
    compiler,
  );
}
